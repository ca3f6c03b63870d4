import { type ContactDraft, emptyDraft } from '../src/contacts/draft.ts'
import { randomNumbers } from '../tests/support/cards.ts'

const given =
  'Anna Maria Ben Lukas Emma Paul Sofia Jonas Mia Felix Lena David Laura Tom Julia Max Clara Erik Nora Hugo Alma Oskar Elsa Karl Ida Björn Chloé Zoë José Renée Ángela Łucja Jürgen Søren Þóra Fatima Omar Layla Yusuf Amira Ngozi Chidi Amara Kwame Kenji Haruka Mei Ling Priya Arjun Divya Rohan Ivan Olga Dmitri Natasha Goran Mila Ana Mateo Lucía Diego Carmen Pablo Inês João Giulia Marco Chiara Luca Aoife Sean Niamh Eilidh Callum Bronwyn Rhys'.split(
    ' ',
  )
const scripts = [
  ['陽子', '山本'],
  ['健二', '佐藤'],
  ['伟', '王'],
  ['민준', '김'],
  ['Ольга', 'Нестерова'],
  ['Дмитрий', 'Фёдоров'],
  ['محمد', 'الأحمد'],
  ['Ελένη', 'Παπαδοπούλου'],
] as const
const roots =
  'Ander Berg Carl Dahl Eng Fors Grün Hag Ibar Jok Kowal Lind Mar Nord Oster Pet Quint Ros Sand Thor Ul Vest Wald Yar Zim Ash Black Brook Chester Down Ever Fair Green Hart Ingle Kings Lang Mill North Oak Park Ridge Stan Thorn Under Wood'.split(
    ' ',
  )
const ends = 'son sen ström berg mann ley ton field wood ova ski czyk ez ini ard well shaw by quist holm feld bauer stein hoff'.split(' ')
const families = roots.flatMap((root) => ends.map((end) => root + end))
const companyWords = 'Windmill Harbour Northlight Plum Copper Lantern Meadow Granite Juniper Falcon Orchard Cobalt Maple Tidal Ember'.split(' ')
const companyKinds = 'Bakery Studio Works Partners Logistics Press Labs Garden Foundry Clinic'.split(' ')
const companies = companyWords.flatMap((word) => companyKinds.map((kind) => `${word} ${kind}`))
const providers = ['mail.example', 'post.example', 'inbox.example', 'letters.example', 'work.example.com', 'school.example.org']
/** What contacts are tagged with, the commonest first. */
export const tags = 'Family Friends Choir Climbing School Neighbours Work Customers Book-club Football Travel Garden'.split(' ')
const syllables = 'ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu'.split(' ')
/** The words of texts, the commonest first. */
export const vocabulary = syllables.flatMap((one) => syllables.flatMap((two) => syllables.slice(0, 10).map((three) => one + two + three)))

/** One of a crowd whose names are as unevenly common as names are: always the same for a number. */
export function personOf(number: number): ContactDraft {
  const random = randomNumbers(7_000_003 + number)
  // Zipf-like: the first are many times as common as the last.
  const common = <Item>(items: readonly Item[]): Item => items[Math.floor(items.length * random() ** 2.2)]!
  const any = <Item>(items: readonly Item[]): Item => items[Math.floor(items.length * random())]!
  const [first, last] = random() < 0.04 ? any(scripts) : [common(given), common(families)]
  const local = /^[a-z]+$/i.test(first + last) ? `${first}.${last}${random() < 0.5 ? number % 100 : ''}`.toLowerCase() : `person${number}`
  return {
    ...emptyDraft(),
    name: { given: first, family: last, ...(random() < 0.1 ? { nickname: first.slice(0, 3) + 'y' } : {}) },
    emails: [{ address: `${local}@${common(providers)}` }, ...(random() < 0.3 ? [{ address: `${local}@${any(companyWords).toLowerCase()}.example.com` }] : [])],
    phones: [
      {
        number:
          random() < 0.5
            ? `+49 15${Math.floor(random() * 1e9)
                .toString()
                .padStart(9, '0')}`
            : `030 ${Math.floor(random() * 1e7)
                .toString()
                .padStart(7, '0')}`,
      },
    ],
    organizations: random() < 0.6 ? [{ name: any(companies) }] : [],
    tags: random() < 0.4 ? [common(tags)] : [],
    about: random() < 0.4 ? Array.from({ length: 12 }, () => common(vocabulary)).join(' ') : undefined,
  }
}

/** What people type, in a mix: starts of names as they are typed letter by letter, whole names, slips, addresses, numbers, words of notes. */
export function searches(count: number, crowd: number): { kind: string; text: string }[] {
  const random = randomNumbers(42)
  const someone = (): ContactDraft => personOf(Math.floor(random() * crowd))
  const slip = (word: string): string => {
    const letters = [...word]
    const at = 1 + Math.floor(random() * Math.max(1, letters.length - 2))
    if (random() < 0.5) letters.splice(at, 1)
    else letters.splice(at, 0, ...letters.splice(at - 1, 1))
    return letters.join('')
  }
  const kinds: Record<string, (person: ContactDraft) => string> = {
    'one letter': (person) => (person.name?.given ?? '').slice(0, 1),
    'two letters': (person) => (person.name?.family ?? '').slice(0, 2),
    'three letters': (person) => (person.name?.given ?? '').slice(0, 3),
    'given name': (person) => person.name?.given ?? '',
    'family name': (person) => person.name?.family ?? '',
    'full name': (person) => `${person.name?.given} ${person.name?.family}`,
    'name and start': (person) => `${person.name?.given} ${(person.name?.family ?? '').slice(0, 2)}`,
    'slip in a family name': (person) => slip(person.name?.family ?? ''),
    'slip in a full name': (person) => `${person.name?.given} ${slip(person.name?.family ?? '')}`,
    'name and organisation': (person) => `${person.name?.given} ${person.organizations[0]?.name ?? 'Windmill'}`,
    organisation: (person) => person.organizations[0]?.name ?? 'Harbour',
    tag: () => tags[Math.floor(random() * tags.length)]!,
    'name and tag': (person) => `${person.name?.given} ${person.tags[0] ?? 'choir'}`,
    'e-mail address': (person) => person.emails[0]?.address ?? '',
    'start of an e-mail address': (person) => (person.emails[0]?.address ?? '').slice(0, 8),
    'domain of many': () => 'mail.example',
    'phone number': (person) => person.phones[0]?.number ?? '',
    'end of a phone number': (person) => (person.phones[0]?.number ?? '').replaceAll(/\D/g, '').slice(-6),
    'word of about': (person) => person.about?.split(' ')[0] ?? 'bacedi',
    'nothing at all': () => 'qqqqzzz',
  }
  const names = Object.keys(kinds)
  return Array.from({ length: count }, (_, index) => {
    const kind = names[index % names.length]!
    return { kind, text: kinds[kind]!(someone()) }
  })
}
