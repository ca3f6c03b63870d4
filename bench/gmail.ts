// How fast mail goes into PostgreSQL by itself, and all of a mailbox comes in from the simulator's Gmail: node bench/gmail.ts [--messages 20000] [--contacts 500]
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { createContacts } from '../src/contacts/service.ts'
import { rows, sql } from '../src/db/client.ts'
import { inTransaction } from '../src/events/service.ts'
import { type GmailJson, readMessage } from '../src/gmail/message.ts'
import { chunkSize, putMessages } from '../src/gmail/mirror.ts'
import { createGoogleClient } from '../src/google/client.ts'
import { runSync } from '../src/google/runSync.ts'
import { connectWithTokens } from '../src/google/service.ts'
import type { MailboxSize, ReadyMailbox } from './gmailWorld.ts'
import { openBench } from './open.ts'

const { values } = parseArgs({ options: { messages: { type: 'string', default: '20000' }, contacts: { type: 'string', default: '500' } } })
const messages = Number(values.messages)
const people = 4000
const worker = new Worker(new URL('gmailWorld.ts', import.meta.url), { workerData: { messages, people } satisfies MailboxSize })
const [mailbox] = (await once(worker, 'message')) as [ReadyMailbox]
const config = { google: { clientId: 'kith-demo.apps.googleusercontent.test', origin: mailbox.origin } }
await using bench = await openBench({
  google: createGoogleClient(config as Parameters<typeof createGoogleClient>[0], { masterKeys: [], googleClientSecret: 'simulator-client-secret' }),
})
const { app, ctx, ownerId } = bench

await intoPostgres()
await fromGmail('All of it')
await fromGmail('Nothing new')
await app.database.prisma.googleSyncState.updateMany({ where: { ownerId }, data: { fullWanted: true } })
await fromGmail('All listed again')
await worker.terminate()

/** The write function of the sync on messages made up here: chunks of 500, a transaction each. */
async function intoPostgres(): Promise<void> {
  const made = Array.from({ length: messages }, (_, number) => readMessage(jsonOf(number)))
  const put = async (what: string): Promise<void> => {
    const begun = performance.now()
    for (let at = 0; at < made.length; at += chunkSize)
      await inTransaction(ctx, async (tx) => void (await putMessages(tx, made.slice(at, at + chunkSize), { seenRun: 1, subjects: false })))
    const seconds = (performance.now() - begun) / 1000
    console.log(
      `${what}: ${messages} messages with ${made.reduce((sum, { participants }) => sum + participants.length, 0)} addresses in ${seconds.toFixed(2)} s, ${Math.round(messages / seconds)} messages/s`,
    )
  }
  await put('Into PostgreSQL')
  await put('The same again')
  for (const table of ['gmailMessage', 'gmailAddress'] as const)
    await (app.database.prisma[table] as { deleteMany(args: object): Promise<unknown> }).deleteMany({ where: { ownerId } })
  const begun = performance.now()
  for (let number = 0; number < messages; number += 1) readMessage(jsonOf(number))
  console.log(`Read: ${Math.round(messages / ((performance.now() - begun) / 1000))} messages/s`)
}

function jsonOf(number: number): GmailJson {
  const header = (name: string, value: string) => ({ name, value })
  const person = (shift: number): string => `"Person ${(number * shift) % people}" <person${(number * shift) % people}@mail.example>`
  return {
    id: number.toString(16).padStart(16, '0'),
    threadId: (number - (number % 3)).toString(16).padStart(16, '0'),
    labelIds: number % 3 === 0 ? ['SENT'] : ['INBOX', 'UNREAD'],
    internalDate: String(1_700_000_000_000 + number * 1000),
    historyId: String(1_000_000 + number),
    payload: { headers: [header('From', person(7)), header('To', `${person(11)}, ${person(13)}`)] },
  }
}

async function fromGmail(what: string): Promise<void> {
  const [state] = await rows<{ id: string }>(ctx, sql`SELECT id FROM google_sync_states WHERE "ownerId" = ${ownerId}::uuid AND resource = 'gmail'`)
  const stateId = state?.id ?? (await connect())
  await app.database.prisma.googleSyncState.updateMany({ where: { ownerId }, data: { nextRunAt: ctx.clock.now().subtract({ seconds: 1 }).toString() } })
  const [begun, worked, before] = [performance.now(), process.cpuUsage(), process.memoryUsage.rss()]
  let most = before
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20)
  let turns = 0
  for (let isDone = false; !isDone; turns += 1) {
    await runSync(ctx, stateId)
    const now = await app.database.prisma.googleSyncState.findFirstOrThrow({ where: { ownerId, id: stateId } })
    isDone = now.status === 'IDLE'
    if (now.status === 'FAILED') throw new Error(`The sync failed: ${now.errorCode}`)
  }
  clearInterval(watch)
  const seconds = (performance.now() - begun) / 1000
  const { user, system } = process.cpuUsage(worked)
  const interactions = await app.database.prisma.interaction.count({ where: { ownerId } })
  console.log(
    `${what}: ${seconds.toFixed(2)} s in ${turns} turn(s) (${((user + system) / 1e6).toFixed(1)} s on processors here, the simulator's among them), ${interactions} interactions, ${Math.round((most - before) / 1e6)} MB more resident`,
  )
}

async function connect(): Promise<string> {
  for (let at = 0; at < Number(values.contacts); at += 100) {
    const some = Array.from({ length: 100 }, (_, index) => ({
      name: { given: `Person ${at + index}` },
      emails: [{ address: `person${at + index}@mail.example` }],
    }))
    await createContacts(ctx, some, 'REJECT_ALL')
  }
  const { accessToken, refreshToken } = mailbox
  await connectWithTokens(app, ownerId, { accessToken, refreshToken, scopes: ['openid', 'https://www.googleapis.com/auth/gmail.metadata'] }, ['GMAIL'])
  const [state] = await rows<{ id: string }>(ctx, sql`SELECT id FROM google_sync_states WHERE "ownerId" = ${ownerId}::uuid AND resource = 'gmail'`)
  return state?.id ?? ''
}
