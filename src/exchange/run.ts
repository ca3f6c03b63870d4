import { Readable } from 'node:stream'
import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { InvalidInputError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { ImportRun } from '../db/generated/prisma/client.ts'
import { inTransaction, record, setOff } from '../events/service.ts'
import { openFile, sealFile } from '../vault/sealedFile.ts'
import { expectImport, fileKeyOf } from './lookAfter.ts'
import { type FileRow, type Format, formats, readFile } from './read.ts'
import { applyRows, summaryOf } from './service.ts'

/** The largest file that is taken, in bytes. */
export const maxFileBytes = 50_000_000
/** So many rows go in with one transaction. */
const chunkRows = 500
/** So many skipped rows are kept with their reasons; beyond that only their number. */
const maxKeptRows = 10_000

/** An import that was begun so often without coming to its end is given up. */
const maxAttempts = 10

/** How far an import has come. */
export const importStates = ['WAITING', 'RUNNING', 'DONE', 'FAILED'] as const

/** Takes a file in and plans its import; its bytes stream into the store of blobs, sealed with the owner's key. @throws InvalidInputError when it is too large or empty */
export async function startImport(ctx: Ctx, format: Format, body: ReadableStream<Uint8Array>): Promise<ImportRun> {
  const ownerId = ownerOf(ctx)
  const id = newId(ctx.clock)
  const blobKey = fileKeyOf(ownerId, id)
  let bytes = 0
  async function* measured(): AsyncGenerator<Uint8Array> {
    for await (const chunk of whole(body)) {
      bytes += chunk.length
      if (bytes > maxFileBytes) throw new InvalidInputError({ path: ['body'], message: `A file may have ${maxFileBytes / 1_000_000} MB at most.` })
      yield chunk
    }
  }
  await expectImport(ctx, id)
  try {
    // Nothing of the body is touched before somebody listens: a client that goes away meanwhile would otherwise fail where nobody catches it.
    const vault = await ctx.app.vault.of(ownerId)
    await ctx.app.blobs.putStream(blobKey, Readable.from(sealFile(vault, blobKey, measured()), { objectMode: false }))
    if (bytes === 0) throw new InvalidInputError({ path: ['body'], message: 'The file is empty.' })
  } catch (error) {
    await ctx.app.blobs.delete(blobKey)
    const cause = (error as { cause?: unknown }).cause
    throw cause instanceof InvalidInputError ? cause : error
  }
  return inTransaction(ctx, async (tx) => {
    const run = await tx.db.importRun.create({ data: { ownerId, id, format, state: 'WAITING', blobKey, bytes, createdAt: toDate(tx.clock.now()) } })
    record(tx, { type: 'import.started', entityType: 'ImportRun', entityId: id })
    setOff(tx, { kind: 'import.run', payload: { importId: id } })
    return run
  })
}

/** The body, or its sender's fault where it ends too early. */
async function* whole(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch {
    throw new InvalidInputError({ path: ['body'], message: 'The file did not come whole.' })
  }
}

/** Does an import, 500 rows a transaction, each with its progress: after a crash it goes on where it was. */
export async function runImport(ctx: Ctx, id: string): Promise<void> {
  const ownerId = ownerOf(ctx)
  const run = await ctx.db.importRun.findUnique({ where: { ownerId_id: { ownerId, id } } })
  if (!run?.blobKey || run.finishedAt) return
  if (run.attempts >= maxAttempts) return finish(ctx, id, 'It could not be finished in ten tries. What had gone in stays; bring the file in again to go on.')
  await ctx.db.importRun.update({ where: { ownerId_id: { ownerId, id } }, data: { attempts: run.attempts + 1 } })
  const stream = openFile(await ctx.app.vault.of(ownerId), run.blobKey, await ctx.app.blobs.getStream(run.blobKey))
  let chunk: FileRow[] = []
  let seen = 0
  let applied: Promise<void> = Promise.resolve()
  // The next chunk is read while the database works on the one before.
  const applyNext = async (): Promise<void> => {
    const next = chunk
    chunk = []
    const from = seen - next.length
    await applied
    applied = importChunk(ctx, id, from, next)
    // Its failure is thrown where it is waited for.
    applied.catch(() => {})
  }
  try {
    for await (const row of readFile(formats.find((each) => each === run.format) ?? 'VCARD', stream)) {
      seen += 1
      if (seen <= run.processed) continue
      chunk.push(row)
      if (chunk.length === chunkRows) await applyNext()
    }
    if (chunk.length > 0) await applyNext()
  } finally {
    await applied
  }
  await finish(ctx, id, seen === 0 ? 'There is no card or line of a known kind in the file.' : null)
}

/** Marks an import as done, or as given up with a reason, and lets its file go. */
async function finish(ctx: Ctx, id: string, error: string | null): Promise<void> {
  const ownerId = ownerOf(ctx)
  await inTransaction(ctx, async (tx) => {
    const [run] = await rows<{ id: string }>(
      tx,
      sql`SELECT id FROM import_runs WHERE "ownerId" = ${ownerId}::uuid AND id = ${id}::uuid AND "finishedAt" IS NULL FOR UPDATE`,
    )
    if (!run) return
    await tx.db.importRun.update({
      where: { ownerId_id: { ownerId, id } },
      data: { state: error === null ? 'DONE' : 'FAILED', error, blobKey: null, finishedAt: toDate(tx.clock.now()) },
    })
    record(tx, { type: error === null ? 'import.done' : 'import.failed', entityType: 'ImportRun', entityId: id })
    // The file goes after the commit, by the relay: a crash in between cannot leave it behind.
    setOff(tx, { kind: 'import.finished', payload: { importId: id } })
  })
}

/** Brings one chunk in and moves the progress with it; a worker that comes late finds the progress moved and does nothing. */
async function importChunk(ctx: Ctx, id: string, from: number, chunk: readonly FileRow[]): Promise<void> {
  const ownerId = ownerOf(ctx)
  await inTransaction(ctx, async (tx) => {
    const [run] = await rows<{ processed: number; skipped: number }>(
      tx,
      sql`SELECT processed, skipped FROM import_runs WHERE "ownerId" = ${ownerId}::uuid AND id = ${id}::uuid AND "finishedAt" IS NULL FOR UPDATE`,
    )
    if (run?.processed !== from) return
    const done = summaryOf(await applyRows(tx, chunk))
    await execute(
      tx,
      sql`UPDATE import_runs SET state = 'RUNNING', processed = processed + ${chunk.length}::int, created = created + ${done.created}::int, updated = updated + ${done.updated}::int,
            unchanged = unchanged + ${done.unchanged}::int, skipped = skipped + ${done.skipped}::int
          WHERE "ownerId" = ${ownerId}::uuid AND id = ${id}::uuid`,
    )
    const told = done.rows.filter((row) => row.message !== null).slice(0, Math.max(0, maxKeptRows - run.skipped))
    // One shape however many rows, which the connection keeps prepared.
    await execute(
      tx,
      sql`INSERT INTO import_rows ("ownerId", "importId", index, outcome, message) SELECT ${ownerId}::uuid, ${id}::uuid, index, outcome, message
          FROM unnest(${told.map((row) => row.index)}::int[], ${told.map((row) => row.outcome)}::text[], ${told.map((row) => row.message ?? '')}::text[]) AS r(index, outcome, message)
          ON CONFLICT DO NOTHING`,
    )
  })
}
