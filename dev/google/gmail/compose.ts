import { headerOf, type Header, type Mail } from './message.ts'

/** The headers of a message as it lies in a mailbox, in the order mail programs write them. */
export function composeHeaders(
  mail: Mail,
  { owner, at, messageId, received }: { owner: string; at: Temporal.Instant; messageId: string; received: boolean },
): Header[] {
  const answered = mail.replyTo && headerOf(mail.replyTo, 'Message-ID')
  const references = mail.replyTo && [headerOf(mail.replyTo, 'References'), answered].filter(Boolean).join(' ')
  const made: (Header | false | undefined)[] = [
    received && ['Delivered-To', owner],
    received && ['Received', `by mx.example.test with SMTP; ${mailDate(at)}`],
    ['MIME-Version', '1.0'],
    ['Date', mailDate(at)],
    mail.from !== undefined && ['From', mail.from],
    ...(['to', 'cc', 'bcc'] as const).map((field): Header | false => {
      const addresses = [mail[field] ?? []].flat()
      return addresses.length > 0 && [capitalized(field), addresses.join(', ')]
    }),
    mail.subject !== undefined && ['Subject', mail.subject],
    ['Message-ID', messageId],
    answered !== undefined && ['In-Reply-To', answered],
    references !== undefined && ['References', references],
    ['Content-Type', 'text/plain; charset="UTF-8"'],
  ]
  const given = new Set(mail.headers?.map(([name]) => name.toLowerCase()))
  return [...made.filter((header): header is Header => Boolean(header) && !given.has((header as Header)[0].toLowerCase())), ...(mail.headers ?? [])]
}

/** A date as RFC 5322 writes it, in UTC: `Sun, 01 Mar 2026 12:00:00 +0000`. */
export function mailDate(at: Temporal.Instant): string {
  const { dayOfWeek, day, month, year, hour, minute, second } = at.toZonedDateTimeISO('UTC')
  const two = (number: number) => String(number).padStart(2, '0')
  return `${days[dayOfWeek - 1]}, ${two(day)} ${months[month - 1]} ${year} ${two(hour)}:${two(minute)}:${two(second)} +0000`
}

/** Text fit for a header: as it is when it is ASCII, else in RFC 2047 words of at most 75 characters. */
export function encodedWords(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text
  const words: string[] = []
  let word = ''
  for (const letter of text) {
    // 45 bytes are 60 characters of base64; a word may not end within a letter.
    if (Buffer.byteLength(word + letter) > 45) {
      words.push(word)
      word = ''
    }
    word += letter
  }
  return [...words, word].map((part) => `=?UTF-8?B?${Buffer.from(part).toString('base64')}?=`).join(' ')
}

/** An address with its name: quoted where RFC 5322 asks for it, encoded where the name is not ASCII. */
export function mailbox(name: string, address: string): string {
  if (name === '') return address
  if (!/^[\x20-\x7e]*$/.test(name)) return `${encodedWords(name)} <${address}>`
  return /^[\w !#$%&'*+\-/=?^`{|}~]*$/.test(name) ? `${name} <${address}>` : `"${name.replace(/["\\]/g, '\\$&')}" <${address}>`
}

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
