import type { Clock } from '../../../src/core/clock.ts'
import { membershipOf } from '../people/address-book.ts'
import type { Person } from '../people/person.ts'
import { seededRandom, type Random } from '../random.ts'
import { createWorld, type World } from '../world.ts'
import { fillCalendars } from './calendar.ts'
import type { CultureName } from './cultures.ts'
import { savedAgain } from './duplicates.ts'
import { oddities } from './oddities.ts'
import { makePerson } from './people.ts'

const wide: CultureName[] = [
  'american',
  'american',
  'american',
  'american',
  'british',
  'british',
  'australian',
  'french',
  'french',
  'german',
  'german',
  'spanish',
  'nordic',
  'central',
  'vietnamese',
  'greek',
  'russian',
  'ukrainian',
  'chinese',
  'japanese',
  'japanese',
  'korean',
  'arabic',
  'hebrew',
  'hindi',
]
const european: CultureName[] = ['british', 'british', 'british', 'french', 'german', 'nordic', 'greek', 'spanish']

/** The accounts of the demo: Ada knows everybody, Grace a few dozen, Alan a handful, and Uma's address is not verified. */
export function demoWorld({ seed, clock }: { seed: string; clock: Clock }): World {
  const world = createWorld({ seed, clock })
  world.addAccount({ email: 'ada@example.test', givenName: 'Ada', familyName: 'Example', locale: 'en-US', region: 'US', timeZone: 'America/New_York' })
  world.addAccount({ email: 'grace@example.test', givenName: 'Grace', familyName: 'Example', locale: 'en-GB', region: 'GB', timeZone: 'Europe/London' })
  world.addAccount({ email: 'alan@example.test', givenName: 'Alan', familyName: 'Example', locale: 'de', region: 'DE', timeZone: 'Europe/Berlin' })
  world.addAccount({ email: 'uma@example.test', givenName: 'Uma', familyName: 'Unverified', emailVerified: false })
  const groupsOfAda = ['Choir', 'Book club', 'Neighbours', 'Climbing', 'Old school 🎓', 'Clients'].map((name) => world.addGroup('ada@example.test', name))
  fillAddressBook(world, 'ada@example.test', { seed, count: 320, groups: groupsOfAda, mix: wide, extras: oddities, duplicates: 12, linkedProfiles: 15 })
  const groupsOfGrace = ['Sailing', 'Work friends'].map((name) => world.addGroup('grace@example.test', name))
  fillAddressBook(world, 'grace@example.test', { seed, count: 60, groups: groupsOfGrace, mix: european, duplicates: 3 })
  fillAddressBook(world, 'alan@example.test', { seed, count: 6, mix: ['german', 'british'] })
  fillAddressBook(world, 'uma@example.test', { seed, count: 3 })
  fillCalendars(world, 'ada@example.test', { seed, clock, people: 66, share: 1 })
  fillCalendars(world, 'grace@example.test', { seed, clock, people: 24, share: 0.7 })
  fillCalendars(world, 'alan@example.test', { seed, clock, people: 4, share: 0.4 })
  fillCalendars(world, 'uma@example.test', { seed, clock, people: 2, share: 0.2 })
  return world
}

/** What to put into an address book. */
export interface Filling {
  seed: string
  /** Made-up people, beside the extras, the duplicates and none else. */
  count: number
  groups?: readonly string[]
  mix?: readonly CultureName[]
  extras?: readonly Person[]
  /** How many of the people are there twice. */
  duplicates?: number
  /** How many have a Google profile of their own, whose name and picture stand beside the saved ones. */
  linkedProfiles?: number
}

/** Fills an account's address book with made-up people, each last changed at some time from 2019 to early 2026. Also for tests that need many. */
export function fillAddressBook(
  world: World,
  email: string,
  { seed, count, groups = [], mix = wide, extras = [], duplicates = 0, linkedProfiles = 0 }: Filling,
): void {
  const random = seededRandom(`${seed}\npeople of ${email}`)
  const people = Array.from({ length: count }, () => makePerson(random, { mix, groups }))
  const again = random.sample(people, duplicates).map((person) => savedAgain(random, person))
  for (const person of random.sample(people, linkedProfiles)) linkProfile(random, person)
  const all = [...people]
  for (const extra of [...extras, ...again]) all.splice(random.below(all.length + 1), 0, extra)
  const begin = Temporal.Instant.from('2019-03-01T08:00:00Z')
  const seconds = all.map(() => random.below(7 * 365 * 86_400)).sort((one, other) => one - other)
  for (const [index, person] of all.entries()) {
    world.addPerson(email, { memberships: [membershipOf('contactGroups/myContacts')], ...person }, begin.add({ seconds: seconds[index] ?? 0 }))
  }
}

function linkProfile(random: Random, person: Person): void {
  const source = { type: 'PROFILE', id: `1${random.digits(20)}` }
  const [name] = person.names ?? []
  person.names = [...(person.names ?? []), { givenName: name?.givenName ?? '', familyName: `${name?.familyName ?? ''} 🌱`, metadata: { source } }]
  person.photos = [{ url: `/photos/p${random.digits(16)}=s100`, metadata: { source } }, ...(person.photos ?? [])]
}
