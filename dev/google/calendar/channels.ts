import { hashedName } from '../random.ts'
import type { Simulation } from '../simulation.ts'
import type { Account } from '../world.ts'
import type { Calendar } from './calendar.ts'
import { calendarError, invalidValue } from './errors.ts'

/** What goes wrong on the way of notifications. */
export interface NotificationSettings {
  /** Lost, for good. */
  drop: boolean
  /** Each comes twice. */
  duplicate: boolean
  /** Those that wait come newest first. */
  reorder: boolean
  /** Sent with a token that is not the channel's. */
  wrongToken: boolean
}

/** A notification that was sent, or would have been. */
export interface Notification {
  channelId: string
  resourceId: string
  state: 'sync' | 'exists'
  messageNumber: number
  /** HTTP status of the answer; 0 when there was none, null when it was dropped. */
  status: number | null
}

/** An open channel. */
export interface Channel {
  id: string
  resourceId: string
  resourceUri: string
  address: string
  token: string | undefined
  expiresAt: Temporal.Instant
  account: Account
  calendar: Calendar
}

/** The notification channels on calendars. */
export interface Channels {
  /** Those that have neither been stopped nor expired. */
  open(): Channel[]
  /** events.watch. @throws ApiError 400 */
  watch(account: Account, calendar: Calendar, body: unknown, resourceUri: string): object
  /** channels.stop. @throws ApiError 404 */
  stop(account: Account, body: unknown): void
  /**
   * Sends to every open channel what it has not been told: `sync` first, then `exists` once for all that changed since. What a receiver answers
   * with 500, 502, 503 or 504, or not at all, comes again with the next delivery, as Google retries it.
   */
  deliver(): Promise<Notification[]>
  clear(): void
}

/** Google's default and, for events, the most. */
const lifetimeSeconds = 604_800
const receiverTimeoutMs = 10_000

interface Kept extends Channel {
  /** Changes up to this one have been told of. */
  told: number
  messages: number
  waiting: { state: 'sync' | 'exists'; messageNumber: number }[]
}

/** No channels yet. */
export function createChannels({ clock, seed, settings }: Pick<Simulation, 'clock' | 'seed' | 'settings'>): Channels {
  const channels = new Map<string, Kept>()
  const isOpen = (channel: Channel) => Temporal.Instant.compare(clock.now(), channel.expiresAt) < 0
  const open = () => [...channels.values()].filter(isOpen)
  // Numbers grow and have gaps, as Google's do.
  const enqueue = (channel: Kept, state: 'sync' | 'exists') => {
    channel.messages += state === 'sync' ? 1 : 1 + (Number.parseInt(hashedName(8, seed, channel.id, channel.messages).replaceAll(/\D/g, '') || '0', 10) % 9)
    channel.waiting.push({ state, messageNumber: channel.messages })
  }
  const deliverOne = async (channel: Kept, message: Kept['waiting'][number]): Promise<Notification> => {
    const { drop, wrongToken } = settings.notifications
    const notification = { channelId: channel.id, resourceId: channel.resourceId, ...message }
    if (drop) return { ...notification, status: null }
    const token = wrongToken ? hashedName(20, seed, 'wrong token', channel.id) : channel.token
    return { ...notification, status: await post(channel, message, token) }
  }

  return {
    open,
    watch: (account, calendar, body, resourceUri) => {
      const { id, type, address, token, params, expiration } = (body ?? {}) as Record<string, unknown>
      if (typeof id !== 'string' || !/^[\w\-+/=]{1,64}$/.test(id)) throw invalidValue('Invalid value', 'id')
      if (channels.has(id)) throw calendarError(400, 'channelIdNotUnique', `Channel id ${id} not unique`)
      if (type !== 'web_hook' && type !== 'webhook') throw invalidValue('Unknown channel type.', 'type', 'channelUnknown')
      if (typeof address !== 'string' || !isAllowed(address))
        throw calendarError(400, 'push.webhookUrlNotHttps', `WebHook callback must be HTTPS: ${String(address)}`)
      if (token !== undefined && (typeof token !== 'string' || token.length > 256)) throw invalidValue('Invalid value', 'token')
      const seconds = Math.min(Number((params as { ttl?: string } | undefined)?.ttl ?? lifetimeSeconds) || lifetimeSeconds, lifetimeSeconds)
      const latest = clock.now().add({ seconds })
      const wished = expiration === undefined ? latest : Temporal.Instant.fromEpochMilliseconds(Number(expiration))
      const expiresAt = Temporal.Instant.compare(wished, latest) < 0 ? wished : latest
      const resourceId = hashedName(27, seed, 'resource', account.sub, calendar.id)
      const channel: Kept = { id, resourceId, resourceUri, address, token, expiresAt, account, calendar, told: calendar.lastChange(), messages: 0, waiting: [] }
      channels.set(id, channel)
      enqueue(channel, 'sync')
      return { kind: 'api#channel', id, resourceId, resourceUri, ...(token !== undefined && { token }), expiration: String(expiresAt.epochMilliseconds) }
    },
    stop: (account, body) => {
      const { id, resourceId } = (body ?? {}) as Record<string, unknown>
      const channel = channels.get(String(id))
      if (!channel || channel.resourceId !== resourceId || channel.account !== account || !isOpen(channel))
        throw calendarError(404, 'notFound', `Channel '${String(id)}' not found for project`)
      channels.delete(channel.id)
    },
    deliver: async () => {
      const sent: Notification[] = []
      for (const channel of open()) {
        if (channel.calendar.lastChange() > channel.told) enqueue(channel, 'exists')
        channel.told = channel.calendar.lastChange()
        const { duplicate, reorder } = settings.notifications
        const messages = channel.waiting.splice(0).flatMap((message) => (duplicate ? [message, message] : [message]))
        for (const message of reorder ? messages.toReversed() : messages) {
          const notification = await deliverOne(channel, message)
          sent.push(notification)
          if ([0, 500, 502, 503, 504].includes(notification.status ?? 200) && !channel.waiting.includes(message)) channel.waiting.push(message)
        }
      }
      return sent
    },
    clear: () => channels.clear(),
  }
}

function isAllowed(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname } = new URL(address)
  // Google wants HTTPS; on the loopback interface there is none.
  return protocol === 'https:' || (protocol === 'http:' && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(hostname))
}

async function post(
  { id, resourceId, resourceUri, address, expiresAt }: Channel,
  message: Kept['waiting'][number],
  token: string | undefined,
): Promise<number> {
  const headers = {
    'x-goog-channel-id': id,
    'x-goog-channel-expiration': httpDate(expiresAt),
    ...(token !== undefined && { 'x-goog-channel-token': token }),
    'x-goog-resource-id': resourceId,
    'x-goog-resource-uri': resourceUri,
    'x-goog-resource-state': message.state,
    'x-goog-message-number': String(message.messageNumber),
  }
  try {
    const answer = await fetch(address, { method: 'POST', headers, redirect: 'manual', signal: AbortSignal.timeout(receiverTimeoutMs) })
    await answer.body?.cancel()
    return answer.status
  } catch {
    return 0
  }
}

/** RFC 9110: `Tue, 03 Mar 2026 10:00:00 GMT`. */
function httpDate(instant: Temporal.Instant): string {
  const { dayOfWeek, day, month, year, hour, minute, second } = instant.toZonedDateTimeISO('UTC')
  const two = (number: number) => String(number).padStart(2, '0')
  const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
  return `${days[dayOfWeek - 1]}, ${two(day)} ${months[month - 1]} ${year} ${two(hour)}:${two(minute)}:${two(second)} GMT`
}
