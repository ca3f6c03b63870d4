import { domainToASCII } from 'node:url'

/** A mail domain as it is compared: NFC, lower case, in ASCII (IDNA); '' where it is none. An address literal stays one. */
export function asciiDomain(domain: string): string {
  const lower = domain.normalize('NFC').toLowerCase()
  return lower.startsWith('[') ? lower : domainToASCII(lower)
}

/** Of a part before the @ in lower case and a domain in ASCII: the one writing of all that reach the same mailbox. Gmail leaves out dots and what follows a plus. */
export function canonicalOf(local: string, domain: string): string {
  const mailbox = domain === 'gmail.com' || domain === 'googlemail.com' ? local.split('+', 1)[0]?.replaceAll('.', '') : ''
  return mailbox ? `${mailbox}@gmail.com` : `${local}@${domain}`
}
