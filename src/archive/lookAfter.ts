import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'
import { inTransaction, record } from '../events/service.ts'
import { setDue } from '../jobs/due.ts'

/** The kind under which the due directory keeps when somebody looks whether an archive's time is over. */
export const archiveDue = 'archive'

/** An archive that is being made is looked at again so often, in case nobody comes back to it. */
const lookAgain = { hours: 24 }
/** Of one that nobody has come back to for so long nothing is kept. */
const giveUpAfter = { hours: 7 * 24 }

/** The folder of an archive, in which its file lies under a name that nobody can guess. */
export function folderOf(ownerId: string, id: string): string {
  return `archives/${ownerId}/${id}/`
}

/** Has somebody look after an archive. Called before a byte of it is stored and whenever its date changes. */
export async function expectArchive(ctx: Ctx, id: string): Promise<void> {
  const archive = await find(ctx, id)
  await setDue(ctx, archiveDue, ownerOf(ctx), id, archive?.expiresAt ?? toDate(ctx.clock.now().add(lookAgain)))
}

/** Deletes the file of an archive that was fetched, whose time is over, or whose row is gone; of any other says when to look again. */
export async function lookAfterArchive(ctx: Ctx, id: string): Promise<void> {
  const ownerId = ownerOf(ctx)
  const archive = await find(ctx, id)
  const now = ctx.clock.now()
  const until = archive?.expiresAt ? toInstant(archive.expiresAt) : archive && toInstant(archive.createdAt).add(giveUpAfter)
  const open = archive && (archive.state === 'READY' || archive.state === 'BUILDING')
  if (open && until && Temporal.Instant.compare(until, now) > 0) return expectArchive(ctx, id)
  await ctx.app.blobs.deleteAll(folderOf(ownerId, id))
  if (archive?.blobKey) await close(ctx, id, open ? 'EXPIRED' : null)
  await setDue(ctx, archiveDue, ownerId, id, null)
}

async function close(ctx: Ctx, id: string, state: 'EXPIRED' | null): Promise<void> {
  const ownerId = ownerOf(ctx)
  await inTransaction(ctx, async (tx) => {
    await tx.db.archive.update({ where: { ownerId_id: { ownerId, id } }, data: { blobKey: null, linkHash: null, linkUntil: null, ...(state && { state }) } })
    record(tx, { type: 'archive.deleted', entityType: 'PrivacyRequest', entityId: id })
  })
}

interface Kept {
  state: string
  blobKey: string | null
  createdAt: Date
  expiresAt: Date | null
}

async function find(ctx: Ctx, id: string): Promise<Kept | undefined> {
  const [found] = await rows<Kept>(
    ctx,
    sql`SELECT state, "blobKey", "createdAt", "expiresAt" FROM archives WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND id = ${id}::uuid`,
  )
  return found
}
