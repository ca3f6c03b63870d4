import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { demoWorld } from '../../dev/google/demo/world.ts'
import { personFields, type Person } from '../../dev/google/people/person.ts'

const world = demoWorld({ seed: 'kith', clock: fixedClock('2026-06-01T00:00:00Z') })
const peopleOf = (email: string): Person[] =>
  world
    .account(email)
    .addressBook.people()
    .map((entry) => entry.person)
const ada = peopleOf('ada@example.test')
const valuesOf = (field: 'emailAddresses' | 'phoneNumbers') =>
  world.accounts.flatMap((account) => peopleOf(account.email)).flatMap((person) => person[field]?.map((item) => item.value ?? '') ?? [])

test('the same seed makes the same world at any time, another seed another one', () => {
  const peopleWith = (seed: string, now: string) =>
    demoWorld({ seed, clock: fixedClock(now) })
      .account('ada@example.test')
      .addressBook.people()
      .map((entry) => entry.person)
  expect(peopleWith('kith', '2027-01-01T00:00:00Z')).toEqual(ada)
  expect(peopleWith('other', '2027-01-01T00:00:00Z')).not.toEqual(ada)
})

test('Ada knows hundreds, Grace dozens, Alan a few, and one account has an unverified address', () => {
  expect(ada.length).toBeGreaterThan(300)
  expect(peopleOf('grace@example.test').length).toBeGreaterThan(40)
  expect(peopleOf('alan@example.test').length).toBeLessThan(10)
  expect(world.accounts.filter((account) => !account.emailVerified).map((account) => account.email)).toEqual(['uma@example.test'])
})

test('every field that a contact can hold occurs', () => {
  // Given by profiles and by Google itself, never saved with a contact.
  const elsewhere = new Set(['ageRanges', 'coverPhotos'])
  for (const field of personFields)
    if (!elsewhere.has(field))
      expect(
        ada.some((person) => person[field] !== undefined),
        field,
      ).toBe(true)
})

test('names come in many scripts, Japanese ones with their sound', () => {
  const names = ada.map((person) => person.names?.[0]?.displayName ?? '').join('\n')
  for (const script of ['Latin', 'Greek', 'Cyrillic', 'Han', 'Hangul', 'Arabic', 'Hebrew', 'Devanagari'])
    expect(names, script).toMatch(new RegExp(`\\p{Script=${script}}`, 'u'))
  expect(names).toMatch(/\p{Emoji_Presentation}/u)
  expect(ada.some((person) => /^\p{Script=Hiragana}+$/u.test(person.names?.[0]?.phoneticFamilyName ?? ''))).toBe(true)
  expect(ada.some((person) => person.names === undefined)).toBe(true)
})

test('every primary mark is single, and every item names its source', () => {
  for (const person of ada) {
    for (const field of personFields) {
      const items = field === 'metadata' ? [] : ((person[field] ?? []) as { metadata?: { primary?: boolean; source?: { type?: string } } }[])
      if (items.length > 0) expect(items.filter((item) => item.metadata?.primary)).toHaveLength(1)
      for (const item of items) expect(item.metadata?.source?.type).toMatch(/^(CONTACT|PROFILE)$/)
    }
  }
})

test('every address is on a domain reserved for examples', () => {
  const domains = new Set(
    valuesOf('emailAddresses')
      .filter((value) => value.includes('@'))
      .map((value) => value.trim().toLowerCase().split('@').at(-1) ?? ''),
  )
  for (const domain of domains) expect(domain).toMatch(/(^|\.)(example|test|example\.(com|org|net))$/)
})

test('every telephone number is in a range kept for fiction, or cannot be dialled', () => {
  const fictional = [
    /^\+1\d{3}55501\d\d/,
    /^\+44(207946|161496)0\d{3}/,
    /^\+447700900\d{3}/,
    /^\+33(199|639)\d+/,
    /^\+49(3023125|8999998|2214710)\d{3}/,
    /^\+46(8465004|3139006)\d\d/,
    /^\+61(25550|37010)\d{4}/,
  ]
  const canonical = world.accounts
    .flatMap((account) => peopleOf(account.email))
    .flatMap((person) => person.phoneNumbers?.flatMap((phone) => phone.canonicalForm ?? []) ?? [])
  expect(canonical.length).toBeGreaterThan(200)
  for (const number of canonical)
    expect(
      fictional.some((range) => range.test(number)),
      number,
    ).toBe(true)
  expect(valuesOf('phoneNumbers').length).toBeGreaterThan(canonical.length)
})

test('some people are there twice', () => {
  const seen = new Map<string, number>()
  for (const person of ada)
    for (const value of new Set(person.emailAddresses?.map((email) => email.value?.toLowerCase() ?? ''))) seen.set(value, (seen.get(value) ?? 0) + 1)
  expect([...seen.values()].filter((count) => count > 1).length).toBeGreaterThan(5)
})

test('the command prints its origin, serves on loopback and ends with its parent', async () => {
  const child = spawn(process.execPath, ['dev/google/main.ts', '--with-parent'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const origin = line.toString().trim()
  expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect((await fetch(`${origin}/.well-known/openid-configuration`)).status).toBe(200)
  child.stdin.end()
  expect(await once(child, 'exit')).toEqual([0, null])
})
