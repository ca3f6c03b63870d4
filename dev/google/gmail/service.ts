import type { Clock } from '../../../src/core/clock.ts'
import { createMeter, type Meter, type Quota } from './quota.ts'
import { createPushes, pushSettings, type Pushes, type PushSettings } from './push.ts'
import type { SigningKeys } from '../oauth/keys.ts'

/** What a test may change of Gmail while the simulator runs. */
export interface GmailSettings {
  /** Null: nothing is limited. */
  quota: Quota | null
  /** Calls of one mailbox at work at once; each part of a batch is one. */
  concurrentCalls: number
  /** Changes older than this are forgotten. Google promises about a week and often keeps more. */
  historyDays: number
  /** So many pages without `history`, but with a token for the next, come before every page of history.list. */
  emptyHistoryPages: number
  /** Another client of the project watches: users.watch is refused until `stop`. */
  watchedElsewhere: boolean
  readonly push: PushSettings
}

/** Nothing limited, nothing pushed. */
export function gmailSettings(): GmailSettings {
  return { quota: null, concurrentCalls: Infinity, historyDays: 7, emptyHistoryPages: 0, watchedElsewhere: false, push: pushSettings() }
}

/** What Gmail keeps beside the mailboxes. */
export interface GmailService {
  readonly meter: Meter
  readonly pushes: Pushes
}

/** A Gmail in which nothing has been spent or watched. */
export function createGmailService(parts: { clock: Clock; keys: SigningKeys; settings: GmailSettings }): GmailService {
  return { meter: createMeter(parts), pushes: createPushes(parts) }
}
