// Makes an archive of an account of 100,000 records in a worker process, and asks the API for lists meanwhile: node bench/export.ts [--contacts 9500] [--kept DIRECTORY]
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { createNote } from '../src/notes/service.ts'
import { applyDrafts } from '../src/contacts/drafts.ts'
import { inTransaction } from '../src/events/service.ts'
import { createGraphqlServer } from '../src/graphql/server.ts'
import { logInteraction } from '../src/interactions/service.ts'
import { createReminder } from '../src/reminders/service.ts'
import { createToken } from '../src/tokens/service.ts'
import { openBench, percentile } from './open.ts'
import { personOf } from './people.ts'

const { values } = parseArgs({ options: { contacts: { type: 'string', default: '9500' }, kept: { type: 'string' } } })
const contacts = Number(values.contacts)
await using bench = await openBench({ keptIn: values.kept })
const { app, ctx, ownerId } = bench
if ((await app.database.prisma.contact.count({ where: { ownerId } })) === 0) await fill()

const { token } = await createToken(ctx, { name: 'bench', scopes: ['contacts:read'] })
const server = createGraphqlServer(app)
/** Milliseconds of one list as a client reads it. */
async function list(): Promise<number> {
  const begun = performance.now()
  const response = await server.fetch('http://127.0.0.1/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ contacts(first: 50) { nodes { id displayName emails { address } phones { number } tags } } }' }),
  })
  if ((await response.text()).includes('"errors"')) throw new Error('The list failed.')
  return performance.now() - begun
}
async function lists(until: () => boolean): Promise<number[]> {
  const times: number[] = []
  while (!until()) {
    times.push(await list())
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return times
}

for (let warm = 0; warm < 50; warm += 1) await list()
const idleUntil = performance.now() + 10_000
const idle = await lists(() => performance.now() > idleUntil)

const requestId = randomUUID()
const config = { ...app.config }
const child = spawn(
  process.execPath,
  [
    '--disable-warning=ExperimentalWarning',
    fileURLToPath(new URL('export-child.ts', import.meta.url)),
    JSON.stringify({ config, key: Buffer.from(app.secrets.masterKeys[0] ?? []).toString('base64'), ownerId, requestId }),
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
let ended = false
const done = once(child, 'exit').then(() => (ended = true))
const [busy, said] = await Promise.all([lists(() => ended), text(child.stdout), done])
const told = JSON.parse(said) as { seconds: number; cpuSeconds: number; before: number; most: number }
const archive = await app.database.prisma.archive.findUniqueOrThrow({ where: { ownerId_id: { ownerId, id: requestId } } })

const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(0)
const milliseconds = (share: number, times: number[]): string => `${percentile(times, share).toFixed(1)} ms`
console.log(
  `${archive.total} records of ${contacts} contacts in ${told.seconds.toFixed(1)} s (${told.cpuSeconds.toFixed(1)} s on a processor), ${megabytes(Number(archive.bytes))} MB packed`,
)
console.log(
  `Resident memory of the worker: ${megabytes(told.before)} MB before, ${megabytes(told.most)} MB at most, ${megabytes(told.most - told.before)} MB more`,
)
console.log(
  `List of 50 contacts: idle p50 ${milliseconds(0.5, idle)}, p99 ${milliseconds(0.99, idle)} (${idle.length}); meanwhile p50 ${milliseconds(0.5, busy)}, p99 ${milliseconds(0.99, busy)} (${busy.length})`,
)

/** Makes the account: contacts as they are imported, a note about each, reminders and calls with some. */
async function fill(): Promise<void> {
  for (let from = 0; from < contacts; from += 500) {
    const numbers = Array.from({ length: Math.min(500, contacts - from) }, (_, index) => from + index)
    await inTransaction(ctx, (tx) =>
      applyDrafts(
        tx,
        numbers.map((number) => ({
          contactId: null,
          draft: personOf(number),
          source: {
            kind: 'IMPORT' as const,
            externalId: `bench:${number}`,
            raw: JSON.stringify({ text: 'x'.repeat(400) }),
            fingerprint: Buffer.alloc(32, number),
          },
        })),
      ),
    )
  }
  const ids = (await app.database.prisma.contact.findMany({ where: { ownerId }, select: { id: true } })).map(({ id }) => id)
  for (let from = 0; from < ids.length; from += 200) {
    await inTransaction(ctx, async (tx) => {
      for (const contactId of ids.slice(from, from + 200)) {
        await createNote(tx, { contactId, body: 'Met at the market; likes rye bread and tulips. '.repeat(4) })
        if (from % 400 === 0) await createReminder(tx, { contactId, title: 'Call', dueAt: '2031-02-03T09:00', recurrence: 'FREQ=MONTHLY' })
        if (from % 600 === 0)
          await logInteraction(tx, { kind: 'CALL', contactIds: [contactId], occurredAt: new Date('2024-05-06T07:08:09Z'), subject: 'A call' })
      }
    })
  }
}
