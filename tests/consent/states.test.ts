import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mayAskFrom, validUntil } from '../../src/consent/dates.ts'
import { type ConsentPurpose, type Ground, type Notice, noticeAt, purposes } from '../../src/consent/purposes.ts'
import { readSignals, refusedBy } from '../../src/consent/signals.ts'
import { type ConsentState, consentStates, type Decision, fold, permits } from '../../src/consent/states.ts'

const at = (text: string) => Temporal.Instant.from(text.length === 10 ? `${text}T10:00:00Z` : text)
const notices: [Notice, ...Notice[]] = [
  { version: '1', since: '2026-01-01T00:00:00Z', text: 'One', material: true },
  { version: '2', since: '2026-06-01T00:00:00Z', text: 'One, said better', material: false },
  { version: '3', since: '2026-09-01T00:00:00Z', text: 'Another thing', material: true },
]
const purpose = { notices }
const decided = (state: Decision['state'], when: string, more: Partial<Decision> = {}): Decision => ({
  state,
  source: 'UI',
  noticeVersion: '1',
  validUntil: null,
  at: at(when),
  ...more,
})
const stateOf = (decisions: Decision[], now: string, changes: string[] = []): ConsentState => fold(purpose, decisions, changes.map(at), at(now)).state

describe('the state is what folding the ledger gives', () => {
  test('[S-16] and of all states only GIVEN and RENEWED permit anything', () => {
    expect(consentStates.filter(permits)).toEqual(['GIVEN', 'RENEWED'])
  })

  test.each([
    [[], 'UNKNOWN'],
    [['REQUESTED'], 'REQUESTED'],
    [['REFUSED'], 'REFUSED'],
    [['REQUESTED', 'GIVEN'], 'GIVEN'],
    [['GIVEN', 'REQUESTED'], 'GIVEN'],
    [['GIVEN', 'RENEWED'], 'RENEWED'],
    [['RENEWED'], 'UNKNOWN'],
    [['REFUSED', 'RENEWED'], 'REFUSED'],
    [['REFUSED', 'EXPIRED'], 'REFUSED'],
    [['GIVEN', 'EXPIRED', 'RENEWED'], 'RENEWED'],
    [['GIVEN', 'WITHDRAWN'], 'WITHDRAWN'],
    [['GIVEN', 'WITHDRAWN', 'REQUESTED'], 'REQUESTED'],
    [['GIVEN', 'WITHDRAWN', 'GIVEN'], 'GIVEN'],
    [['GIVEN', 'INVALIDATED'], 'INVALIDATED'],
    [['GIVEN', 'INVALIDATED', 'RENEWED'], 'INVALIDATED'],
  ] as [Decision['state'][], ConsentState][])('%j is %s', (states, expected) => {
    expect(
      stateOf(
        states.map((state, index) => decided(state, `2026-02-0${index + 1}`)),
        '2026-03-01',
      ),
    ).toBe(expected)
  })

  test('whatever came before, a last no is a no, and nothing that is not a yes turns into one', () => {
    const states = consentStates.filter((state) => state !== 'UNKNOWN') as Decision['state'][]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...states), { maxLength: 8 }), (list) => {
        const ledger = list.map((state, index) => decided(state, `2026-02-0${index + 1}`))
        for (const no of ['REFUSED', 'WITHDRAWN', 'INVALIDATED'] as const) expect(stateOf([...ledger, decided(no, '2026-02-20')], '2026-03-01')).toBe(no)
        if (permits(stateOf(ledger, '2026-03-01'))) expect(list.some((state) => state === 'GIVEN')).toBe(true)
      }),
    )
  })

  test('[S-58] a yes ends when a notice that asks for something else is shown, and not for better words', () => {
    const given = [decided('GIVEN', '2026-02-01')]
    expect(stateOf(given, '2026-08-31T23:59:59.999Z')).toBe('GIVEN')
    expect(stateOf(given, '2026-09-01T00:00:00Z')).toBe('EXPIRED')
    expect(stateOf([decided('GIVEN', '2026-09-02', { noticeVersion: '3' })], '2026-10-01')).toBe('GIVEN')
    // A page that was opened before and sent after shows the old notice.
    expect(stateOf([decided('GIVEN', '2026-09-02', { noticeVersion: '1' })], '2026-10-01')).toBe('EXPIRED')
  })

  test('a yes to a notice that nobody knows is none', () => {
    expect(stateOf([decided('GIVEN', '2026-02-01', { noticeVersion: '9' })], '2026-02-01')).toBe('EXPIRED')
  })

  test('[S-58] a yes ends when a policy changes its purpose, at that moment and not for who says yes later', () => {
    const given = [decided('GIVEN', '2026-02-01')]
    expect(stateOf(given, '2026-03-01T09:59:59Z', ['2026-03-01'])).toBe('GIVEN')
    expect(stateOf(given, '2026-03-01', ['2026-03-01'])).toBe('EXPIRED')
    expect(stateOf([...given, decided('GIVEN', '2026-03-02')], '2026-04-01', ['2026-03-01'])).toBe('GIVEN')
    expect(stateOf([...given, decided('WITHDRAWN', '2026-02-02')], '2026-04-01', ['2026-03-01'])).toBe('WITHDRAWN')
  })

  test('a yes ends when its time is over, to the millisecond', () => {
    const given = [decided('GIVEN', '2026-02-01', { validUntil: at('2026-04-01') })]
    expect(stateOf(given, '2026-04-01T09:59:59.999Z')).toBe('GIVEN')
    expect(fold(purpose, given, [], at('2026-04-01'))).toMatchObject({ state: 'EXPIRED', source: 'SYSTEM' })
  })
})

describe('dates', () => {
  test.each([
    ['P6M', '2026-08-31', '2027-02-28'],
    ['P6M', '2027-08-31', '2028-02-29'],
    ['P24M', '2028-02-29', '2030-02-28'],
    ['P6M', '2026-01-15', '2026-07-15'],
  ])('a consent for %s from %s lasts until %s', (validFor, from, until) => {
    expect(validUntil({ validFor }, at(from))?.toString()).toBe(at(until).toString())
  })

  test.each([
    ['REFUSED', 'P12M', '2026-02-28T23:59:00Z', '2027-03-01'],
    ['WITHDRAWN', 'P12M', '2028-02-29T00:00:00Z', '2029-03-01'],
    ['REFUSED', 'P12M', '2026-12-31T12:00:00Z', '2028-01-01'],
    ['REFUSED', 'P6M', '2026-08-31T12:00:00Z', '2027-03-01'],
  ] as const)('[S-49] after %s nobody is asked for %s: said at %s, asked from %s on', (state, askAgainAfter, since, from) => {
    expect(mayAskFrom({ askAgainAfter }, { state, source: 'UI', since: at(since) })?.toString()).toBe(`${from}T00:00:00Z`)
  })

  test('and everybody else may be asked at once', () => {
    for (const state of ['UNKNOWN', 'EXPIRED', 'INVALIDATED', 'REQUESTED'] as const)
      expect(mayAskFrom({ askAgainAfter: 'P12M' }, { state, source: 'UI', since: at('2026-01-01') })).toBeNull()
  })
})

describe('[S-50] signals', () => {
  test.each([
    ['1', true],
    ['1, 1', true],
    ['0, 1', true],
    [' 1 ', true],
    ['0', false],
    ['true', false],
    ['1;x', false],
    ['11', false],
    ['', false],
    [null, false],
  ])('a header of %j is heard as %s', (value, heard) => {
    const one = { get: (name: string) => (name === 'sec-gpc' ? value : null) }
    expect(readSignals(one)).toEqual({ gpc: heard, dnt: false })
    expect(readSignals({ get: (name: string) => (name === 'dnt' ? value : null) })).toEqual({ gpc: false, dnt: heard })
  })

  test('Do Not Track says no to measuring, Global Privacy Control to selling and sharing as well', () => {
    expect(refusedBy({ gpc: false, dnt: false })).toEqual([])
    expect(refusedBy({ gpc: false, dnt: true })).toEqual(['ANALYTICAL_COOKIES', 'PERFORMANCE_COOKIES'])
    expect(refusedBy({ gpc: true, dnt: false })).toEqual(['ANALYTICAL_COOKIES', 'PERFORMANCE_COOKIES', 'SALE_OR_SHARING'])
  })
})

describe('what is declared', () => {
  test('[S-14] every purpose has a ground, a title and a notice', () => {
    expect(new Set(purposes.map(({ key }) => key)).size).toBe(purposes.length)
    for (const each of purposes) {
      expect(each.title).not.toBe('')
      expect(noticeAt(each, at('2027-01-01')).text).not.toBe('')
    }
  })

  test('[S-18] what rests on a law cites it, and [S-17] what rests on an interest says how it was weighed', () => {
    const grounds: readonly ConsentPurpose[] = purposes
    for (const each of grounds) {
      if (each.legalBasis === 'LEGAL_OBLIGATION') expect(each.citation).toMatch(/Article/)
      if (each.legalBasis === 'LEGITIMATE_INTEREST') expect(each.assessment).not.toBe('')
    }
    // @ts-expect-error a law that is not named is no ground
    const uncited: Ground = { legalBasis: 'LEGAL_OBLIGATION' }
    // @ts-expect-error nor is an interest that was not weighed
    const unweighed: Ground = { legalBasis: 'LEGITIMATE_INTEREST' }
    expect([uncited, unweighed]).toHaveLength(2)
  })

  test('what an account cannot be without never rests on consent, and what rests on consent is never required', () => {
    for (const { required, legalBasis } of purposes) expect(required).toBe(legalBasis !== 'CONSENT')
  })
})
