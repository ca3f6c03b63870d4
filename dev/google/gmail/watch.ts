import type { Simulation } from '../simulation.ts'
import type { Access } from './access.ts'
import { gmailError, mailArgument } from './errors.ts'

/** A watch ends this long after it was last asked for (reference of users.watch). */
const watchDays = 7

/** users.watch: changes of the mailbox are pushed from now on. @throws ApiError */
export function watchMailbox({ clock, settings, gmail }: Simulation, { account }: Access, body: unknown): object {
  const { topicName, labelIds = [], labelFilterBehavior, labelFilterAction } = (body ?? {}) as Partial<WatchRequest>
  if (typeof topicName !== 'string' || !/^projects\/[^/]+\/topics\/[^/]+$/.test(topicName))
    throw mailArgument('Invalid topicName does not match projects/<project>/topics/*')
  if (settings.gmail.watchedElsewhere)
    throw gmailError(400, 'INVALID_ARGUMENT', 'invalidArgument', 'Only one user push notification client allowed per developer (call /stop then try again)')
  const unknown = labelIds.find((label) => !account.mailbox.labels.has(label))
  if (unknown !== undefined) throw mailArgument(`Invalid label: ${unknown}`)
  const expiresAt = clock.now().add({ hours: watchDays * 24 })
  const exclude = (labelFilterBehavior ?? labelFilterAction)?.toLowerCase() === 'exclude'
  gmail.pushes.watch(account, { expiresAt, concerns: (labels) => labelIds.length === 0 || labelIds.some((label) => labels.includes(label)) !== exclude })
  return { historyId: String(account.mailbox.history.lastId()), expiration: String(expiresAt.epochMilliseconds) }
}

/** users.stop: no more pushes; also clears a watch another client had. */
export function stopWatching({ settings, gmail }: Simulation, { account }: Access): void {
  gmail.pushes.unwatch(account)
  settings.gmail.watchedElsewhere = false
}

interface WatchRequest {
  topicName: string
  labelIds: string[]
  labelFilterBehavior: string
  /** Its old name. */
  labelFilterAction: string
}
