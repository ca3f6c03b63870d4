import { link, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport, type SendMailOptions } from 'nodemailer'
import type { Clock } from '../core/clock.ts'
import { toDate } from '../core/clock.ts'
import type { Config } from '../config.ts'
import type { ObligatoryCategory } from './mails.ts'

/** A message to somebody. What can be left says where; what cannot be left has a category that says why. */
export type Message = Common & ({ category: ObligatoryCategory; unsubscribe?: never } | { category: 'PRODUCT' | 'MARKETING'; unsubscribe: string })

interface Common {
  /** RFC 5322 Message-ID with its angle brackets; the same for every try of one delivery. */
  messageId: string
  to: string
  subject: string
  text: string
}

/** Sends messages. */
export interface Mailer {
  /** @throws Error when the message was not accepted */
  send(message: Message): Promise<void>
}

/** How long it may take to reach a mail server, in milliseconds. */
const connectTimeoutMs = 15_000
/** How long it may take over each answer, in milliseconds: whoever hangs up on a server that has the message already sends it twice. RFC 5321, 4.5.3.2 asks for 5 to 10 minutes. */
const answerTimeoutMs = 5 * 60_000

/** The mailer that the configuration asks for: SMTP, or .eml files in the outbox folder of the data directory. */
export function createMailer(config: Pick<Config, 'smtpUrl' | 'mailFrom' | 'dataDir'>, clock: Clock): Mailer {
  return config.smtpUrl === null ? fileMailer(join(config.dataDir, 'outbox'), config.mailFrom, clock) : smtpMailer(config.smtpUrl, config.mailFrom, clock)
}

/** The file that a message is written to, where mail is written to files. */
export function fileNameOf(messageId: string): string {
  return `${stemOf(messageId)}.eml`
}

function stemOf(messageId: string): string {
  return messageId.replaceAll(/[^\w.@-]/g, '')
}

function smtpMailer(url: string, from: string, clock: Clock): Mailer {
  const transport = createTransport({
    url,
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: connectTimeoutMs,
    socketTimeout: answerTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    send: async (message) => {
      await transport.sendMail(composed(message, from, clock))
    },
  }
}

/** One file a message, named by its Message-ID: written aside, then linked into place, so that a message sent twice is one file, whole or not there. */
function fileMailer(folder: string, from: string, clock: Clock): Mailer {
  const compose = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  return {
    send: async (message) => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const name = stemOf(message.messageId)
      // Only whoever holds the message's lock writes here; the next try writes over what a killed one has left.
      const aside = join(folder, `.${name}.part`)
      const { message: bytes } = await compose.sendMail(composed(message, from, clock))
      await writeFile(aside, bytes, { mode: 0o600, flush: true })
      try {
        await link(aside, join(folder, fileNameOf(message.messageId)))
      } catch (error) {
        if ((error as { code?: string }).code !== 'EEXIST') throw error
      } finally {
        await rm(aside, { force: true })
      }
    },
  }
}

function composed({ messageId, to, subject, text, unsubscribe }: Message, from: string, clock: Clock): SendMailOptions {
  // RFC 8058: a mail program leaves the list by itself when its user says so.
  const leaving = unsubscribe === undefined ? {} : { 'List-Unsubscribe': `<${unsubscribe}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }
  return {
    from,
    // As an object the address is one address, whatever stands in it.
    to: { name: '', address: to },
    subject,
    text: unsubscribe === undefined ? text : `${text}\nTo leave this list: ${unsubscribe}\n`,
    messageId,
    date: toDate(clock.now()),
    headers: { 'Auto-Submitted': 'auto-generated', ...leaving },
  }
}
