import { doubleMetaphone } from 'double-metaphone'
import { fold, words } from '../contacts/normalize.ts'
import { phoneEnd, phoneWritings } from './phone.ts'

/** What a term was made from. `domain` terms are matched whole, `phoneEnd` is a number read from its end, `sealed` a keyed hash of a word; all others match from their start. */
export type TermKind = 'name' | 'email' | 'domain' | 'organization' | 'tag' | 'phone' | 'phoneEnd' | 'sealed'

/** One thing that a contact is found by. */
export interface Term {
  kind: TermKind
  term: string
}

/** What of a contact is indexed in plain; sealed text is indexed apart, as hashes. */
export interface Indexed {
  names: readonly string[]
  emails: readonly string[]
  phones: readonly { number: string; digits: string; e164: string | null }[]
  organizations: readonly string[]
  tags: readonly string[]
}

/** The longest term that is kept, in characters. */
const maxLength = 60
// Most words: of a script with spaces, each character one unit long.
const ascii = /^[\0-\x7f]*$/
/** Scripts that are written without spaces between words. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/** Every term of a contact, each once. */
export function termsOf(contact: Indexed): Term[] {
  const found = new Map<string, Term>()
  const add = (kind: TermKind, term: string): void => {
    const kept = shortened(term)
    if (kept !== '') found.set(`${kind} ${kept}`, { kind, term: kept })
  }
  for (const name of contact.names) for (const word of words(name)) for (const start of startsOf(word)) add('name', start)
  for (const organization of contact.organizations) for (const word of words(organization)) for (const start of startsOf(word)) add('organization', start)
  for (const tag of contact.tags) {
    add('tag', fold(tag))
    for (const word of words(tag)) for (const start of startsOf(word)) add('tag', start)
  }
  for (const email of contact.emails) {
    const address = email.toLowerCase()
    const at = address.lastIndexOf('@')
    add('email', address)
    // The first word is found as the address's start already.
    for (const word of words(at === -1 ? address : address.slice(0, at))) if (!address.startsWith(word)) add('email', word)
    if (at !== -1) for (const domain of domainsOf(address.slice(at + 1))) add('domain', domain)
  }
  for (const phone of contact.phones) {
    for (const writing of phoneWritings(phone)) add('phone', writing)
    add('phoneEnd', phoneEnd(phone))
  }
  return [...found.values()]
}

/** A domain, and its labels but for the last, which says little. */
function domainsOf(domain: string): string[] {
  return [domain, ...domain.split('.').slice(0, -1)]
}

/** A term as it is kept. */
export function shortened(term: string): string {
  // A character is one or two units of a string's length.
  return term.length <= maxLength ? term : [...term].slice(0, maxLength).join('')
}

/** Whether a word is of a script without spaces, so that a part of it is searched for too. */
export function isUnspaced(word: string): boolean {
  return !ascii.test(word) && unspaced.test(word)
}

/** The word, and for scripts written without spaces each of its ends, so that a part in the middle is a start too. */
function startsOf(word: string): string[] {
  if (!isUnspaced(word)) return [word]
  const letters = [...word].slice(0, maxLength)
  return letters.map((_, index) => letters.slice(index).join(''))
}

/** The words of a contact's plain terms whose sounds and slips are kept. */
export function spelledWords(contact: Pick<Indexed, 'names' | 'organizations'>): string[] {
  return [...contact.names, ...contact.organizations]
    .flatMap(words)
    .map(shortened)
    .filter((word) => isSpelled(word))
}

/** Whether sounds and slips of a word are of use: not of numbers, very short or very long words, or scripts whose words have no ends. */
export function isSpelled(word: string): boolean {
  const length = ascii.test(word) ? word.length : [...word].length
  return length >= 3 && length <= 30 && !/\p{N}/u.test(word) && !isUnspaced(word)
}

/** How a Latin word sounds (double metaphone). */
export function soundsOf(word: string): string[] {
  if (!/^[a-z]{3,}$/.test(word)) return []
  return [...new Set(doubleMetaphone(word))].filter((code) => code.length >= 2)
}

/**
 * The word, and from four letters on the word with each single letter left out. Two words share one of these when one slip of the keyboard turns one into
 * the other: a letter left out, doubled, put in, struck wrongly, or two that changed places.
 */
export function slipsOf(word: string): string[] {
  const letters = [...word]
  return letters.length < 4 ? [word] : [...new Set([word, ...letters.map((_, index) => letters.toSpliced(index, 1).join(''))])]
}

/** The words of a sealed text that are worth finding, each once; of scripts without spaces each letter and each two that stand together. */
export function sealedWords(text: string): string[] {
  return [...new Set(words(text).flatMap((word) => (isUnspaced(word) ? [...word, ...pairsOf(word)] : [shortened(word)])))].slice(0, maxSealed)
}

/** What must all stand in a sealed text for it to contain the word. */
export function sealedParts(word: string): string[] {
  if (!isUnspaced(word)) return [shortened(word)]
  return [...word].length === 1 ? [word] : pairsOf(word)
}

/** At most this many words of one text are indexed: a book is not a note. */
const maxSealed = 10_000

function pairsOf(word: string): string[] {
  const letters = [...word]
  return letters.slice(1).map((letter, index) => `${letters[index]}${letter}`)
}
