import { LRUCache } from 'lru-cache'
import type { Clock } from '../core/clock.ts'
import type { Notices } from './notices.ts'

/** Things read from a database, which are good until a notice tells of their change. */
export interface Remembered<Value extends object> {
  /** What was remembered under a key, while it may be relied on. */
  get(key: string): Value | undefined
  /** What is remembered, or else what `read` finds, which is remembered from then on; null is not. */
  of<Found extends Value | null>(key: string, read: () => Promise<Found>): Promise<Value | Found>
  /** As `of`, but reads in any case. */
  renew<Found extends Value | null>(key: string, read: () => Promise<Found>): Promise<Found>
}

/** How long something is relied on while notices may be missed, milliseconds: with the time that reading takes, a change holds within a second. */
const unheardMs = 900

interface Entry<Value> {
  value: Value
  tags: readonly string[]
  readAt: number
  /** The era of notices in which reading it began; null when none were heard. */
  era: number | null
}

/**
 * A memory of `max` things. `tagsOf` says by which ids notices tell of one; `lifeMs` how long one is relied on at most, milliseconds, however quiet it is;
 * what never changes while it is there has no such end, and is only let go of.
 * Whatever `read` found is relied on for longer than a moment only if no notice of it came while it was being read.
 */
export function remember<Value extends object>(
  { notices, clock }: { notices: Notices; clock: Clock },
  { max, lifeMs, tagsOf }: { max: number; lifeMs: number | null; tagsOf: (value: Value) => readonly string[] },
): Remembered<Value> {
  const keysOf = new Map<string, Set<string>>()
  const entries = new LRUCache<string, Entry<Value>>({
    max,
    dispose: ({ tags }, key) => {
      for (const tag of tags) {
        const keys = keysOf.get(tag)
        keys?.delete(key)
        if (keys?.size === 0) keysOf.delete(tag)
      }
    },
  })
  /** What came while things are being read; a set each. */
  const reading = new Set<Set<string>>()
  notices.onNotice((ids) => {
    for (const id of ids) {
      for (const key of keysOf.get(id) ?? []) entries.delete(key)
      for (const came of reading) came.add(id)
    }
  })
  const nowMs = (): number => clock.now().epochMilliseconds

  const get = (key: string): Value | undefined => {
    const entry = entries.get(key)
    if (!entry) return undefined
    if (lifeMs === null) return entry.value
    const age = nowMs() - entry.readAt
    if (age < 0 || age >= lifeMs) return undefined
    return age < unheardMs || (entry.era !== null && entry.era === notices.era()) ? entry.value : undefined
  }
  const renew = async <Found extends Value | null>(key: string, read: () => Promise<Found>): Promise<Found> => {
    const [readAt, era, came] = [nowMs(), notices.era(), new Set<string>()]
    reading.add(came)
    try {
      const value = await read()
      entries.delete(key)
      if (value === null) return value
      const tags = tagsOf(value)
      // What this process has committed itself is heard before anybody is told, so that it must not come back even for a moment.
      if (tags.some((tag) => came.has(tag))) return value
      entries.set(key, { value, tags, readAt, era })
      for (const tag of tags) {
        const keys = keysOf.get(tag)
        if (keys) keys.add(key)
        else keysOf.set(tag, new Set([key]))
      }
      return value
    } finally {
      reading.delete(came)
    }
  }
  return { get, renew, of: async (key, read) => get(key) ?? renew(key, read) }
}
