/** The kinds of program whose manner of writing a generated card follows. */
type Manner = 'phone21' | 'web30' | 'phone30' | 'plain40'

const manners: Manner[] = ['phone21', 'web30', 'phone30', 'plain40']
const givenNames = [
  'Ada',
  'Björn',
  'Chloé',
  'Dmitri',
  'Eilidh',
  'Fatima',
  'Goran',
  'Hanna',
  'Ines',
  'Jürgen',
  'Kenji',
  'Łucja',
  'Mateo',
  'Ngozi',
  'Oona',
  'Þóra',
  '陽子',
  'Ольга',
]
const familyNames = [
  'Ashdown',
  'Brück',
  'Castellanos',
  "D'Arcy",
  'Ekström',
  'Fyodorov',
  'Grünwald',
  'Håkansson',
  'Ibarra',
  'Jokinen',
  'Kowalczyk',
  'Lindqvist',
  '山本',
  'Нестерова',
]
const companies = ['Windmill Bakery', 'Harbour & Sons', 'Café Größe', 'Northlight; Studio', 'Plum, Pear and Co']
const cities = ['Lund', 'Genève', 'Kraków', 'Porto', 'Galway']

/** Numbers that look random and are always the same for a seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The card with a number: always the same text for the same number and seed, written in one of four manners. */
export function cardText(number: number, seed = 1): string {
  const random = randomNumbers(seed * 1_000_003 + number)
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!
  const person = {
    given: pick(givenNames),
    family: `${pick(familyNames)} ${number}`,
    email: `person${number}@example.test`,
    phone: `+4670${String(1_000_000 + (number % 9_000_000))}`,
    company: pick(companies),
    city: pick(cities),
    year: 1940 + Math.floor(random() * 65),
    month: 1 + Math.floor(random() * 12),
    day: 1 + Math.floor(random() * 28),
    note: `Met at the ${pick(['market', 'library', 'harbour', 'choir'])} in ${pick(cities)}; likes ${pick(['rye bread', 'sailing', 'chess, go', 'tulips'])}.`,
    photo: number % 20 === 0 ? Buffer.from(Array.from({ length: 900 }, () => Math.floor(random() * 256))).toString('base64') : undefined,
  }
  return writers[manners[number % manners.length]!](person, number)
}

/** A file of `count` cards, in chunks of about 64 KiB. */
export function* cardFile(count: number, seed = 1): Generator<Buffer> {
  let pieces: string[] = []
  let length = 0
  for (let number = 0; number < count; number++) {
    const card = cardText(number, seed)
    pieces.push(card)
    length += card.length
    if (length < 65_536) continue
    yield Buffer.from(pieces.join(''))
    pieces = []
    length = 0
  }
  if (pieces.length > 0) yield Buffer.from(pieces.join(''))
}

interface Person {
  given: string
  family: string
  email: string
  phone: string
  company: string
  city: string
  year: number
  month: number
  day: number
  note: string
  photo: string | undefined
}

const two = (part: number) => String(part).padStart(2, '0')
const escape = (text: string) => text.replace(/[\\,;]/g, '\\$&')
const fold = (line: string) => line.replace(/.{60}(?=.)/gsu, '$&\r\n ')
const quote = (text: string) =>
  Array.from(Buffer.from(text), (byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')
    .replace(/(?:=..){20}(?=.)/g, '$&=\r\n')
const coded = ';CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE'

const writers: Record<Manner, (person: Person, number: number) => string> = {
  phone21: (person) =>
    [
      'BEGIN:VCARD',
      'VERSION:2.1',
      `N${coded}:${quote(person.family)};${quote(person.given)};;;`,
      `FN${coded}:${quote(`${person.given} ${person.family}`)}`,
      `TEL;CELL;PREF:${person.phone}`,
      `EMAIL;HOME:${person.email}`,
      `ORG${coded}:${quote(person.company)}`,
      `NOTE${coded}:${quote(person.note)}`,
      `BDAY:${person.year}-${two(person.month)}-${two(person.day)}`,
      `X-ANDROID-CUSTOM:vnd.android.cursor.item/nickname;Nick${person.year};1;;;;;;;;;;;;;`,
      ...(person.photo ? [`PHOTO;ENCODING=BASE64;JPEG:${person.photo.replace(/.{72}(?=.)/g, '$&\r\n ')}`, ''] : []),
      'END:VCARD',
      '',
    ].join('\r\n'),
  web30: (person) =>
    [
      'BEGIN:VCARD',
      'VERSION:3.0',
      `FN:${escape(`${person.given} ${person.family}`)}`,
      `N:${escape(person.family)};${escape(person.given)};;;`,
      `EMAIL;TYPE=INTERNET;TYPE=WORK:${person.email}`,
      `TEL;TYPE=CELL:${person.phone}`,
      fold(`NOTE:${escape(person.note)}`),
      `BDAY:${person.year}${two(person.month)}${two(person.day)}`,
      'item1.X-ABDATE:2001-05-06',
      'item1.X-ABLabel:_$!<Anniversary>!$_',
      `X-ICQ:${person.year}${person.day}`,
      'CATEGORIES:myContacts,Choir',
      'END:VCARD',
      '',
    ].join('\r\n'),
  phone30: (person, number) =>
    [
      'BEGIN:VCARD',
      'VERSION:3.0',
      'PRODID:-//Example//Pocket Phone//EN',
      `N:${escape(person.family)};${escape(person.given)};;;`,
      `FN:${escape(`${person.given} ${person.family}`)}`,
      `ORG:${escape(person.company)};Front desk`,
      `EMAIL;type=INTERNET;type=HOME;type=pref:${person.email}`,
      `TEL;type=CELL;type=VOICE;type=pref:${person.phone}`,
      `item1.ADR;type=HOME;type=pref:;;Mill Lane ${number};${person.city};;${10_000 + (number % 80_000)};Sweden`,
      'item1.X-ABADR:se',
      'item2.URL;type=pref:http\\://people.example.test/' + number,
      'item2.X-ABLabel:_$!<HomePage>!$_',
      `BDAY;X-APPLE-OMIT-YEAR=1604;value=date:1604-${two(person.month)}-${two(person.day)}`,
      ...(person.photo ? [fold(`PHOTO;ENCODING=b;TYPE=JPEG:${person.photo}`)] : []),
      'END:VCARD',
      '',
    ].join('\r\n'),
  plain40: (person, number) =>
    [
      'BEGIN:VCARD',
      'VERSION:4.0',
      `UID:urn:uuid:00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
      `FN:${escape(`${person.given} ${person.family}`)}`,
      `N:${escape(person.family)};${escape(person.given)};;;`,
      `EMAIL;PREF=1:${person.email}`,
      `TEL;VALUE=uri;TYPE="cell,voice":tel:${person.phone}`,
      `BDAY:--${two(person.month)}${two(person.day)}`,
      'LANG;PREF=1:sv',
      fold(`NOTE:${escape(person.note)}`),
      'END:VCARD',
      '',
    ].join('\n'),
}
