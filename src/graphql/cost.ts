import type { ExecutionResult } from 'graphql'
import type { App } from '../app.ts'
import type { Actor, Ctx } from '../core/ctx.ts'
import type { RequestCtx } from './builder.ts'
import { objectCounts } from './objectCounts.ts'
import type { Operation } from './operation.ts'
import { pointsOf } from './points.ts'
import { createBuckets, type Quota } from './rateLimit.ts'
import { refusal } from './refusal.ts'

/** The most points one operation may ask for, whatever is left in the bucket. */
export const maxOperationCost = 1000
/** The most objects one operation may ask for. */
const maxNodes = 10_000
/** What a mutation costs besides the objects it answers. */
const mutationCost = 10

/** What an operation cost, as `extensions.cost` says it. */
export interface Cost {
  /** Points it could have cost, which had to be there before it ran. */
  requested: number
  /** Points it did cost; null when it did not run. */
  actual: number | null
  /** Points the bucket holds when full. */
  limit: number
  /** Points left. */
  remaining: number
  /** Points that come back each second. */
  restoreRate: number
}

/** An operation's points, taken before it runs. */
export interface Charge {
  /** Gives back what it did not cost. */
  settle(result: ExecutionResult): Cost
}

/** Points of a request to a route, taken before its work is done. */
export interface WorkCharge {
  /** Gives back what it did not cost. */
  settle(actual: number): Cost
}

/** Charges callers for what they ask. */
export interface Meter {
  /** Takes one point from an anonymous caller's bucket, by address. @throws RATE_LIMITED */
  chargeAddress(address: string): Promise<Charge>
  /** Takes what the operation can cost from the credential's bucket. @throws COST_EXCEEDED, RATE_LIMITED */
  charge(ctx: RequestCtx, operation: Operation, variables: Record<string, unknown>): Promise<Charge>
  /** Takes what the work of a route can cost from the same bucket; of work that costs more than the bucket holds, all that it holds. @throws RATE_LIMITED */
  chargeWork(ctx: Ctx, points: number): Promise<WorkCharge>
}

const meters = new WeakMap<App, Meter>()

/** The app's meter: one for the GraphQL server and the routes, so that a process leases a bucket's points once. */
export function meterOf(app: App): Meter {
  let meter = meters.get(app)
  if (!meter) meters.set(app, (meter = createMeter(app)))
  return meter
}

function createMeter(app: App): Meter {
  const buckets = createBuckets(app)
  const { costCapacity, costRestorePerSecond, anonymousPerMinute } = app.config.limits
  const signedIn: Quota = { capacity: costCapacity, restorePerSecond: costRestorePerSecond }
  const anonymous: Quota = { capacity: anonymousPerMinute, restorePerSecond: anonymousPerMinute / 60 }

  const bucketOf = (key: string): string => app.vault.master.mac('rate limit', key).toString('base64url')
  const bucketsOfActors = new WeakMap<Actor, string>()
  const bucketOfActor = (actor: Actor): string => {
    let bucket = bucketsOfActors.get(actor)
    if (!bucket) bucketsOfActors.set(actor, (bucket = bucketOf(credentialOf(actor))))
    return bucket
  }
  const take = async (bucket: string, requested: number, quota: Quota): Promise<WorkCharge> => {
    const taken = await buckets.take(bucket, requested, quota)
    if (!taken.granted) {
      const { remaining, retryAfter } = taken
      const cost = costOf(requested, null, remaining, quota)
      throw refusal('RATE_LIMITED', `Too many points spent: try again in ${retryAfter} s.`, {
        extensions: { cost },
        headers: { 'retry-after': String(retryAfter), ...rateLimitHeaders(cost) },
      })
    }
    return {
      settle: (actual) => costOf(requested, actual, taken.settle(actual), quota),
    }
  }

  return {
    chargeAddress: async (address) => {
      const taken = await take(bucketOf(`address ${address}`), 1, anonymous)
      return { settle: () => taken.settle(1) }
    },
    chargeWork: (ctx, points) => take(bucketOfActor(ctx.actor), Math.min(points, costCapacity), signedIn),
    charge: async (ctx, operation, variables) => {
      const bucket = bucketOfActor(ctx.actor)
      const requested = requestedCost(ctx, operation, variables)
      const most = Math.min(maxOperationCost, costCapacity)
      if (requested > most) {
        const cost = costOf(requested, null, buckets.left(bucket, signedIn), signedIn)
        const why =
          requested > maxNodes
            ? `The operation asks for more than ${maxNodes} objects.`
            : `The operation can cost ${requested} points; one operation may cost ${most}. Ask for shorter pages, or for less in each.`
        throw refusal('COST_EXCEEDED', why, { extensions: { cost }, headers: rateLimitHeaders(cost) })
      }
      const taken = await take(bucket, requested, signedIn)
      return { settle: (result) => taken.settle(operation.needs.introspects ? requested : actualCost(result, operation) + ctx.work.points) }
    },
  }
}

function costOf(requested: number, actual: number | null, remaining: number, { capacity, restorePerSecond }: Quota): Cost {
  return { requested, actual, limit: capacity, remaining, restoreRate: Math.round(restorePerSecond * 100) / 100 }
}

/** The draft standard's headers (draft-ietf-httpapi-ratelimit-headers-11): the policy, and what is left of it. */
export function rateLimitHeaders({ limit, remaining, restoreRate }: Cost): Record<string, string> {
  const seconds = (points: number): number => Math.max(1, Math.ceil(points / restoreRate))
  return { 'ratelimit-policy': `"points";q=${limit};w=${seconds(limit)}`, ratelimit: `"points";r=${remaining};t=${seconds(limit - remaining)}` }
}

function credentialOf(actor: Actor): string {
  if (actor.kind === 'token') return `token ${actor.tokenId}`
  if (actor.kind === 'user') return `session ${actor.sessionId}`
  return actor.kind
}

/** The points that an operation can cost: one for each object that its answer can hold, and ten for each mutation; at least one. */
export function requestedCost(ctx: RequestCtx, operation: Operation, variables: Record<string, unknown>): number {
  return Math.max(1, Math.ceil(pointsOf(ctx, operation, variables))) + mutationsIn(operation) * mutationCost
}

/** The points that an answer did cost, by the same rule; what its fields did besides is in the ctx. */
export function actualCost(result: ExecutionResult, operation: Operation): number {
  const objects = (result.data && objectCounts.get(result.data)) ?? objectsIn(result.data ?? null) - 1
  return Math.max(1, objects) + mutationsIn(operation) * mutationCost
}

function objectsIn(value: unknown): number {
  if (value === null || typeof value !== 'object' || value instanceof Date) return 0
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + objectsIn(each), 0)
  return Object.values(value).reduce((sum: number, each) => sum + objectsIn(each), 1)
}

function mutationsIn(operation: Operation): number {
  return operation.node.operation === 'mutation' ? operation.rootFields.length : 0
}
