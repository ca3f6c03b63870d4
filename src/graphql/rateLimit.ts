import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { App } from '../app.ts'
import { execute, rows, sql } from '../db/client.ts'
import { type Bucket, fullBucket, granting, leaseMs, leaseOf, type Quota, secondsUntil, settled, type Wish } from './bucket.ts'

export type { Quota } from './bucket.ts'

/** Whether points were taken, and what is left for the caller as far as this process knows. */
export interface Taken {
  readonly granted: boolean
  readonly remaining: number
  /** Seconds until as many points as were asked for will have come back; 0 when they were granted. */
  readonly retryAfter: number
  /** Says what it cost in fact, and gives back the rest; answers what is left. Whatever is not settled counts as spent. */
  settle(actual: number): number
}

/**
 * Token buckets that all processes share. A process leases some of a bucket's points and spends them by itself, so that most requests cost no statement.
 * Leased points count as spent and do not come back while they may be spent: all processes together never spend more than the bucket holds.
 */
export interface Buckets {
  take(key: string, points: number, quota: Quota): Promise<Taken>
  /** What is left, as far as this process knows. */
  left(key: string, quota: Quota): number
}

/** What this process knows of a bucket and holds of it. */
interface Holding {
  /** Leased and unspent; negative when an operation cost more than was asked for. */
  points: number
  /** The lease they are from; another number with every lease. */
  lease: number
  /** What the lease was for. */
  leased: number
  /** Until when they may be spent, milliseconds. */
  until: number
  /** Taken of this lease by operations that still run. */
  running: number
  /** To be given back, and to be paid, with the next statement. */
  returned: number
  owed: number
  owedAt: number
  /** The bucket as this process last saw it, and which version of its row that was; null when nobody knows. */
  bucket: Bucket
  version: number | null
  seenAt: number
  /** The statement under way. */
  busy: Promise<unknown> | null
}

/** How much sooner than the database a process takes a lease for over, for clocks that do not agree; milliseconds. */
const marginMs = 1000
/** How old what a process knows may be for it to refuse somebody by that, milliseconds. */
const refusalMs = 1000
/** How often a row that others change at the same time is tried. */
const tries = 50

/** Buckets in the table `rate_limits`. While the database does not answer, each process counts for itself, and pays afterwards. */
export function createBuckets(app: Pick<App, 'clock' | 'database' | 'log'>): Buckets {
  const holder = randomBytes(9).toString('base64url')
  const holdings = new LRUCache<string, Holding>({ max: 50_000 })
  const nowMs = (): number => app.clock.now().epochMilliseconds
  const holdingOf = (key: string): Holding => {
    let holding = holdings.get(key)
    const now = nowMs()
    if (!holding) {
      holding = {
        points: 0,
        lease: 0,
        leased: 0,
        until: 0,
        running: 0,
        returned: 0,
        owed: 0,
        owedAt: 0,
        bucket: fullBucket(now),
        version: null,
        seenAt: -Infinity,
        busy: null,
      }
      holdings.set(key, holding)
    }
    if (holding.points > 0 && now >= holding.until) Object.assign(holding, { points: 0, leased: 0, running: 0, lease: holding.lease + 1 })
    return holding
  }
  // What the bucket as this process sees it has not heard of; some of it has come back since.
  const owedBy = ({ owed, owedAt }: Holding, quota: Quota): number => Math.max(0, owed - (Math.max(0, nowMs() - owedAt) / 1000) * quota.restorePerSecond)
  const wishOf = (holding: Holding, points: number, quota: Quota): Wish => ({
    holder,
    kept: Math.max(0, holding.points),
    returned: holding.returned,
    owed: holding.version === null ? 0 : owedBy(holding, quota),
    // What was spent beyond what was asked for may be more than a bucket holds: it is then paid for bucket by bucket.
    need: points > 0 ? Math.min(points - holding.points, quota.capacity) : 0,
  })
  const leftOf = ({ bucket, points, returned }: Holding, quota: Quota): number => {
    const left = quota.capacity - settled(bucket, nowMs(), quota).spent + points + returned
    return Math.max(0, Math.floor(Math.min(quota.capacity, left)))
  }

  /** Settles with the shared bucket, and leases if `points` are wanted. */
  const settleUp = async (key: string, holding: Holding, points: number, quota: Quota): Promise<void> => {
    for (let attempt = 1; attempt <= tries; attempt += 1) {
      if (holding.version === null) Object.assign(holding, await read(app, key, nowMs()), { seenAt: nowMs() })
      const now = nowMs()
      const wish = wishOf(holding, points, quota)
      const { bucket, granted } = granting(holding.bucket, now, quota, wish)
      if (points > 0 && granted === 0) return
      if (await write(app, key, bucket, holding.version ?? 0)) {
        holding.points += granted
        holding.returned -= wish.returned
        holding.owed = 0
        const leased = wish.kept + granted
        Object.assign(holding, { bucket, version: (holding.version ?? 0) + 1, seenAt: now, lease: holding.lease + 1, leased, running: 0, until: now + leaseMs - marginMs }) // prettier-ignore
        return
      }
      holding.version = null
    }
    throw new Error('Others were faster every time.')
  }
  /** One statement at a time for each bucket; what comes meanwhile is in what it did, or in the next. */
  const settling = (key: string, holding: Holding, points: number, quota: Quota): Promise<unknown> =>
    (holding.busy ??= settleUp(key, holding, points, quota)
      .catch((error: unknown) => {
        app.log.warn({ err: error }, 'Rate limits are counted in this process alone: the database does not answer.')
        const now = nowMs()
        const { bucket, granted } = granting(holding.bucket, now, quota, { ...wishOf(holding, points, quota), returned: 0, owed: 0 })
        holding.points += granted
        // What was leased before is over when it was to be over: nobody has heard that it goes on.
        const until = granted > 0 ? now + leaseMs - marginMs : holding.until
        Object.assign(holding, { bucket, version: null, seenAt: now, owed: owedBy(holding, quota) + granted, owedAt: now, until })
      })
      .finally(() => (holding.busy = null)))

  const settle = (key: string, holding: Holding, quota: Quota, { asked, lease }: { asked: number; lease: number }, actual: number): number => {
    const unused = asked - actual
    if (lease === holding.lease) {
      holding.running -= asked
      holding.points += unused
    } else if (unused > 0) holding.returned += unused
    else holding.points += unused
    const portion = leaseOf(quota)
    if (holding.points > 2 * portion) {
      holding.returned += holding.points - portion
      holding.points = portion
    }
    // A large part of a lease that is spent, or given back, must not keep points from coming back to the bucket.
    const idle = holding.leased - Math.max(0, holding.points) - holding.running
    if (idle > portion || holding.returned > portion) void settling(key, holding, 0, quota)
    return leftOf(holding, quota)
  }

  return {
    take: async (key, points, quota) => {
      for (;;) {
        const holding = holdingOf(key)
        if (holding.points >= points) {
          holding.points -= points
          holding.running += points
          const taken = { asked: points, lease: holding.lease }
          return {
            granted: true,
            // Hardly anybody asks: settling says it too.
            get remaining() {
              return leftOf(holding, quota)
            },
            retryAfter: 0,
            settle: (actual) => settle(key, holding, quota, taken, actual),
          }
        }
        const now = nowMs()
        const wish = wishOf(holding, points, quota)
        // Others mostly take: shortly after it was seen that there is too little, asking again would be in vain.
        const known = now - holding.seenAt < refusalMs && now >= holding.seenAt
        if (known && !holding.busy && granting(holding.bucket, now, quota, wish).granted === 0) {
          const remaining = leftOf(holding, quota)
          return { granted: false, remaining, retryAfter: secondsUntil(holding.bucket, now, quota, wish), settle: () => remaining }
        }
        if (!known) holding.version = null
        await settling(key, holding, points, quota)
      }
    },
    left: (key, quota) => leftOf(holdingOf(key), quota),
  }
}

interface Row {
  spent: number
  at: Date
  leases: Bucket['leases']
  version: number
}

async function read(app: Pick<App, 'database'>, key: string, now: number): Promise<{ bucket: Bucket; version: number }> {
  const [row] = await rows<Row>({ app: app as App, db: app.database.prisma }, sql`SELECT spent, at, leases, version FROM rate_limits WHERE key = ${key}`)
  if (!row) return { bucket: fullBucket(now), version: 0 }
  return { bucket: { spent: row.spent, at: row.at.getTime(), leases: row.leases }, version: row.version }
}

/** Writes a bucket that nobody has changed since it was read; false when somebody has. */
async function write(app: Pick<App, 'database'>, key: string, { spent, at, leases }: Bucket, version: number): Promise<boolean> {
  const ctx = { app: app as App, db: app.database.prisma }
  const written = await execute(
    ctx,
    version === 0
      ? sql`INSERT INTO rate_limits (key, spent, at, leases, version) VALUES (${key}, ${spent}::float8, ${new Date(at)}::timestamptz, ${JSON.stringify(leases)}::jsonb, 1) ON CONFLICT (key) DO NOTHING`
      : sql`UPDATE rate_limits SET spent = ${spent}::float8, at = ${new Date(at)}::timestamptz, leases = ${JSON.stringify(leases)}::jsonb, version = version + 1
            WHERE key = ${key} AND version = ${version}::int`,
  )
  return written > 0
}
