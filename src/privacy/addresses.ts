import { z } from 'zod'
import { asciiDomain, canonicalOf } from '../core/emailAddress.ts'

/** An e-mail address as typed, and as it is compared. */
export interface ReadAddress {
  address: string
  canonical: string
}

/** Reads an e-mail address; null for what is none. Compared as address books compare theirs: lower case, and Gmail's without dots and plus tags. */
export function readEmail(text: string): ReadAddress | null {
  const address = text.trim().normalize('NFC')
  if (address.length > 320 || !z.email({ pattern: z.regexes.unicodeEmail }).safeParse(address).success) return null
  const at = address.lastIndexOf('@')
  const domain = asciiDomain(address.slice(at + 1))
  return domain === '' ? null : { address, canonical: canonicalOf(address.slice(0, at).toLowerCase(), domain) }
}

/** Reads an international phone number (E.164), however it is spaced; null for what is none. */
export function readPhone(text: string): string | null {
  const compact = text
    .normalize('NFKC')
    .replaceAll(/[\s().\-/]/g, '')
    .replace(/^00/, '+')
  return /^\+[1-9]\d{6,14}$/.test(compact) ? compact : null
}
