import addressparser from 'nodemailer/lib/addressparser'
import { normalizeEmail } from '../contacts/normalize.ts'
import { decodeWords } from './words.ts'

/** The most that is read of one header, characters, and the most addresses that are taken from it: a person does not write to more people than that. */
const longestHeader = 16 * 1024
const mostAddresses = 200
/** The longest name that is kept, characters. */
const longestName = 200

/** Somebody whom a header names. */
export interface MailAddress {
  /** As it was written. */
  address: string
  /** As `ContactEmail.normalized` and `ContactEmail.canonical` write it. */
  normalized: string
  canonical: string
  name: string | null
}

/** The addresses of a header such as To (RFC 5322): groups opened, comments left out, names decoded, each address once. What is no address is counted and left out. */
export function readAddresses(header: string): { addresses: MailAddress[]; dropped: number } {
  const cut = header.length > longestHeader
  const text = cut ? header.slice(0, Math.max(0, header.lastIndexOf(',', longestHeader))) : header
  const addresses = new Map<string, MailAddress>()
  let dropped = cut ? 1 : 0
  for (const { address, name } of addressparser(text, { flatten: true })) {
    if (address === '' && name === '') continue
    const read = address === '' ? null : normalizeEmail(address)
    if (!read || (addresses.size >= mostAddresses && !addresses.has(read.normalized))) {
      dropped += 1
      continue
    }
    const shown = nameOf(name, read.address)
    const known = addresses.get(read.normalized)
    if (!known) addresses.set(read.normalized, { ...read, name: shown })
    else known.name ??= shown
  }
  return { addresses: [...addresses.values()], dropped }
}

/** A name for people; none where it only repeats the address. */
function nameOf(written: string, address: string): string | null {
  const name = decodeWords(written)
    .replace(/^(['"])(.*)\1$/, '$2')
    .trim()
  return name === '' || name.toLowerCase() === address.toLowerCase() ? null : [...name].slice(0, longestName).join('')
}
