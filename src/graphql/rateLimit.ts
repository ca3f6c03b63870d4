import { LRUCache } from 'lru-cache'
import type { App } from '../app.ts'
import { toDate } from '../core/clock.ts'
import { execute, rows, type Sql, sql } from '../db/client.ts'

/** How many points a bucket holds when full, and how many come back each second. */
export interface Quota {
  readonly capacity: number
  readonly restorePerSecond: number
}

/** Whether points were taken, and what is left for the caller as far as this process knows. */
export interface Taken {
  readonly granted: boolean
  readonly remaining: number
  /** Seconds until as many points as were asked for will have come back; 0 when they were granted. */
  readonly retryAfter: number
}

/** Token buckets that all processes share. A process leases some of a bucket's points and spends them by itself, so that most requests cost no statement; what a process can overspend is one lease. */
export interface Buckets {
  take(key: string, points: number, quota: Quota): Promise<Taken>
  /** Settles what was taken too much (or, negative, too little). */
  giveBack(key: string, points: number, quota: Quota): number
}

/** What this process knows of a bucket and holds of it. */
interface Holding {
  /** Leased and unspent; negative when an operation cost more than was asked for. */
  points: number
  /** What the shared bucket held at `at`, as this process last saw it. */
  shared: number
  at: number
  leasing: Promise<void> | null
}

/** A lease, as a part of the capacity. */
const leasePart = 0.05

/** Buckets in the table `rate_limits`. While the database does not answer, each process counts for itself. */
export function createBuckets(app: Pick<App, 'clock' | 'database' | 'log'>): Buckets {
  const holdings = new LRUCache<string, Holding>({ max: 50_000 })
  const nowMs = (): number => app.clock.now().epochMilliseconds
  const holdingOf = (key: string, quota: Quota): Holding => {
    let holding = holdings.get(key)
    if (!holding) holdings.set(key, (holding = { points: 0, shared: quota.capacity, at: nowMs(), leasing: null }))
    return holding
  }
  const sharedNow = (holding: Holding, { capacity, restorePerSecond }: Quota): number =>
    Math.min(capacity, holding.shared + (Math.max(0, nowMs() - holding.at) / 1000) * restorePerSecond)
  const left = (holding: Holding, quota: Quota): number => Math.max(0, Math.floor(Math.min(quota.capacity, sharedNow(holding, quota) + holding.points)))

  const lease = async (key: string, holding: Holding, need: number, quota: Quota): Promise<void> => {
    const want = Math.max(need, leaseOf(quota))
    try {
      const [row] = await rows<{ spent: number; granted: number }>(
        { app: app as App, db: app.database.prisma },
        takeStatement(key, need, want, quota, toDate(app.clock.now())),
      )
      if (!row) throw new Error('A bucket gave no answer.')
      Object.assign(holding, { points: holding.points + row.granted, shared: quota.capacity - row.spent, at: nowMs() })
    } catch (error) {
      app.log.warn({ err: error }, 'Rate limits are counted in this process alone: the database does not answer.')
      const shared = sharedNow(holding, quota)
      const granted = shared >= need ? Math.min(want, shared) : 0
      Object.assign(holding, { points: holding.points + granted, shared: shared - granted, at: nowMs() })
    }
  }

  return {
    take: async (key, points, quota) => {
      const holding = holdingOf(key, quota)
      for (;;) {
        if (holding.points >= points) {
          holding.points -= points
          return { granted: true, remaining: left(holding, quota), retryAfter: 0 }
        }
        const need = points - holding.points
        const missing = need - sharedNow(holding, quota)
        // Others only take from what this process last saw, so asking again would be in vain.
        if (missing > 0) return { granted: false, remaining: left(holding, quota), retryAfter: Math.max(1, Math.ceil(missing / quota.restorePerSecond)) }
        holding.leasing ??= lease(key, holding, need, quota).finally(() => (holding.leasing = null))
        await holding.leasing
      }
    },
    giveBack: (key, points, quota) => {
      const holding = holdingOf(key, quota)
      holding.points += points
      const spare = holding.points - leaseOf(quota)
      if (spare > leaseOf(quota)) {
        holding.points -= spare
        holding.shared = Math.min(quota.capacity, sharedNow(holding, quota) + spare)
        holding.at = nowMs()
        execute({ app: app as App, db: app.database.prisma }, returnStatement(key, spare, quota, toDate(app.clock.now()))).catch((error: unknown) =>
          app.log.warn({ err: error }, 'Unused points could not be returned to their bucket.'),
        )
      }
      return left(holding, quota)
    },
  }
}

function leaseOf({ capacity }: Quota): number {
  return Math.max(1, Math.floor(capacity * leasePart))
}

/** What of a bucket is spent at an instant, given what the row says of an earlier one. A clock that runs behind another restores nothing. */
function spentAt(now: Date, { restorePerSecond }: Quota): Sql {
  return sql`greatest(0, bucket.spent - greatest(0, extract(epoch FROM ${now}::timestamptz - bucket.at)::float8) * ${restorePerSecond}::float8)`
}

/** Takes `want` points or what is left of them, but nothing when that is less than `need`. */
function takeStatement(key: string, need: number, want: number, quota: Quota, now: Date): Sql {
  const spent = spentAt(now, quota)
  const granted = sql`CASE WHEN ${quota.capacity}::float8 - ${spent} >= ${need}::float8 THEN least(${want}::float8, ${quota.capacity}::float8 - ${spent}) ELSE 0 END`
  return sql`
    INSERT INTO rate_limits AS bucket (key, spent, granted, at) VALUES (${key}, ${want}::float8, ${want}::float8, ${now}::timestamptz)
    ON CONFLICT (key) DO UPDATE SET spent = ${spent} + ${granted}, granted = ${granted}, at = greatest(bucket.at, excluded.at)
    RETURNING spent, granted`
}

function returnStatement(key: string, points: number, quota: Quota, now: Date): Sql {
  return sql`UPDATE rate_limits AS bucket SET spent = greatest(0, ${spentAt(now, quota)} - ${points}::float8), at = greatest(bucket.at, ${now}::timestamptz) WHERE key = ${key}`
}
