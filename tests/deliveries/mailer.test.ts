import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { createMailer, type Mailer } from '../../src/deliveries/mailer.ts'
import { type MailServer, startMailServer } from '../support/smtp.ts'

const clock = fixedClock('2027-03-01T10:00:00Z')
const message = {
  category: 'TRANSACTIONAL' as const,
  messageId: '<0a1b@kith.example.test>',
  to: 'ada@example.test',
  subject: 'Zoë’s birthday',
  text: 'Ring her.\n.\nOr write — “soon”.\n',
}
let dataDir: string
let server: MailServer
let files: Mailer
let smtp: Mailer

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kith-mailer-'))
  server = await startMailServer()
  files = createMailer({ smtpUrl: null, mailFrom: 'Kith <kith@example.test>', dataDir }, clock)
  smtp = createMailer({ smtpUrl: server.url, mailFrom: 'Kith <kith@example.test>', dataDir }, clock)
})
afterAll(async () => {
  await server.close()
  await rm(dataDir, { recursive: true, force: true })
})
beforeEach(() => {
  server.taken.length = 0
  server.refusals = []
})

const outbox = () => readdir(join(dataDir, 'outbox'))

test('without a mail server a message is one whole .eml file that only its user can read', async () => {
  await files.send(message)
  expect(await outbox()).toEqual(['0a1b@kith.example.test.eml'])
  const file = join(dataDir, 'outbox', '0a1b@kith.example.test.eml')
  const text = await readFile(file, 'utf8')
  expect(text).toMatch(/^From: Kith <kith@example\.test>\r\nTo: ada@example\.test\r\n/m)
  expect(text).toContain('Message-ID: <0a1b@kith.example.test>\r\n')
  expect(text).toContain('Date: Mon, 01 Mar 2027 10:00:00 +0000\r\n')
  expect(text).toContain('Auto-Submitted: auto-generated\r\n')
  expect((await stat(file)).mode & 0o077).toBe(0)
})

test('a message that is sent again is the same file, and what a killed process left aside is cleared', async () => {
  const before = await readFile(join(dataDir, 'outbox', '0a1b@kith.example.test.eml'), 'utf8')
  await writeFile(join(dataDir, 'outbox', '.0a1b@kith.example.test.part'), 'half a mess')
  clock.advance({ hours: 1 })
  await files.send(message)
  expect(await outbox()).toEqual(['0a1b@kith.example.test.eml'])
  expect(await readFile(join(dataDir, 'outbox', '0a1b@kith.example.test.eml'), 'utf8')).toBe(before)
})

test('no Message-ID leads out of the outbox', async () => {
  await files.send({ ...message, messageId: '<../../evil/x@[::1]>' })
  expect((await outbox()).toSorted()).toEqual(['....evilx@1.eml', '0a1b@kith.example.test.eml'])
})

test('over SMTP the message arrives to the letter, dots and accents too', async () => {
  await smtp.send(message)
  const [taken] = server.taken
  expect(server.taken).toMatchObject([{ to: ['ada@example.test'], messageId: message.messageId }])
  expect(taken?.raw).toContain('Subject: =?UTF-8?')
  const body = taken?.raw.split('\r\n\r\n').slice(1).join('\r\n\r\n') ?? ''
  const decoded = /^Content-Transfer-Encoding: base64/im.test(taken?.raw ?? '')
    ? Buffer.from(body, 'base64').toString()
    : Buffer.from(
        body.replaceAll('=\r\n', '').replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
        'latin1',
      ).toString()
  expect(decoded.replaceAll('\r\n', '\n').trimEnd()).toBe(message.text.trimEnd())
})

test('an address is one recipient, whatever stands in it', async () => {
  await smtp.send({ ...message, to: '"ada, eve@example.test"@example.test' }).catch(() => {})
  await smtp.send({ ...message, to: 'ada@example.test, eve@example.test' }).catch(() => {})
  for (const { to } of server.taken) {
    expect(to).toHaveLength(1)
    expect(to).not.toContain('eve@example.test')
  }
})

test('a line break in a subject or address begins no header', async () => {
  for (const transport of [files, smtp])
    await transport
      .send({ ...message, messageId: '<crlf@kith.example.test>', subject: 'Hello\r\nBcc: eve@example.test', to: 'ada@example.test\r\nBcc: eve@example.test' })
      .catch(() => {})
  const written = (await outbox()).includes('crlf@kith.example.test.eml') ? await readFile(join(dataDir, 'outbox', 'crlf@kith.example.test.eml'), 'utf8') : ''
  for (const raw of [written, ...server.taken.map((taken) => taken.raw)]) expect(raw).not.toMatch(/^bcc:/im)
  expect(server.taken.flatMap(({ to }) => to)).not.toContain('eve@example.test')
})

test('a refusal, of the recipient or of the message, is an error with the server’s code', async () => {
  server.refusals = [{ code: 550, text: 'No such mailbox', at: 'RCPT' }]
  await expect(smtp.send(message)).rejects.toMatchObject({ responseCode: 550 })
  server.refusals = [{ code: 451, text: 'Try later' }]
  await expect(smtp.send(message)).rejects.toMatchObject({ responseCode: 451 })
  expect(server.taken).toEqual([])
})
