import { getCountries, getCountryCallingCode } from 'libphonenumber-js'
import { normalizePhone } from '../contacts/normalize.ts'

/** Every writing that a stored number is found by from its start: as typed, international, national without a trunk prefix, and spelled with letters. */
export function phoneWritings({ number, digits, e164 }: { number: string; digits: string; e164: string | null }): string[] {
  const international = e164?.replace('+', '') ?? ''
  const spelled = keypadDigits(number) ?? ''
  return [...new Set([digits, international, nationalOf(international), spelled])].filter((writing) => writing.length >= minDigits)
}

/** A stored number read from its end: its longest writing, which ends as all the others do. */
export function phoneEnd({ number, digits, e164 }: { number: string; digits: string; e164: string | null }): string {
  return backwards(e164?.replace('+', '') ?? keypadDigits(number) ?? digits)
}

/** A search that is written like a phone number: the starts to look up, and what it ends with, read from the end. */
export interface PhoneSearch {
  starts: string[]
  end: string
}

/** Reads a search as a phone number of a region (ISO 3166-1 alpha-2), written in any way; null for one that is none. */
export function phoneSearch(text: string, region: string | undefined): PhoneSearch | null {
  if (!/\p{Nd}/u.test(text)) return null
  const typed = text
    .trim()
    .replace(/^(tel|phone|mobile|fax):\s*/i, '')
    .replace(extension, '')
  const { digits, e164 } = normalizePhone(typed, region)
  const spelled = keypadDigits(typed)
  const plain = spelled ?? (/^[\p{Nd}\s()[\]./+‐-―-]*$/u.test(typed) ? digits : '')
  if (plain.length < minDigits) return null
  const bare = typed.startsWith('+') ? plain : plain.replace(/^00?/, '')
  // +49 (0)30: the national trunk prefix in an international number.
  const trunkless = /^(\+|00)/.test(typed) ? normalizePhone(typed.replace(/\(0\)/, ''), undefined).digits.replace(/^00/, '') : bare
  const starts = [plain, bare, trunkless, ...(e164 && !spelled ? [e164.replace('+', '')] : [])]
  return { starts: [...new Set(starts)].filter((start) => start.length >= minDigits), end: backwards(trunkless) }
}

function backwards(digits: string): string {
  return [...digits].toReversed().join('')
}

/** Fewer digits say too little. */
const minDigits = 3
const extension = /[\s,;]*(?:;?ext\.?=?|extension|x|#|durchwahl|poste)\s*\d{1,7}$/i

// ITU-T E.161: the letters on the keys of a telephone.
const keys = ['abc', 'def', 'ghi', 'jkl', 'mno', 'pqrs', 'tuv', 'wxyz']

/** The digits of a number in which letters stand for keys (1-800-FLOWERS); null when it is not such a one. */
function keypadDigits(text: string): string | null {
  if (!/[a-z]/i.test(text)) return null
  const typed = text.replace(extension, '').toLowerCase()
  if (!/^[+(]?\d[\d\s().-]+[a-z][a-z\d\s.-]*$/.test(typed)) return null
  const digits = typed.replaceAll(/[a-z]/g, (letter) => String(2 + keys.findIndex((key) => key.includes(letter)))).replaceAll(/\D/g, '')
  return digits.length >= 7 && digits.length <= 15 ? digits : null
}

let callingCodes: Set<string> | undefined

/** An international number without its country's calling code; no code is another's beginning. */
function nationalOf(international: string): string {
  callingCodes ??= new Set(getCountries().map((country) => String(getCountryCallingCode(country))))
  for (const length of [1, 2, 3]) if (callingCodes.has(international.slice(0, length))) return international.slice(length)
  return international
}
