import type { Property } from './property.ts'

// Types that say nothing a user would read.
const silent = new Set(['PREF', 'VOICE', 'INTERNET', 'POSTAL', 'PARCEL', 'DOM', 'INTL', 'MSG', 'X400', 'TEXT', 'VIDEO', 'PCS'])
const words: Record<string, string> = {
  CELL: 'mobile',
  IPHONE: 'iPhone',
  'X-MOBILE': 'mobile',
  'X-OTHER': 'other',
}
// No program writes more types of one property; a hostile file might.
const maxTypes = 20
const places = ['home', 'work', 'other']

/** What RFC 6350 lets a TYPE say, as the label's words. */
const standardTypes: Record<'TEL' | 'OTHER', Record<string, string>> = {
  TEL: {
    home: 'home',
    work: 'work',
    mobile: 'cell',
    fax: 'fax',
    pager: 'pager',
    textphone: 'textphone',
  },
  OTHER: { home: 'home', work: 'work' },
}

/** The labels that Apple's address book names itself, as `_$!<HomePage>!$_`. */
const builtIn: Record<string, string> = {
  'home page': 'HomePage',
  'home fax': 'HomeFAX',
  'work fax': 'WorkFAX',
  'other fax': 'OtherFAX',
  anniversary: 'Anniversary',
  birthday: 'Birthday',
  other: 'Other',
  main: 'Main',
  spouse: 'Spouse',
  partner: 'Partner',
  child: 'Child',
  mother: 'Mother',
  father: 'Father',
  parent: 'Parent',
  brother: 'Brother',
  sister: 'Sister',
  friend: 'Friend',
  manager: 'Manager',
  assistant: 'Assistant',
}

/** What an X-ABLabel says: `_$!<HomePage>!$_` is `home page`, other text stands for itself. */
export function readAppleLabel(text: string): string {
  const named = /^_\$!<(.*)>!\$_$/.exec(text)?.[1]
  if (named === undefined) return text
  return named.replace(/(\p{Ll})(?=\p{Lu})/gu, '$1 ').toLowerCase()
}

/** Writes a label for X-ABLabel, in Apple's own name for it where there is one. */
export function writeAppleLabel(label: string): string {
  const name = Object.hasOwn(builtIn, label) ? builtIn[label] : undefined
  return name === undefined ? label : `_$!<${name}>!$_`
}

/** The label that a property's TYPE parameters make: the place first (`work fax`). */
export function labelOfTypes(types: string[]): string | undefined {
  const said: string[] = []
  for (const type of types.slice(0, maxTypes)) {
    const upper = type.toUpperCase()
    if (silent.has(upper)) continue
    const word = words[upper] ?? customType(type)
    if (word !== '' && !said.includes(word)) said.push(word)
  }
  if (said.includes('iPhone')) remove(said, 'mobile')
  said.sort((one, other) => Number(places.includes(other)) - Number(places.includes(one)))
  return said.length === 0 ? undefined : said.join(' ')
}

/** The TYPE values that say a label and are read back as it; undefined if only X-ABLabel can say it. */
export function typesOfLabel(label: string, property: 'TEL' | 'OTHER'): string[] | undefined {
  const known = standardTypes[property]
  const types = label.split(' ').map((word) => (Object.hasOwn(known, word) ? known[word] : undefined))
  const said = types.filter((type) => type !== undefined)
  return said.length === types.length && labelOfTypes(said) === label ? said : undefined
}

/** A property's place among its like: 1 is the most preferred, undefined is no preference. */
export function preferenceOf(property: Property): number | undefined {
  const rank = Number.parseInt(property.params.get('PREF')?.[0] ?? '', 10)
  if (rank >= 1) return rank
  return property.params.get('TYPE')?.some((type) => type.toUpperCase() === 'PREF') ? 1 : undefined
}

// Older phones write a label of the user's own as TEL;X-Boat:… or TEL;X-CUSTOM(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=42=6F=61=74):…
function customType(type: string): string {
  const coded = /^X-[\w-]*\((.*)\)$/is.exec(type)?.[1]
  if (coded !== undefined) {
    const text = coded.slice(coded.lastIndexOf(',') + 1)
    const bytes = text.replace(/=([0-9A-Fa-f]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    return Buffer.from(bytes, 'latin1').toString('utf8').trim()
  }
  const evolution = /^X-EVOLUTION-(.+)$/is.exec(type)?.[1]
  if (evolution !== undefined) return evolution.toLowerCase()
  return /^X-(.+)$/is.exec(type)?.[1] ?? type.toLowerCase()
}

function remove(list: string[], item: string): void {
  const at = list.indexOf(item)
  if (at !== -1) list.splice(at, 1)
}
