import { createHash, randomBytes } from 'node:crypto'
import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { ForbiddenError, NotFoundError } from '../core/errors.ts'
import { isId } from '../core/ids.ts'
import { execute, rows, sql } from '../db/client.ts'
import { inTransaction, record, setOff } from '../events/service.ts'
import { systemCtx } from '../jobs/relay.ts'
import { controllerActor, downloaded, isFresh, proveForDownload } from '../privacy/service.ts'
import { openFile } from '../vault/sealedFile.ts'

/** How recent a sign-in must be, and how long a link is good. */
const freshFor = { minutes: 5 }

/** A link to an archive: good once, for five minutes. */
export interface DownloadLink {
  url: string
  expiresAt: Temporal.Instant
}

/** Makes a link to the archive that answers a request of the signed-in holder; an earlier link is good no more. @throws ForbiddenError when the sign-in is older than five minutes, NotFoundError when there is nothing to fetch */
export async function createDownloadLink(ctx: Ctx, requestId: string): Promise<DownloadLink> {
  if (!(await isFresh(ctx, freshFor))) throw new ForbiddenError('Sign in again first: a link is made for five minutes after that.')
  return linkTo(ctx, requestId)
}

/** Makes a link to the archive of somebody without an account, by the token that follows their request and a code that was just sent to them. @throws InvalidInputError, NotFoundError */
export async function createDownloadLinkOpenly(ctx: Ctx, followToken: string, code: string): Promise<DownloadLink> {
  const requestId = await proveForDownload(ctx, followToken, code)
  return linkTo({ ...ctx, actor: controllerActor('download') }, requestId)
}

/** Makes a link to an archive of the ctx's owner, who has just proven who they are. @throws NotFoundError */
async function linkTo(ctx: Ctx, requestId: string): Promise<DownloadLink> {
  const ownerId = ownerOf(ctx)
  const secret = randomBytes(32)
  const now = ctx.clock.now()
  const expiresAt = now.add(freshFor)
  await inTransaction(ctx, async (tx) => {
    const changed = await execute(
      tx,
      sql`UPDATE archives SET "linkHash" = ${hashOf(secret)}::bytea, "linkUntil" = ${toDate(expiresAt)}::timestamptz
          WHERE "ownerId" = ${ownerId}::uuid AND id = ${requestId}::uuid AND state = 'READY' AND "expiresAt" > ${toDate(now)}::timestamptz`,
    )
    if (changed === 0) throw new NotFoundError('There is no archive to fetch.')
    record(tx, { type: 'archive.linkMade', entityType: 'PrivacyRequest', entityId: requestId })
  })
  const token = Buffer.concat([bytesOf(ownerId), bytesOf(requestId), secret]).toString('base64url')
  return { url: `${ctx.app.config.publicUrl}/privacy/archives/${token}`, expiresAt }
}

/** An archive that is on its way to whoever holds its link. */
export interface Download {
  bytes: number
  fileName: string
  /** The zip file. When its last byte has gone the archive is deleted and its request completed. */
  content: AsyncGenerator<Uint8Array>
}

/** Uses a link up and opens what it leads to. @throws NotFoundError for one that was used, has run out, or is none of ours */
export async function openDownload(ctx: Ctx, token: string): Promise<Download> {
  const bytes = Buffer.from(token.slice(0, 200), 'base64url')
  const [ownerId, requestId, secret] = [idOf(bytes.subarray(0, 16)), idOf(bytes.subarray(16, 32)), bytes.subarray(32)]
  if (bytes.length !== 64 || !isId(ownerId) || !isId(requestId)) throw new NotFoundError(gone)
  const own = { ...systemCtx(ctx.app, ownerId, 'download'), requestId: ctx.requestId }
  const found = await inTransaction(own, async (tx) => {
    const [row] = await rows<{ blobKey: string; bytes: bigint; readyAt: Date }>(
      tx,
      sql`UPDATE archives SET "linkHash" = NULL, "linkUntil" = NULL
          WHERE "ownerId" = ${ownerId}::uuid AND id = ${requestId}::uuid AND "linkHash" = ${hashOf(secret)}::bytea AND "linkUntil" > ${toDate(tx.clock.now())}::timestamptz AND state = 'READY'
          RETURNING "blobKey", bytes, "readyAt"`,
    )
    if (row) record(tx, { type: 'archive.linkUsed', entityType: 'PrivacyRequest', entityId: requestId })
    return row
  })
  if (!found) throw new NotFoundError(gone)
  const { blobKey } = found
  return {
    bytes: Number(found.bytes),
    fileName: `kith-archive-${found.readyAt.toISOString().slice(0, 10)}.zip`,
    content: (async function* () {
      const vault = await ctx.app.vault.of(ownerId)
      yield* openFile(vault, blobKey, await ctx.app.blobs.getStream(blobKey))
      await fetched(own, requestId)
    })(),
  }
}

const gone = 'This link was used already, or is too old. Sign in and ask for another.'

async function fetched(ctx: Ctx, requestId: string): Promise<void> {
  const ownerId = ownerOf(ctx)
  await inTransaction(ctx, async (tx) => {
    await execute(
      tx,
      sql`UPDATE archives SET state = 'FETCHED', "fetchedAt" = ${toDate(tx.clock.now())}::timestamptz WHERE "ownerId" = ${ownerId}::uuid AND id = ${requestId}::uuid AND state = 'READY'`,
    )
    record(tx, { type: 'archive.fetched', entityType: 'PrivacyRequest', entityId: requestId })
    setOff(tx, { kind: 'archive.over', payload: { archiveId: requestId } })
    await downloaded(tx, requestId)
  })
}

function hashOf(secret: Uint8Array): Buffer {
  return createHash('sha256').update('archive link').update(secret).digest()
}

function bytesOf(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex')
}

function idOf(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
