import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import { keepStatistics } from '../db/statistics.ts'
import type { OwnerVault } from '../vault/vault.ts'
import type { Metadata } from './message.ts'

/** A message as the mirror knows it. */
export interface Known {
  id: string
  threadId: string
  state: 'KNOWN' | 'HIDDEN' | 'GONE'
  labels: string[]
  /** A number beyond what JavaScript counts to. */
  historyId: string
}

/** So many rows are written by one statement. */
export const chunkSize = 500

/**
 * Writes fetched messages into the mirror, in an open transaction and a fixed number of statements; answers those that are new there or have changed. What was
 * deleted stays deleted, an older state never replaces a newer one, and the same again changes nothing. `subjects`: whether subjects are kept, sealed.
 */
export async function putMessages(tx: Ctx, messages: readonly Metadata[], { seenRun, subjects }: { seenRun: number; subjects: boolean }): Promise<string[]> {
  const vault = subjects ? await tx.app.vault.of(ownerOf(tx)) : null
  const changed: string[] = []
  const distinct = newestOf(messages)
  for (let at = 0; at < distinct.length; at += chunkSize) changed.push(...(await putChunk(tx, distinct.slice(at, at + chunkSize), seenRun, vault)))
  if (distinct.length >= manyMessages) await keepStatistics(tx, ['gmail_messages', 'gmail_addresses'])
  return changed
}

/** From so many at once on it matters how the database looks them up. */
const manyMessages = 100

/** One of each id, the latest state of it, in the order of their keys: two writers that meet wait for each other in one direction only. */
function newestOf(messages: readonly Metadata[]): Metadata[] {
  const newest = new Map<string, Metadata>()
  for (const message of messages) {
    const other = newest.get(message.id)
    if (!other || BigInt(other.historyId) < BigInt(message.historyId)) newest.set(message.id, message)
  }
  return [...newest.values()].sort((one, other) => (one.id < other.id ? -1 : 1))
}

async function putChunk(tx: Ctx, messages: readonly Metadata[], seenRun: number, vault: OwnerVault | null): Promise<string[]> {
  const ownerId = ownerOf(tx)
  const recordset = JSON.stringify(
    messages.map(({ id, threadId, hidden, labels, at, bulk, subject, historyId }) => ({
      id,
      threadId,
      state: hidden ? 'HIDDEN' : 'KNOWN',
      labels: `{${labels.join(',')}}`,
      at,
      bulk,
      subject: vault && subject !== null ? Buffer.from(vault.seal('GmailMessage.subject', id, subject)).toString('base64') : null,
      historyId,
    })),
  )
  // A sealed text is never the same twice: one that is there stays.
  const put = await rows<{ id: string; state: Known['state'] }>(
    tx,
    sql`INSERT INTO gmail_messages AS m ("ownerId", id, "threadId", state, labels, at, bulk, subject, "historyId", "seenRun")
        SELECT ${ownerId}::uuid, r.id, r."threadId", r.state, r.labels::text[], r.at, r.bulk, decode(r.subject, 'base64'), r."historyId", ${seenRun}::int
        FROM json_to_recordset(${recordset}::json) AS r(id text, "threadId" text, state text, labels text, at timestamptz, bulk boolean, subject text, "historyId" numeric)
        ON CONFLICT ("ownerId", id) DO UPDATE SET "threadId" = excluded."threadId", state = excluded.state, labels = excluded.labels, at = excluded.at, bulk = excluded.bulk,
          subject = CASE WHEN excluded.state = 'KNOWN' THEN COALESCE(m.subject, excluded.subject) END, "historyId" = excluded."historyId", "seenRun" = greatest(m."seenRun", excluded."seenRun")
        WHERE m.state <> 'GONE' AND m."historyId" <= excluded."historyId"
          AND (m."historyId", m.state, m.labels, m."threadId", m.at, m.bulk, m.subject IS NULL AND excluded.subject IS NOT NULL)
            IS DISTINCT FROM (excluded."historyId", excluded.state, excluded.labels, excluded."threadId", excluded.at, excluded.bulk, false)
        RETURNING m.id, m.state`,
  )
  await replaceAddresses(tx, messages, new Map(put.map(({ id, state }) => [id, state])))
  return put.map(({ id }) => id)
}

/** Addresses come with the message and never change; of one that is hidden none are kept. */
async function replaceAddresses(tx: Ctx, messages: readonly Metadata[], put: ReadonlyMap<string, Known['state']>): Promise<void> {
  const ownerId = ownerOf(tx)
  const hidden = [...put].filter(([, state]) => state !== 'KNOWN').map(([id]) => id)
  await forgetAddresses(tx, hidden)
  const addresses = messages
    .filter(({ id }) => put.get(id) === 'KNOWN')
    .flatMap(({ id, participants }) =>
      participants.map(({ role, address, normalized, canonical, name }, position) => ({ messageId: id, position, role, address, normalized, canonical, name })),
    )
  if (addresses.length === 0) return
  await execute(
    tx,
    sql`INSERT INTO gmail_addresses AS a ("ownerId", "messageId", position, role, address, normalized, canonical, name)
        SELECT ${ownerId}::uuid, r."messageId", r.position, r.role, r.address, r.normalized, r.canonical, r.name
        FROM json_to_recordset(${JSON.stringify(addresses)}::json) AS r("messageId" text, position integer, role text, address text, normalized text, canonical text, name text)
        ON CONFLICT ("ownerId", "messageId", position) DO UPDATE SET role = excluded.role, address = excluded.address, normalized = excluded.normalized, canonical = excluded.canonical, name = excluded.name
        WHERE (a.role, a.address, a.normalized, a.canonical, a.name) IS DISTINCT FROM (excluded.role, excluded.address, excluded.normalized, excluded.canonical, excluded.name)`,
  )
}

/** What the mirror knows of messages with these ids. */
export async function readKnown(tx: Ctx, ids: readonly string[]): Promise<Map<string, Known>> {
  if (ids.length === 0) return new Map()
  const known = await rows<Known>(
    tx,
    sql`SELECT id, "threadId", state, labels, "historyId"::text AS "historyId" FROM gmail_messages WHERE "ownerId" = ${ownerOf(tx)}::uuid AND id = ANY(${[...ids]}::text[])`,
  )
  return new Map(known.map((message) => [message.id, message]))
}

/** The number of the last listing that anything here is from: that of one before the mailbox was disconnected and connected again among them. */
export async function lastListing(ctx: Ctx): Promise<number> {
  const [found] = await rows<{ last: number | null }>(
    ctx,
    sql`SELECT greatest((SELECT max("seenRun") FROM gmail_messages WHERE "ownerId" = ${ownerOf(ctx)}::uuid), (SELECT max("runId") FROM gmail_fetches WHERE "ownerId" = ${ownerOf(ctx)}::uuid)) AS last`,
  )
  return found?.last ?? 0
}

/** Writes down that messages were in the listing under way. */
export async function touchMessages(tx: Ctx, ids: readonly string[], seenRun: number): Promise<void> {
  if (ids.length === 0) return
  await execute(
    tx,
    sql`UPDATE gmail_messages SET "seenRun" = ${seenRun}::int WHERE "ownerId" = ${ownerOf(tx)}::uuid AND id = ANY(${[...ids]}::text[]) AND "seenRun" <> ${seenRun}::int`,
  )
}

/** Takes new labels of messages down: what is hidden by them keeps its id only. */
export async function putLabels(tx: Ctx, messages: readonly Known[]): Promise<void> {
  if (messages.length === 0) return
  const ownerId = ownerOf(tx)
  await execute(
    tx,
    sql`UPDATE gmail_messages AS m SET state = r.state, labels = r.labels::text[], "historyId" = r."historyId", subject = CASE WHEN r.state = 'KNOWN' THEN m.subject END
        FROM json_to_recordset(${JSON.stringify(messages.map((message) => ({ ...message, labels: `{${message.labels.join(',')}}` })))}::json) AS r(id text, state text, labels text, "historyId" numeric)
        WHERE m."ownerId" = ${ownerId}::uuid AND m.id = r.id`,
  )
  await forgetAddresses(
    tx,
    messages.filter(({ state }) => state !== 'KNOWN').map(({ id }) => id),
  )
}

/** Buries messages that were deleted for good. Their ids are kept a while, so that an answer of Google's that was under way does not bring them back. */
export async function buryMessages(tx: Ctx, messages: readonly Pick<Known, 'id' | 'threadId'>[], seenRun: number): Promise<void> {
  if (messages.length === 0) return
  const at = toDate(tx.clock.now())
  await execute(
    tx,
    sql`INSERT INTO gmail_messages AS m ("ownerId", id, "threadId", state, labels, at, "historyId", "seenRun", "goneAt")
        SELECT ${ownerOf(tx)}::uuid, r.id, r."threadId", 'GONE', '{}', ${at}::timestamptz, 0, ${seenRun}::int, ${at}::timestamptz
        FROM (SELECT * FROM json_to_recordset(${JSON.stringify(messages.map(({ id, threadId }) => ({ id, threadId })))}::json) AS j(id text, "threadId" text) ORDER BY id) AS r
        ON CONFLICT ("ownerId", id) DO UPDATE SET state = 'GONE', labels = '{}', subject = NULL, "goneAt" = excluded."goneAt" WHERE m.state <> 'GONE'`,
  )
  await forgetAddresses(
    tx,
    messages.map(({ id }) => id),
  )
}

/** Hides what a complete listing has not seen: it lies in the trash, or is gone. Answers whom this concerns. */
export async function hideUnseen(tx: Ctx, seenRun: number): Promise<Pick<Known, 'id' | 'threadId' | 'labels'>[]> {
  const hidden = await rows<Pick<Known, 'id' | 'threadId' | 'labels'>>(
    tx,
    sql`UPDATE gmail_messages AS m SET state = 'HIDDEN', labels = '{}', subject = NULL FROM (SELECT id, labels FROM gmail_messages WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "seenRun" < ${seenRun}::int AND state = 'KNOWN' ORDER BY id FOR UPDATE) AS before
        WHERE m."ownerId" = ${ownerOf(tx)}::uuid AND m.id = before.id RETURNING m.id, m."threadId", before.labels`,
  )
  await forgetAddresses(
    tx,
    hidden.map(({ id }) => id),
  )
  return hidden
}

/** Takes down that messages were among those with a label; answers those that had not been. */
export async function sortIn(tx: Ctx, ids: readonly string[], { label, pass }: { label: string; pass: number }): Promise<string[]> {
  if (ids.length === 0) return []
  const mine = sql`m."ownerId" = ${ownerOf(tx)}::uuid AND m.id = ANY(${[...ids]}::text[]) AND m.state = 'KNOWN'`
  const sorted = await rows<{ id: string }>(
    tx,
    sql`UPDATE gmail_messages AS m SET labels = ARRAY(SELECT l FROM unnest(m.labels || ${label}::text) AS l ORDER BY l COLLATE "C") WHERE ${mine} AND NOT ${label} = ANY(m.labels) RETURNING m.id`,
  )
  await execute(tx, sql`UPDATE gmail_messages AS m SET "sortRun" = ${pass}::int WHERE ${mine} AND m."sortRun" <> ${pass}::int`)
  return sorted.map(({ id }) => id)
}

/** Takes a label off the messages that a complete listing of it has not seen; answers which. */
export async function sortOut(tx: Ctx, { label, pass }: { label: string; pass: number }): Promise<string[]> {
  const sorted = await rows<{ id: string }>(
    tx,
    sql`UPDATE gmail_messages AS m SET labels = array_remove(m.labels, ${label}) WHERE m."ownerId" = ${ownerOf(tx)}::uuid AND m.state = 'KNOWN' AND ${label} = ANY(m.labels) AND m."sortRun" <> ${pass}::int RETURNING m.id`,
  )
  return sorted.map(({ id }) => id)
}

/** How long the id of a deleted message is kept. */
const tombstoneLife = { hours: 30 * 24 }

/** Forgets the ids of messages that were deleted long ago. */
export async function forgetBuried(tx: Ctx): Promise<void> {
  await execute(
    tx,
    sql`DELETE FROM gmail_messages WHERE "ownerId" = ${ownerOf(tx)}::uuid AND state = 'GONE' AND "goneAt" <= ${toDate(tx.clock.now().subtract(tombstoneLife))}::timestamptz`,
  )
}

async function forgetAddresses(tx: Ctx, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await execute(tx, sql`DELETE FROM gmail_addresses WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "messageId" = ANY(${[...ids]}::text[])`)
}
