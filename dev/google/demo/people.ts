import type { people_v1 } from 'googleapis/build/src/apis/people/v1.js'
import { membershipOf } from '../people/address-book.ts'
import type { Person } from '../people/person.ts'
import type { Random } from '../random.ts'
import { cultures, type Culture, type CultureName, type NamePart } from './cultures.ts'
import { lifeOf } from './life.ts'

/** A made-up person; the same draws give the same person. `groups` are labels it may carry. */
export function makePerson(random: Random, { mix, groups }: { mix: readonly CultureName[]; groups: readonly string[] }): Person {
  const culture: Culture = cultures[random.pick(mix)]
  const given = random.pick(culture.given)
  const families = culture.doubleFamily ? random.sample(culture.family, 2) : [random.pick(culture.family)]
  const company = companyOf(random)
  return {
    names: [nameOf(random, culture, given, families)],
    ...emailsOf(random, given, families, company),
    ...phonesOf(random, culture),
    ...(random.chance(0.35) && {
      addresses: Array.from({ length: random.chance(0.2) ? 2 : 1 }, (_, index) => addressOf(random, culture, index === 0 ? 'home' : 'work')),
    }),
    ...(random.chance(0.55) && { organizations: [jobOf(random, company)] }),
    ...lifeOf(random, given.written, company),
    memberships: membershipsOf(random, groups),
    photos: [photoOf(random)],
  }
}

/** A company that does not exist, with a domain that cannot. */
export function companyOf(random: Random): { name: string; domain: string } {
  const word = random.pick([
    'Amber',
    'Basalt',
    'Cobalt',
    'Drizzle',
    'Ember',
    'Flint',
    'Granite',
    'Harbour',
    'Indigo',
    'Jade',
    'Kiln',
    'Lantern',
    'Marble',
    'Nimbus',
    'Opal',
    'Pebble',
  ])
  const kind = random.pick(['Works', 'Studio', 'Press', 'Bakery', 'Clinic', 'Foundry', 'Gardens', 'Logistics', 'School', '& Daughters'])
  return { name: `${word} ${kind}`, domain: `${word}${kind === '& Daughters' ? '' : kind}.example`.toLowerCase() }
}

/** Digits for the `x` of a number pattern. */
export function dial(random: Random, pattern: string): string {
  return pattern.replaceAll('x', () => random.digits(1))
}

function nameOf(random: Random, culture: Culture, given: NamePart, families: readonly NamePart[]): people_v1.Schema$Name {
  const latin = /^\p{Script=Latin}/u.test(given.written)
  const second = latin && random.chance(0.1) ? random.pick(culture.given) : undefined
  const [family] = families
  return {
    ...(latin && random.chance(0.05) && { honorificPrefix: random.pick(['Dr.', 'Prof.', 'Ms.', 'Rev.', 'Sir']) }),
    givenName: given.written,
    ...(second && { middleName: second.written }),
    familyName: families.map((part) => part.written).join(' '),
    ...(latin && random.chance(0.04) && { honorificSuffix: random.pick(['Jr.', 'III', 'PhD', 'MD']) }),
    ...(given.phonetic && { phoneticGivenName: given.phonetic }),
    ...(family?.phonetic && { phoneticFamilyName: family.phonetic, phoneticFullName: `${family.phonetic} ${given.phonetic ?? ''}`.trim() }),
  }
}

function emailsOf(random: Random, given: NamePart, families: readonly NamePart[], company: { domain: string }): Person {
  if (random.chance(0.12)) return {}
  const family = families[0]?.latin ?? ''
  const number = random.between(2, 99)
  const home = random.pick([
    `${given.latin}.${family}`,
    `${given.latin}${number}`,
    `${given.latin.charAt(0)}${family}${number}`,
    `${family}.${given.latin}+friends`,
  ])
  const homes = `${home}@${random.pick(['example.com', 'example.org', 'example.net', 'mail.example.com', 'post.example'])}`
  const all: people_v1.Schema$EmailAddress[] = [
    { value: homes, type: 'home' },
    { value: `${given.latin}.${family}@${company.domain}`, type: 'work' },
    { value: `${given.latin}@${family}.example`, type: random.pick(['other', 'Newsletter', 'École']) },
  ]
  if (random.chance(0.15)) return { emailAddresses: [{ value: homes }] } // no type, as a hurried phone saves it
  return { emailAddresses: random.sample(all, random.pick([1, 1, 1, 2, 2, 3])) }
}

function phonesOf(random: Random, culture: Culture): Person {
  const count = random.pick([0, 1, 1, 1, 1, 2, 2, 3])
  if (count === 0) return {}
  const types = random.sample(['mobile', 'home', 'work', 'main', 'workMobile', 'homeFax', 'Beach house'], count)
  return {
    phoneNumbers: types.map((type) => {
      const [national, international] = random.pick(culture.phones)
      return { value: dial(random, culture.country[0] === 'US' && random.chance(0.5) ? national : international), type }
    }),
  }
}

function addressOf(random: Random, culture: Culture, type: string): people_v1.Schema$Address {
  const [countryCode, country] = culture.country
  return {
    type,
    streetAddress: `${random.between(1, 220)} ${random.pick(culture.streets)}`,
    ...(random.chance(0.3) && { extendedAddress: random.pick(['Flat 3', '2nd floor', 'c/o Example', 'Apt. 12B']) }),
    city: random.pick(culture.cities),
    postalCode: `00${random.digits(3)}`,
    country,
    countryCode,
    ...(random.chance(0.05) && { poBox: `PO Box ${random.between(10, 99)}` }),
  }
}

function jobOf(random: Random, company: { name: string; domain: string }): people_v1.Schema$Organization {
  const [title, department] = random.pick([
    ['Head baker', 'Kitchen'],
    ['Engineer', 'Platform'],
    ['Nurse', 'Ward 4'],
    ['Teacher', 'Music'],
    ['Editor', 'Fiction'],
    ['Accountant', 'Finance'],
    ['Gardener', 'Orchards'],
    ['Driver', 'North route'],
    ['Founder', ''],
  ])
  const since = random.between(2005, 2024)
  return {
    type: 'work',
    name: company.name,
    ...(title && { title }),
    ...(department && random.chance(0.6) && { department }),
    ...(random.chance(0.2) && { domain: company.domain, location: 'Building 2' }),
    current: true,
    ...(random.chance(0.25) && { startDate: { year: since, month: random.between(1, 12), day: 1 } }),
  }
}

function membershipsOf(random: Random, groups: readonly string[]): people_v1.Schema$Membership[] {
  const own = random.chance(0.45) ? random.sample(groups, random.pick([1, 1, 2])) : []
  return ['contactGroups/myContacts', ...(random.chance(0.06) ? ['contactGroups/starred'] : []), ...own].map(membershipOf)
}

function photoOf(random: Random): people_v1.Schema$Photo {
  const url = `/photos/p${random.digits(16)}=s100`
  return random.chance(0.4) ? { url } : { url, default: true }
}
