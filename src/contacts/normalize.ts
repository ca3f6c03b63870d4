import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js'
import { asciiDomain, canonicalOf } from '../core/emailAddress.ts'
import type { ContactDraft, DraftName } from './draft.ts'

/** An e-mail address in three writings: as typed, for comparison, and for telling people apart. */
export interface NormalizedEmail {
  /** As typed, without a name, angle brackets or `mailto:` around it. */
  address: string
  /** NFC, lower case, the domain in ASCII (IDNA). */
  normalized: string
  /** `normalized`, and for Gmail without dots, without what follows a plus, and at gmail.com: all of these reach one mailbox. */
  canonical: string
}

// RFC 5321, 4.5.3.1: 64 octets before the @, 255 after; some room for a name around it.
const longestEmail = 500
const atom = "[\\p{L}\\p{M}\\p{N}!#$%&'*+/=?^_`{|}~-]+"
const label = '[\\p{L}\\p{M}\\p{N}-]+'
const emailPattern = new RegExp(`^(?:${atom}(?:\\.${atom})*|"(?:[^"\\\\\\p{Cc}]|\\\\[^\\p{Cc}])+")@(?:${label}(?:\\.${label})*|\\[[0-9A-Za-z:.]+\\])$`, 'u')

/** Reads an e-mail address (RFC 5322 and 6532, IDNA); null if the text is none. */
export function normalizeEmail(text: string): NormalizedEmail | null {
  const typed = text.trim().replace(/^mailto:/i, '')
  if (typed.length > longestEmail) return null
  const address = emailPattern.test(typed) ? typed : addressWithin(typed)
  if (!emailPattern.test(address)) return null
  const at = address.lastIndexOf('@')
  const local = address.slice(0, at).normalize('NFC').toLowerCase()
  const domain = asciiDomain(address.slice(at + 1))
  if (domain === '' || local === '' || Buffer.byteLength(local) > 64 || domain.length > 255) return null
  return { address, normalized: `${local}@${domain}`, canonical: canonicalOf(local, domain) }
}

/** The address in `Ada (home) <ada@example.test>`: what the angle brackets hold, without comments. One pass, as the text may be anybody's. */
function addressWithin(text: string): string {
  let found = ''
  let quoted = false
  let comments = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    const isEscape = char === '\\' && (quoted || comments > 0)
    const piece = isEscape ? char + text.charAt(++at) : char
    if (char === '"' && comments === 0) quoted = !quoted
    if (!quoted && char === '(') comments++
    else if (!quoted && char === ')' && comments > 0) comments--
    else if (!quoted && comments === 0 && char === '<') found = ''
    else if (!quoted && comments === 0 && char === '>') break
    else if (comments === 0 && (quoted || char.trim() !== '' || /\S/.test(found.slice(-1)))) found += piece
  }
  return found.trim().replace(/ @ ?/, '@')
}

/** A phone number as typed, and in the writings it is found by. */
export interface NormalizedPhone {
  number: string
  /** The international writing (E.164), if the number is possible in its region. Extensions are no part of it. */
  e164?: string
  extension?: string
  /** The digits of what was typed, the extension left out. */
  digits: string
}

// E.164 allows 15 digits; with an extension and separators, people write up to about 40 characters.
const longestPhone = 250

/** Reads a phone number the way people of a region (ISO 3166-1 alpha-2) write it. What cannot be understood keeps its digits. */
export function normalizePhone(text: string, region: string | undefined): NormalizedPhone {
  const number = text.trim()
  const plain = asciiDigits(number.slice(0, longestPhone))
  const phone = parsePhoneNumberFromString(plain, { ...(region ? { defaultCountry: region.toUpperCase() as CountryCode } : {}), extract: false })
  if (!phone?.isPossible()) return { number, digits: plain.replace(/\D/g, '') }
  const extension = phone.ext
  const digits = plain.replace(/\D/g, '')
  return {
    number,
    e164: phone.number,
    ...(extension === undefined ? {} : { extension }),
    digits: extension !== undefined && digits.endsWith(extension) ? digits.slice(0, -extension.length) : digits,
  }
}

// Unicode keeps the ten digits of a script next to each other, so a digit's value is its distance to the first.
function asciiDigits(text: string): string {
  return text.normalize('NFKC').replace(/[^\P{Nd}0-9]/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0
    let value = 0
    while (value < 9 && /^\p{Nd}$/u.test(String.fromCodePoint(code - value - 1))) value++
    return String(value)
  })
}

const letters: Record<string, string> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', ł: 'l', ħ: 'h', ı: 'i', þ: 'th', ŧ: 't', ŋ: 'n', ĸ: 'k', ς: 'σ' }
// Accents and points that a reader can do without; the vowel signs of Indic scripts and the voicing marks of kana are not among them.
const accents =
  /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]/g

// Most texts: nothing to fold but the case.
const ascii = /^[\0-\x7f]*$/

/** A text for comparing and finding: case, accents, ligatures and widths made alike, everything but letters and digits made a space. */
export function fold(text: string): string {
  if (ascii.test(text))
    return text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, ' ')
      .trim()
  return text
    .normalize('NFKD')
    .replace(accents, '')
    .toLowerCase()
    .replace(accents, '')
    .replace(/[ßæœøđðłħıþŧŋĸς]/g, (letter) => letters[letter] ?? letter)
    .normalize('NFC')
    .replace(/\p{Cf}+/gu, '')
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim()
}

/** The words of a text, folded, in their order. */
export function words(text: string): string[] {
  const folded = fold(text)
  return folded === '' ? [] : folded.split(' ')
}

const familyFirst = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u

/** What a contact is called: its display name, else its name in its script's order, nickname, organisation, e-mail address, phone number; `''` if it has none of them. */
export function displayNameOf(draft: ContactDraft): string {
  const [organization] = draft.organizations
  const candidates = [
    draft.displayName,
    fullNameOf(draft.name),
    draft.name?.nickname,
    organization?.name,
    organization?.title,
    draft.emails[0]?.address,
    draft.phones[0]?.number,
    draft.urls[0]?.url,
  ]
  return candidates.map((candidate) => candidate?.trim()).find((candidate) => candidate !== undefined && candidate !== '') ?? ''
}

function fullNameOf(name: DraftName | undefined): string {
  if (!name) return ''
  const { prefix, given, middle, family, suffix } = name
  const join = (parts: (string | undefined)[], by: string) =>
    parts
      .map((part) => part?.trim())
      .filter(Boolean)
      .join(by)
  if (!familyFirst.test(`${family ?? ''}${given ?? ''}`)) return join([prefix, given, middle, family, suffix], ' ')
  return join([prefix, join([family, middle, given], ''), suffix], ' ')
}
