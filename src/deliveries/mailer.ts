import { link, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import type { Clock } from '../core/clock.ts'
import { toDate } from '../core/clock.ts'
import type { Config } from '../config.ts'

/** A message to an account's holder. */
export interface Message {
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

/** How long a mail server may take to answer, in milliseconds: shorter than the transaction that waits for it. */
const smtpTimeoutMs = 15_000

/** The mailer that the configuration asks for: SMTP, or .eml files in the outbox folder of the data directory. */
export function createMailer(config: Pick<Config, 'smtpUrl' | 'mailFrom' | 'dataDir'>, clock: Clock): Mailer {
  return config.smtpUrl === null ? fileMailer(join(config.dataDir, 'outbox'), config.mailFrom, clock) : smtpMailer(config.smtpUrl, config.mailFrom, clock)
}

function smtpMailer(url: string, from: string, clock: Clock): Mailer {
  const transport = createTransport({ url, connectionTimeout: smtpTimeoutMs, greetingTimeout: smtpTimeoutMs, socketTimeout: smtpTimeoutMs, disableFileAccess: true, disableUrlAccess: true })
  return {
    send: async ({ messageId, to, subject, text }) => {
      await transport.sendMail({ from, to, subject, text, messageId, date: toDate(clock.now()), headers: { 'Auto-Submitted': 'auto-generated' } })
    },
  }
}

/** One file a message, named by its Message-ID: written aside, then linked into place, so that a message sent twice is one file, whole or not there. */
function fileMailer(folder: string, from: string, clock: Clock): Mailer {
  const compose = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  return {
    send: async ({ messageId, to, subject, text }) => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const name = messageId.replaceAll(/[^\w.@-]/g, '')
      const aside = join(folder, `.${name}.${process.pid}.part`)
      const { message } = await compose.sendMail({ from, to, subject, text, messageId, date: toDate(clock.now()), headers: { 'Auto-Submitted': 'auto-generated' } })
      await writeFile(aside, message, { mode: 0o600, flush: true })
      try {
        await link(aside, join(folder, `${name}.eml`))
      } catch (error) {
        if ((error as { code?: string }).code !== 'EEXIST') throw error
      } finally {
        await rm(aside, { force: true })
      }
    },
  }
}
