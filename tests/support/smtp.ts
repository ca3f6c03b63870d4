import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { Readable } from 'node:stream'

interface Server {
  listen(port: number, host: string): void
  close(callback?: () => void): void
  on(event: string, listener: (error: Error) => void): void
  server: { address(): { port: number } } & NodeJS.EventEmitter
}
type Next = (error?: Error & { responseCode?: number }) => void
const { SMTPServer } = createRequire(import.meta.url)('smtp-server') as { SMTPServer: new (options: object) => Server }

/** A message as a mail server took it. */
export interface Taken {
  to: string[]
  raw: string
  messageId: string
}

/** A mail server on this machine. */
export interface MailServer {
  url: string
  taken: Taken[]
  /** What it answers to the next messages instead of taking them. */
  refusals: { code: number; text: string; at?: 'RCPT' | 'DATA' }[]
  /** What it does after it has a message and before it says so. */
  beforeAnswer: () => Promise<void>
  close(): Promise<void>
}

/** Starts a mail server that takes everything, unless told otherwise. */
export async function startMailServer(): Promise<MailServer> {
  const refuse = (at: 'RCPT' | 'DATA', next: Next): boolean => {
    const [refusal] = mailServer.refusals
    if (!refusal || (refusal.at ?? 'DATA') !== at) return false
    mailServer.refusals.shift()
    next(Object.assign(new Error(refusal.text), { responseCode: refusal.code }))
    return true
  }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onRcptTo: (_address: unknown, _session: unknown, next: Next) => void (refuse('RCPT', next) || next()),
    onData: (stream: Readable, session: { envelope: { rcptTo: { address: string }[] } }, next: Next) => {
      void stream.toArray().then(async (chunks: Buffer[]) => {
        if (refuse('DATA', next)) return
        const raw = Buffer.concat(chunks).toString('utf8')
        mailServer.taken.push({
          to: session.envelope.rcptTo.map(({ address }) => address),
          raw,
          messageId: /^Message-ID: (.*)$/im.exec(raw)?.[1]?.trim() ?? '',
        })
        await mailServer.beforeAnswer()
        next()
      })
    },
  })
  // A client that hangs up in the middle is what some tests are about.
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const mailServer: MailServer = {
    url: `smtp://127.0.0.1:${server.server.address().port}`,
    taken: [],
    refusals: [],
    beforeAnswer: async () => {},
    close: () => new Promise((resolve) => server.close(resolve)),
  }
  return mailServer
}
