import type { MailAddress } from './addresses.ts'

/** Labels by which Gmail itself sorts out what was written to many. */
export const bulkLabels: readonly string[] = ['CATEGORY_PROMOTIONS', 'CATEGORY_SOCIAL', 'CATEGORY_FORUMS']
/** A message to more people than this is an announcement. */
const mostRecipients = 20

// What machines call themselves, before the @ (RFC 2142 and custom); whatever follows a separator belongs to the machine's own bookkeeping.
const machine =
  /^(no[-_.]?reply|do[-_.]?not[-_.]?reply|mailer[-_.]?daemon|postmaster|bounces?|notifications?|notify|alerts?|news(letters?)?|updates?|robot|auto(mated|[-_.]?(reply|confirm|response)))([-_.+=].*)?$/

/** Whether nobody reads what is sent to an address, by what it is called. Takes it as `ContactEmail.normalized` writes it. */
export function isMachine(normalized: string): boolean {
  return machine.test(normalized.slice(0, normalized.lastIndexOf('@')))
}

/** Whether a message was written to many or by a machine, by its headers and who it is from and to. */
export function isBulk(
  headers: ReadonlyMap<string, string>,
  { from, recipients, sent }: { from: readonly MailAddress[]; recipients: number; sent: boolean },
): boolean {
  if (recipients > mostRecipients) return true
  if (sent) return false
  const automatic = headers.get('auto-submitted')?.trim().toLowerCase()
  return (
    headers.has('list-id') ||
    headers.has('list-unsubscribe') ||
    /^(bulk|list|junk)\b/i.test(headers.get('precedence')?.trim() ?? '') ||
    (automatic !== undefined && !/^no\b/.test(automatic)) ||
    from.some(({ normalized }) => isMachine(normalized))
  )
}
