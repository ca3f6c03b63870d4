import { defineDomain } from '../domain.ts'
import { directoryDuePolicy, eventHeadPolicy, eventPolicy, outboxPolicy } from './policy.ts'

/** What every write leaves behind: its event, and what it sets off. */
export const events = defineDomain({
  name: 'events',
  policies: {
    Event: eventPolicy,
    EventHead: eventHeadPolicy,
    OutboxRow: outboxPolicy,
    DirectoryDue: directoryDuePolicy,
  },
})
