import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Bucket, fullBucket, granting, leaseMs, type Quota, secondsUntil, settled } from '../../src/graphql/bucket.ts'

const quotas = fc.record({ capacity: fc.integer({ min: 1, max: 2000 }), restorePerSecond: fc.constantFrom(0.05, 1, 50, 1000) })
/** What processes do: let time pass, lease for an operation of so many points, spend of what is leased, give some of it back, die. */
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ does: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 40_000 }) }) },
    { weight: 5, arbitrary: fc.record({ does: fc.constant('lease' as const), who: fc.integer({ min: 0, max: 3 }), need: fc.integer({ min: 1, max: 600 }) }) },
    {
      weight: 5,
      arbitrary: fc.record({ does: fc.constant('spend' as const), who: fc.integer({ min: 0, max: 3 }), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ does: fc.constant('give back' as const), who: fc.integer({ min: 0, max: 3 }), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
    },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('die' as const), who: fc.integer({ min: 0, max: 3 }) }) },
  ),
  { maxLength: 60 },
)

test('whatever processes lease, spend, give back or take to their graves: together they spend no more than one bucket would have let them', () => {
  fc.assert(
    fc.property(quotas, steps, (quota: Quota, actions) => {
      let now = 0
      let bucket: Bucket = fullBucket(0)
      let ideal = quota.capacity
      const held = [0, 1, 2, 3].map(() => ({ points: 0, until: 0 }))
      for (const action of actions) {
        if (action.does === 'wait') {
          now += action.ms
          ideal = Math.min(quota.capacity, ideal + (action.ms / 1000) * quota.restorePerSecond)
          for (const each of held) if (now >= each.until) each.points = 0
          continue
        }
        const own = held[action.who]!
        const holder = String(action.who)
        if (action.does === 'die') own.points = 0
        if (action.does === 'spend') {
          const points = own.points * action.part
          own.points -= points
          ideal -= points
          expect(ideal).toBeGreaterThan(-1e-6)
        }
        if (action.does === 'give back' && own.points > 0) {
          const returned = own.points * action.part
          own.points -= returned
          bucket = granting(bucket, now, quota, { holder, kept: own.points, returned, owed: 0, need: 0 }).bucket
          own.until = now + leaseMs
        }
        if (action.does === 'lease') {
          const result = granting(bucket, now, quota, { holder, kept: own.points, returned: 0, owed: 0, need: action.need })
          if (result.granted === 0) continue
          expect(result.granted).toBeGreaterThanOrEqual(action.need)
          bucket = result.bucket
          own.points += result.granted
          own.until = now + leaseMs
        }
        const { spent } = settled(bucket, now, quota)
        const points = held.reduce((sum, each) => sum + each.points, 0)
        expect(quota.capacity - spent + points).toBeLessThan(ideal + 1e-6)
      }
    }),
    { numRuns: 2000 },
  )
})

test('a bucket that is left alone is full again, leases and all', () => {
  fc.assert(
    fc.property(quotas, fc.integer({ min: 1, max: 600 }), (quota, need) => {
      const { bucket } = granting(fullBucket(0), 0, quota, { holder: 'a', kept: 0, returned: 0, owed: 0, need })
      const later = leaseMs + (quota.capacity / quota.restorePerSecond) * 1000
      expect(settled(bucket, later, quota)).toEqual({ spent: 0, at: later, leases: {} })
    }),
  )
})

test('the seconds that are named are those after which there is enough', () => {
  const quota = { capacity: 1000, restorePerSecond: 50 }
  const wish = { holder: 'a', kept: 0, returned: 0, owed: 0, need: 100 }
  expect(secondsUntil({ spent: 1000, at: 0, leases: {} }, 0, quota, wish)).toBe(2)
  // Another process may spend all that is leased to it for eight seconds yet.
  expect(secondsUntil({ spent: 1000, at: 0, leases: { b: [1000, 8000] } }, 0, quota, wish)).toBe(10)
})
