import { doubleMetaphone } from 'double-metaphone'
import { fold, words } from '../contacts/normalize.ts'

/** What a term was made from. `typo` terms are a word with one letter left out, `phoneEnd` a number read from its end, `sealed` a keyed hash of a word. */
export type TermKind = 'name' | 'email' | 'organization' | 'tag' | 'phone' | 'phoneEnd' | 'phonetic' | 'typo' | 'sealed'

/** One thing that a contact is found by. */
export interface Term {
  kind: TermKind
  term: string
}

/** What of a contact is indexed in plain; sealed text is indexed apart, as hashes. */
export interface Indexed {
  names: readonly string[]
  emails: readonly string[]
  phones: readonly { digits: string; e164: string | null; national: string | null }[]
  organizations: readonly string[]
  tags: readonly string[]
}

/** The longest term that is kept, in characters. */
const maxLength = 60
const cjk = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u

/** Every term of a contact, each once. */
export function termsOf(contact: Indexed): Term[] {
  const found = new Map<string, Term>()
  const add = (kind: TermKind, term: string): void => {
    if (term !== '') found.set(`${kind} ${term}`, { kind, term: term.slice(0, maxLength) })
  }
  for (const name of contact.names) {
    for (const word of words(name)) {
      for (const part of startsOf(word)) add('name', part)
      for (const code of soundsOf(word)) add('phonetic', code)
      for (const variant of variantsOf(word)) add('typo', variant)
    }
  }
  for (const email of contact.emails) {
    add('email', email.toLowerCase())
    for (const word of words(email)) add('email', word)
    const domain = email.slice(email.indexOf('@') + 1)
    if (domain !== email) add('email', domain.toLowerCase())
  }
  for (const organization of contact.organizations) for (const word of words(organization)) for (const part of startsOf(word)) add('organization', part)
  for (const tag of contact.tags) {
    add('tag', fold(tag))
    for (const word of words(tag)) add('tag', word)
  }
  for (const { digits, e164, national } of contact.phones) {
    for (const writing of [digits, e164?.replace('+', '') ?? '', national ?? '']) add('phone', writing)
    add('phoneEnd', backwards(e164?.replace('+', '') ?? digits))
  }
  return [...found.values()]
}

/** The word, and for scripts written without spaces each of its ends, so that a part in the middle is a start too. */
function startsOf(word: string): string[] {
  if (!cjk.test(word)) return [word]
  const letters = [...word].slice(0, 20)
  return letters.map((_, index) => letters.slice(index).join(''))
}

/** How a Latin word sounds (double metaphone). */
export function soundsOf(word: string): string[] {
  if (!/^[a-z]{3,}$/.test(word)) return []
  return [...new Set(doubleMetaphone(word))].filter((code) => code.length >= 2)
}

/** The word and the word with each single letter left out: two words share one of these when one slip of the keyboard turns one into the other. Only the first ten letters vary. */
export function variantsOf(word: string): string[] {
  const letters = [...word]
  if (letters.length < 4 || letters.length > 30) return []
  const variants = letters.slice(0, 10).map((_, index) => letters.toSpliced(index, 1).join(''))
  return [...new Set([word, ...variants])]
}

/** The digits of a text that is written like a phone number, else null. */
export function phoneDigits(text: string): string | null {
  const bare = text.trim()
  if (!/^[+(]?[\d\s()./+-]*$/.test(bare)) return null
  const digits = bare.replaceAll(/\D/g, '')
  return digits.length >= 3 ? digits : null
}

/** A text from its end. */
export function backwards(text: string): string {
  return [...text].toReversed().join('')
}

/** The words of a sealed text that are worth finding, each once. */
export function sealedWords(text: string): string[] {
  return [...new Set(words(text).map((word) => word.slice(0, maxLength)))].slice(0, 5000)
}
