/** How many points a bucket holds when full, and how many come back each second. */
export interface Quota {
  readonly capacity: number
  readonly restorePerSecond: number
}

/** What a process may spend without asking: so many points until an instant, in milliseconds. */
export type Lease = readonly [points: number, untilMs: number]

/** A token bucket as the database has it: what is spent of it at an instant, leased points included, and which of those may not be spent yet. */
export interface Bucket {
  readonly spent: number
  /** Milliseconds. */
  readonly at: number
  /** By holder. */
  readonly leases: Readonly<Record<string, Lease>>
}

/** What a process that holds a lease wants of the bucket. */
export interface Wish {
  readonly holder: string
  /** Points of its lease that it still has. */
  readonly kept: number
  /** Points that it took and did not use. */
  readonly returned: number
  /** Points that it spent without having had them. */
  readonly owed: number
  /** The least that helps it; 0 when it wants nothing more. */
  readonly need: number
}

/** A lease, as a part of the capacity. */
const leasePart = 0.05
/** A lease, as a part of what is left at most: the nearer the limit, the smaller, so that in the end each process asks for each operation. */
const restPart = 0.125
/** How long a lease is good, milliseconds. */
export const leaseMs = 30_000

/** An untouched bucket. */
export const fullBucket = (at: number): Bucket => ({ spent: 0, at, leases: {} })

/** The points of a lease where plenty is left. */
export function leaseOf({ capacity }: Quota): number {
  return Math.max(1, Math.floor(capacity * leasePart))
}

/**
 * A bucket at an instant. Points come back, but never those that a process may still spend: what is in the bucket and in all leases together is never more
 * than the bucket holds, whatever the processes do. A clock that runs behind another restores nothing.
 */
export function settled(bucket: Bucket, nowMs: number, { restorePerSecond }: Quota): Bucket {
  let { spent, at } = bucket
  const live = Object.entries(bucket.leases).toSorted(([, [, one]], [, [, other]]) => one - other)
  let held = live.reduce((sum, [, [points]]) => sum + points, 0)
  const pass = (to: number): void => {
    if (to <= at) return
    spent = Math.max(held, spent - ((to - at) / 1000) * restorePerSecond)
    at = to
  }
  for (let [next] = live; next !== undefined && next[1][1] <= nowMs; [next] = live) {
    pass(next[1][1])
    held -= next[1][0]
    live.shift()
  }
  pass(nowMs)
  return { spent, at, leases: Object.fromEntries(live) }
}

/** A bucket after a process has settled with it and leased as much as it needs, or more where there is plenty; `granted` is 0 where there is less than it needs. */
export function granting(bucket: Bucket, nowMs: number, quota: Quota, wish: Wish): { bucket: Bucket; granted: number } {
  const { at, leases, ...now } = settled(bucket, nowMs, quota)
  const { [wish.holder]: own, ...others } = leases
  // What a lease that is over has left came back meanwhile: it is bought again, and cannot be given back.
  const spent = now.spent + wish.owed + (own ? -wish.returned : wish.kept)
  const heldByOthers = Object.values(others).reduce((sum, [points]) => sum + points, 0)
  const floored = Math.max(spent, heldByOthers + wish.kept)
  const left = quota.capacity - floored
  const want = Math.max(wish.need, Math.min(leaseOf(quota), Math.floor(left * restPart)))
  const granted = wish.need > 0 && left >= wish.need ? Math.min(want, left) : 0
  const points = wish.kept + granted
  return {
    bucket: { spent: floored + granted, at, leases: points > 0 ? { ...others, [wish.holder]: [points, at + leaseMs] } : others },
    granted,
  }
}

/** Seconds until as many points will have come back; at least 1. */
export function secondsUntil(bucket: Bucket, nowMs: number, quota: Quota, wish: Wish): number {
  const missing = wish.need - (quota.capacity - settled(bucket, nowMs, quota).spent)
  let seconds = Math.max(1, Math.ceil(missing / quota.restorePerSecond))
  // Leases of other processes may hold it up, for as long as they are good at most.
  const latest = seconds + leaseMs / 1000
  while (seconds < latest && granting(bucket, nowMs + seconds * 1000, quota, wish).granted === 0) seconds += 1
  return seconds
}
