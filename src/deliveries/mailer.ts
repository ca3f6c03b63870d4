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

/** The mailer that the configuration asks for. */
export function createMailer(_config: Config): Mailer {
  throw new Error('not yet')
}
