import type { Clock } from '../../../src/core/clock.ts'
import { issuer } from '../oauth/id-token.ts'
import type { SigningKeys } from '../oauth/keys.ts'
import { hashedNumber } from '../random.ts'
import type { Account } from '../world.ts'
import { signPush, type Forgery } from './push-token.ts'
import type { GmailSettings } from './service.ts'

/** How Pub/Sub pushes, and what goes wrong with it. */
export interface PushSettings {
  /** Where pushes are POSTed; null keeps them waiting. */
  endpoint: string | null
  /** `aud` of the token. */
  audience: string
  /** `email` of the token. */
  serviceAccount: string
  subscription: string
  /** What is false about the tokens from now on. */
  forgery: Forgery | null
  /** Pushes are lost instead of queued. */
  lose: boolean
  /** How often each push is sent. Default 1. */
  copies: number
  /** The newest first. */
  reversed: boolean
}

/** Everything in order, to nowhere. */
export function pushSettings(): PushSettings {
  return {
    endpoint: null,
    audience: 'https://kith.example/google/push',
    serviceAccount: 'gmail-push@kith-example.iam.gserviceaccount.com',
    subscription: 'projects/kith-example/subscriptions/gmail',
    forgery: null,
    lose: false,
    copies: 1,
    reversed: false,
  }
}

/** A push on its way. */
export interface Push {
  readonly messageId: string
  readonly emailAddress: string
  readonly historyId: string
  readonly publishedAt: Temporal.Instant
  attempts: number
  dueAt: Temporal.Instant
}

/** A push as it was answered; status 0 when nobody answered. */
export interface Delivery {
  messageId: string
  status: number
}

/** Watches, and the pushes that come of them. */
export interface Pushes {
  /** Those not yet accepted, the oldest first. */
  readonly pending: readonly Push[]
  /** Pushes that were never made since the account had one less than a second before. */
  readonly dropped: number
  watch(account: Account, watch: Watch): void
  unwatch(account: Account): void
  /** Whether the account's mailbox is watched now. */
  isWatched(account: Account): boolean
  /** Queues a push that no change has made: an unknown account, an old history id, a replay of a message id. */
  publish(push: { emailAddress: string; historyId: string; messageId?: string }): Push
  /** Sends what is due, in order, and says how it was answered. What is refused comes again later, as Pub/Sub does it. */
  deliver(): Promise<Delivery[]>
}

/** A watch of one mailbox. */
export interface Watch {
  expiresAt: Temporal.Instant
  /** Whether a change with these labels is pushed. */
  concerns: (labelIds: readonly string[]) => boolean
}

/** Gmail pushes at most once a second and account; more are dropped (Gmail's push guide). */
const shortestGapMs = 1000
/** Pub/Sub's usual retry policy: 10 seconds, doubled to 10 minutes, for seven days. */
const firstRetrySeconds = 10
const longestRetrySeconds = 600
const keptDays = 7
/** What Pub/Sub takes for an acknowledgement. */
const accepted = [102, 200, 201, 202, 204]
/** How long Pub/Sub waits for an answer; real milliseconds. */
const answerMs = 10_000

/** No watches, no pushes. */
export function createPushes({ clock, keys, settings }: { clock: Clock; keys: SigningKeys; settings: GmailSettings }): Pushes {
  const watches = new Map<Account, Watch & { lastAt: number }>()
  const listening = new Set<Account>()
  let pending: Push[] = []
  let dropped = 0
  let published = 0

  const isLive = (watch: Watch | undefined): watch is Watch => watch !== undefined && Temporal.Instant.compare(clock.now(), watch.expiresAt) < 0
  const publish: Pushes['publish'] = ({ emailAddress, historyId, messageId = String(hashedNumber(53, 'push', published++)) }) => {
    const push = { messageId, emailAddress, historyId, publishedAt: clock.now(), attempts: 0, dueAt: clock.now() }
    pending.push(push)
    return push
  }
  const changed = (account: Account, labelIds: readonly string[]) => {
    const watch = watches.get(account)
    if (!watch || !isLive(watch) || !watch.concerns(labelIds)) return
    const now = clock.now().epochMilliseconds
    if (now - watch.lastAt < shortestGapMs) return void dropped++
    watch.lastAt = now
    if (!settings.push.lose) publish({ emailAddress: account.email, historyId: String(account.mailbox.history.lastId()) })
  }
  const send = async (endpoint: string, push: Push): Promise<number> => {
    const now = clock.now()
    const { audience, serviceAccount, subscription, forgery } = settings.push
    const token = signPush(keys, { iss: issuer, aud: audience, email: serviceAccount, now }, forgery)
    try {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(envelope(push, subscription)),
        signal: AbortSignal.timeout(answerMs),
      })
      await response.body?.cancel()
      return response.status
    } catch {
      return 0
    }
  }

  return {
    get pending() {
      return pending
    },
    get dropped() {
      return dropped
    },
    watch: (account, watch) => {
      watches.set(account, { ...watch, lastAt: watches.get(account)?.lastAt ?? -Infinity })
      if (!listening.has(account)) account.mailbox.onChange((labelIds) => changed(account, labelIds))
      listening.add(account)
    },
    unwatch: (account) => void watches.delete(account),
    isWatched: (account) => isLive(watches.get(account)),
    publish,
    deliver: async () => {
      const { endpoint, copies, reversed } = settings.push
      if (!endpoint) return []
      const now = clock.now()
      const oldest = now.subtract({ hours: keptDays * 24 })
      pending = pending.filter((push) => Temporal.Instant.compare(push.publishedAt, oldest) > 0)
      const due = pending.filter((push) => Temporal.Instant.compare(push.dueAt, now) <= 0)
      const deliveries: Delivery[] = []
      for (const push of reversed ? due.toReversed() : due) {
        const statuses: number[] = []
        for (let copy = 0; copy < copies; copy++) statuses.push(await send(endpoint, push))
        deliveries.push(...statuses.map((status) => ({ messageId: push.messageId, status })))
        if (statuses.some((status) => accepted.includes(status))) pending = pending.filter((other) => other !== push)
        else push.dueAt = now.add({ seconds: Math.min(firstRetrySeconds * 2 ** push.attempts++, longestRetrySeconds) })
      }
      return deliveries
    },
  }
}

function envelope({ messageId, emailAddress, historyId, publishedAt }: Push, subscription: string): object {
  const data = Buffer.from(JSON.stringify({ emailAddress, historyId })).toString('base64url')
  const publishTime = publishedAt.toString({ fractionalSecondDigits: 3 })
  return { message: { data, messageId, message_id: messageId, publishTime, publish_time: publishTime }, subscription }
}
