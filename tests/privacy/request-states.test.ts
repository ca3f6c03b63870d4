import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { closedStates, type Facts, type RequestEvent, requestEvents, step, transitions } from '../../src/privacy/requestStates.ts'
import { type RequestState, requestStates } from '../../src/privacy/vocabulary.ts'

type From = RequestState | 'NEW'
const froms: readonly From[] = ['NEW', ...requestStates]

/** Written from the reference's table, not from the code: from, event, to. */
const allowed: readonly (readonly [From, RequestEvent, RequestState])[] = [
  ['NEW', 'submit', 'RECEIVED'],
  ['RECEIVED', 'acknowledge', 'ACKNOWLEDGED'],
  ['RECEIVED', 'duplicate', 'DUPLICATE'],
  ['ACKNOWLEDGED', 'duplicate', 'DUPLICATE'],
  ['AWAITING_IDENTITY', 'duplicate', 'DUPLICATE'],
  ['ACKNOWLEDGED', 'askIdentity', 'AWAITING_IDENTITY'],
  ['ACKNOWLEDGED', 'verify', 'IN_ASSESSMENT'],
  ['AWAITING_IDENTITY', 'verify', 'IN_ASSESSMENT'],
  ['AWAITING_IDENTITY', 'failIdentity', 'DENIED'],
  ['AWAITING_IDENTITY', 'fallBack', 'IN_ASSESSMENT'],
  ['IN_ASSESSMENT', 'extend', 'IN_ASSESSMENT'],
  ['IN_ASSESSMENT', 'approve', 'APPROVED'],
  ['IN_ASSESSMENT', 'approvePart', 'PARTIALLY_APPROVED'],
  ['IN_ASSESSMENT', 'deny', 'DENIED'],
  ['APPROVED', 'execute', 'EXECUTING'],
  ['PARTIALLY_APPROVED', 'execute', 'EXECUTING'],
  ['EXECUTING', 'failStep', 'EXECUTION_FAILED'],
  ['EXECUTION_FAILED', 'retry', 'EXECUTING'],
  ['EXECUTING', 'complete', 'COMPLETED'],
  ['EXECUTING', 'offerDownload', 'AWAITING_DOWNLOAD'],
  ['AWAITING_DOWNLOAD', 'download', 'COMPLETED'],
  ['AWAITING_DOWNLOAD', 'expireDownload', 'COMPLETED'],
  ['RECEIVED', 'withdraw', 'WITHDRAWN'],
  ['ACKNOWLEDGED', 'withdraw', 'WITHDRAWN'],
  ['AWAITING_IDENTITY', 'withdraw', 'WITHDRAWN'],
  ['IN_ASSESSMENT', 'withdraw', 'WITHDRAWN'],
  ['APPROVED', 'withdraw', 'WITHDRAWN'],
  ['PARTIALLY_APPROVED', 'withdraw', 'WITHDRAWN'],
  ['COMPLETED', 'reopen', 'IN_ASSESSMENT'],
  ['DENIED', 'reopen', 'IN_ASSESSMENT'],
  ...requestStates.map((state) => [state, 'note', state] as const),
]

/** Facts under which every guard of an event holds. */
const good: Facts = {
  type: 'ACCESS',
  requiredLevel: 1,
  provenLevel: 1,
  late: false,
  extended: false,
  hasReason: true,
  decision: 'ALL',
  canFallBack: false,
  hasNews: true,
}
const factsFor = (event: RequestEvent): Facts => ({
  ...good,
  ...(event === 'askIdentity' || event === 'failIdentity' ? { provenLevel: 0 } : {}),
  ...(event === 'fallBack' ? { canFallBack: true } : {}),
  ...(event === 'approvePart' ? { decision: 'PART' as const } : {}),
  ...(event === 'deny' ? { decision: 'NOTHING' as const } : {}),
})

describe.each(froms)('[S-25] a request that is %s', (from) => {
  test.each(requestEvents)('%s leads where the table of the reference says, or is refused with a sentence', (event) => {
    const to = allowed.find(([state, name]) => state === from && name === event)?.[2]
    const result = step(from, event, factsFor(event))
    if (to) expect(result).toMatchObject({ to })
    else expect(result).toEqual({ refusal: expect.stringMatching(/^A request .*\.$/) as string })
  })
})

describe('[S-25] a guard refuses', () => {
  test.each<[From, RequestEvent, Partial<Facts>]>([
    ['ACKNOWLEDGED', 'verify', { requiredLevel: 2 }],
    ['ACKNOWLEDGED', 'askIdentity', {}],
    ['AWAITING_IDENTITY', 'verify', { requiredLevel: 4, provenLevel: 3 }],
    ['AWAITING_IDENTITY', 'failIdentity', { provenLevel: 1 }],
    ['AWAITING_IDENTITY', 'failIdentity', { provenLevel: 0, canFallBack: true }],
    ['AWAITING_IDENTITY', 'fallBack', { canFallBack: false }],
    ['IN_ASSESSMENT', 'extend', { hasReason: false }],
    ['IN_ASSESSMENT', 'extend', { late: true }],
    ['IN_ASSESSMENT', 'extend', { extended: true }],
    ['IN_ASSESSMENT', 'approve', { decision: 'PART' }],
    ['IN_ASSESSMENT', 'approve', { decision: 'NONE' }],
    ['IN_ASSESSMENT', 'approvePart', { decision: 'ALL' }],
    ['IN_ASSESSMENT', 'deny', { decision: 'NONE' }],
    ['IN_ASSESSMENT', 'deny', { decision: 'PART' }],
    ['EXECUTING', 'failStep', { hasReason: false }],
    ['COMPLETED', 'reopen', { hasNews: false }],
    ['DENIED', 'reopen', { hasReason: false }],
    ['RECEIVED', 'note', { hasReason: false }],
  ])('%s, %s with %o', (from, event, facts) => {
    expect(step(from, event, { ...good, ...facts })).toEqual({ refusal: expect.any(String) as string })
  })

  test('in every transition that has one: none is there for show', () => {
    for (const [from, events] of Object.entries(transitions))
      for (const [event, transition] of Object.entries(events))
        for (const guard of transition.guards) {
          const seen = fc.sample(anyFacts, { numRuns: 200, seed: 1 })
          expect(new Set(seen.map(guard.holds)), `${from} ${event}: ${guard.otherwise}`).toEqual(new Set([true, false]))
        }
  })
})

const anyFacts: fc.Arbitrary<Facts> = fc.record({
  type: fc.constant('ACCESS' as const),
  requiredLevel: fc.integer({ min: 0, max: 5 }),
  provenLevel: fc.integer({ min: 0, max: 5 }),
  late: fc.boolean(),
  extended: fc.boolean(),
  hasReason: fc.boolean(),
  decision: fc.constantFrom('NONE' as const, 'ALL' as const, 'PART' as const, 'NOTHING' as const),
  canFallBack: fc.boolean(),
  hasNews: fc.boolean(),
})

test('[S-25] whatever happens in whatever order, nothing leaves a closed state but a reopening, and nothing is carried out that was not approved', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...requestEvents), anyFacts), { maxLength: 60 }), (happenings) => {
      let state: From = 'NEW'
      let approved = false
      for (const [event, facts] of happenings) {
        const result = step(state, event, facts)
        if ('refusal' in result) continue
        if (closedStates.includes(state as RequestState) && event !== 'reopen') expect(result.to).toBe(state)
        if (result.to === 'APPROVED' || result.to === 'PARTIALLY_APPROVED') approved = true
        if (event === 'reopen') approved = false
        if (result.to === 'EXECUTING' || result.to === 'AWAITING_DOWNLOAD') expect(approved).toBe(true)
        // A clock that was stopped runs again when the wait is over.
        if (state === 'AWAITING_IDENTITY' && event === 'verify') expect(result.effects).toContain('resumeClock')
        if (closedStates.includes(result.to) && result.to !== state) expect(result.effects).toContain('close')
        state = result.to
      }
    }),
    { numRuns: 500 },
  )
})
