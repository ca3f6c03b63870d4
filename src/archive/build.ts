import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import manifest from '../../package.json' with { type: 'json' }
import { toDate } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import { transaction } from '../db/transaction.ts'
import { inTransaction, record } from '../events/service.ts'
import type { ExportScope } from '../policy/exportPlan.ts'
import { openBag } from './bag.ts'
import { writeContents } from './contents.ts'
import { expectArchive, folderOf } from './lookAfter.ts'
import { countRecordsEvery } from './progress.ts'
import type { Whose } from './records.ts'
import { sealFile } from '../vault/sealedFile.ts'

/** How long an archive can be fetched. */
export const keptFor = { hours: 7 * 24 }
/** The largest account takes a fraction of this, milliseconds. */
const timeoutMs = 60 * 60_000

/** An archive that is wanted. */
export interface Wanted {
  /** To whom it belongs: the account's holder, or the controller for somebody without an account. */
  ownerId: string
  requestId: string
  scope: ExportScope
  whose: Whose
}

/**
 * Makes an archive, unless it is there: read in one snapshot, written as a stream, sealed as it is stored. Of several workers at once one makes it and
 * the others wait. One that was killed leaves nothing that counts: the archive is only there once its last byte is, and the next worker begins anew.
 */
export async function buildArchive(ctx: Ctx, wanted: Wanted): Promise<void> {
  const { ownerId, requestId, scope, whose } = wanted
  const own: Ctx = { ...ctx, actor: { kind: 'system', ownerId, reason: 'archive' } }
  await expectArchive(own, requestId)
  await transaction(
    ctx.app.database,
    async (db) => {
      const snapshot: Ctx = { ...own, db }
      await execute(snapshot, sql`SET LOCAL statement_timeout = 0`)
      await rows(snapshot, sql`SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended(${`archive ${ownerId} ${requestId}`}, 0))) AS held`)
      if (await isThere(own, requestId)) return
      const blobKey = `${folderOf(ownerId, requestId)}${randomBytes(24).toString('base64url')}`
      await begin(own, wanted, blobKey)
      const generatedAt = toDate(ctx.clock.now())
      const progress = countRecordsEvery(own, requestId, blobKey)
      const bytes = await store(
        own,
        blobKey,
        generatedAt,
        (bag) => writeContents(snapshot, bag, { scope, whose, identifier: requestId, generatedAt: generatedAt.toISOString(), seen: progress.seen }),
        requestId,
      )
      await progress.done()
      await finish(own, wanted, blobKey, bytes)
    },
    { isolation: 'REPEATABLE READ', timeoutMs },
  )
}

async function isThere(ctx: Ctx, id: string): Promise<boolean> {
  const ownerId = ctx.actor.kind === 'anonymous' ? '' : ctx.actor.ownerId
  const now = toDate(ctx.clock.now())
  const found = await rows(
    ctx,
    sql`SELECT 1 FROM archives WHERE "ownerId" = ${ownerId}::uuid AND id = ${id}::uuid AND state = 'READY' AND "expiresAt" > ${now}::timestamptz`,
  )
  return found.length > 0
}

/** Writes down where the archive comes to lie, before a byte of it does; what an earlier try has left goes. */
async function begin(ctx: Ctx, { ownerId, requestId, scope }: Wanted, blobKey: string): Promise<void> {
  await ctx.app.blobs.deleteAll(folderOf(ownerId, requestId))
  const fresh = {
    scope,
    state: 'BUILDING',
    blobKey,
    processed: 0,
    total: null,
    bytes: null,
    linkHash: null,
    linkUntil: null,
    readyAt: null,
    expiresAt: null,
    fetchedAt: null,
  }
  await inTransaction(ctx, async (tx) => {
    await tx.db.archive.upsert({
      where: { ownerId_id: { ownerId, id: requestId } },
      create: { ownerId, id: requestId, createdAt: toDate(tx.clock.now()), ...fresh },
      update: fresh,
    })
    record(tx, { type: 'archive.begun', entityType: 'PrivacyRequest', entityId: requestId })
  })
}

/** Lets the content flow through the zip file and the seal into the store; answers the size of the zip file. */
async function store(ctx: Ctx, blobKey: string, at: Date, write: (bag: ReturnType<typeof openBag>) => Promise<void>, requestId: string): Promise<number> {
  const vault = await ctx.app.vault.of(ctx.actor.kind === 'anonymous' ? '' : ctx.actor.ownerId)
  const date = at.toISOString().slice(0, 10)
  const bag = openBag(`kith-archive-${date}`, at, {
    date,
    identifier: requestId,
    software: `Kith ${manifest.version} <${ctx.app.config.publicUrl}>`,
    description: 'Personal data, in answer to a request for them',
  })
  let bytes = 0
  const measured = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of bag.stream as AsyncIterable<Uint8Array>) {
      bytes += piece.length
      yield piece
    }
  }
  const writing = write(bag).then(() => bag.finish((tagManifest) => signature(ctx, tagManifest)))
  // Whichever side fails takes the other down with it.
  writing.catch((error: unknown) => bag.stream.destroy(error instanceof Error ? error : new Error(String(error))))
  const storing = ctx.app.blobs.putStream(blobKey, Readable.from(sealFile(vault, blobKey, measured()), { objectMode: false }))
  storing.catch((error: unknown) => bag.stream.destroy(error instanceof Error ? error : new Error(String(error))))
  const ends = await Promise.allSettled([writing, storing])
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return bytes
}

/** A detached JWS (RFC 7515, Appendix F) over the tag manifest. */
async function signature(ctx: Ctx, tagManifest: string): Promise<string> {
  const [header, , signed] = (await ctx.app.signing.jws(tagManifest, 'kith-archive+jws')).split('.')
  return `${header}..${signed}\n`
}

async function finish(ctx: Ctx, { ownerId, requestId }: Wanted, blobKey: string, bytes: number): Promise<void> {
  const now = ctx.clock.now()
  await inTransaction(ctx, async (tx) => {
    const changed = await execute(
      tx,
      sql`UPDATE archives SET state = 'READY', bytes = ${bytes}::bigint, "readyAt" = ${toDate(now)}::timestamptz, "expiresAt" = ${toDate(now.add(keptFor))}::timestamptz
          WHERE "ownerId" = ${ownerId}::uuid AND id = ${requestId}::uuid AND state = 'BUILDING' AND "blobKey" = ${blobKey}`,
    )
    if (changed === 0) throw new Error('The archive was taken away while it was made.')
    record(tx, { type: 'archive.ready', entityType: 'PrivacyRequest', entityId: requestId })
  })
  await expectArchive(ctx, requestId)
}
