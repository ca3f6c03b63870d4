// Fills an account with 100,000 records (20,000 contacts as an import makes them, 40,000 notes, 20,000 reminders, 20,000 interactions), and measures its
// erasure, the check and the certificate included: node bench/erasure.ts [--cards 20000]
import { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import { newId } from '../src/core/ids.ts'
import { toDate } from '../src/core/clock.ts'
import { execute, rows, sql } from '../src/db/client.ts'
import { entomb, eraseAccount } from '../src/erasure/eraseAccount.ts'
import { planFor } from '../src/erasure/plan.ts'
import { runImport, startImport } from '../src/exchange/run.ts'
import { cardFile } from '../tests/support/cards.ts'
import { openBench } from './open.ts'

const { values } = parseArgs({ options: { cards: { type: 'string', default: '20000' } } })
const cards = Number(values.cards)
await using bench = await openBench()
const { app, ctx, ownerId } = bench
const at = toDate(app.clock.now())
await app.queue.start()

const { id } = await startImport(ctx, 'VCARD', Readable.toWeb(Readable.from(cardFile(cards))) as ReadableStream<Uint8Array>)
await runImport(ctx, id)
const contacts = (await rows<{ id: string }>(ctx, sql`SELECT id FROM contacts WHERE "ownerId" = ${ownerId}::uuid`)).map((contact) => contact.id)
const vault = await app.vault.of(ownerId)
for (let from = 0; from < contacts.length; from += 2000) {
  const some = contacts.slice(from, from + 2000)
  const notes = [...some, ...some].map((contactId) => ({ id: newId(app.clock), contactId }))
  const bodies = notes.map((note) => vault.seal('Note.body', note.id, `A note of some length on what was said, number ${note.id}.`))
  await execute(
    ctx,
    sql`INSERT INTO notes ("ownerId", id, "contactId", body, "createdAt", "updatedAt") SELECT ${ownerId}::uuid, id, "contactId", body, ${at}::timestamptz, ${at}::timestamptz
        FROM unnest(${notes.map((note) => note.id)}::uuid[], ${notes.map((note) => note.contactId)}::uuid[], ${bodies}::bytea[]) AS n(id, "contactId", body)`,
  )
  const reminders = some.map((contactId) => ({ id: newId(app.clock), contactId }))
  const titles = reminders.map((reminder) => vault.seal('Reminder.title', reminder.id, 'Call again'))
  await execute(
    ctx,
    sql`INSERT INTO reminders ("ownerId", id, "contactId", title, "startLocal", "dueLocal", "timeZone", "dueAt", state, "createdAt", "updatedAt")
        SELECT ${ownerId}::uuid, id, "contactId", title, '2037-01-01T09:00:00', '2037-01-01T09:00:00', 'UTC', '2037-01-01T09:00:00Z', 'OPEN', ${at}::timestamptz, ${at}::timestamptz
        FROM unnest(${reminders.map((reminder) => reminder.id)}::uuid[], ${some}::uuid[], ${titles}::bytea[]) AS r(id, "contactId", title)`,
  )
  const meetings = some.map(() => newId(app.clock))
  await execute(
    ctx,
    sql`INSERT INTO interactions ("ownerId", id, kind, direction, source, "occurredAt", "createdAt", "updatedAt") SELECT ${ownerId}::uuid, id, 'CALL', 'MUTUAL', 'MANUAL', ${at}::timestamptz, ${at}::timestamptz, ${at}::timestamptz
        FROM unnest(${meetings}::uuid[]) AS i(id)`,
  )
  await execute(
    ctx,
    sql`INSERT INTO interaction_contacts ("ownerId", "interactionId", "contactId", "occurredAt", direction) SELECT ${ownerId}::uuid, i, c, ${at}::timestamptz, 'MUTUAL' FROM unnest(${meetings}::uuid[], ${some}::uuid[]) AS t(i, c)`,
  )
}
await app.relay.drain()
await app.database.pool.query('ANALYZE')

const plan = await planFor(app, ownerId, null)
const total = plan.items.reduce((sum, { count }) => sum + count, 0)
const begun = performance.now()
const entry = await entomb(app, ownerId, newId(app.clock))
const marks: string[] = []
let last = begun
await eraseAccount(app, entry, (moment) => {
  const now = performance.now()
  if (moment.startsWith('after ')) marks.push(`${moment.slice(6)} ${((now - last) / 1000).toFixed(1)} s`)
  if (!moment.startsWith('within')) last = now
})
console.log(
  `Erased an account of ${cards * 5} records, ${total} rows and files in all, in ${((performance.now() - begun) / 1000).toFixed(1)} s: ${marks.join(', ')}`,
)
