import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { rows, sql } from '../db/client.ts'
import { setDue } from '../jobs/due.ts'
import { systemCtx } from '../jobs/relay.ts'

/** The kind under which the due directory keeps when somebody looks whether a picture's bytes are still needed. */
export const blobDue = 'avatar.blob'

/** A transaction that stored a picture has ended by then, one way or the other. */
const firstLook = { hours: 1 }
/** Rows can go with the contact or the merge that held them; what nobody names goes at the next look. */
const lookAgain = { hours: 30 * 24 }

/** Stores a picture's bytes, sealed, under a key of their own; answers the key. That somebody looks after them is written down first, so that no crash leaves bytes that nobody knows of. */
export async function storeBlob(ctx: Ctx, bytes: Uint8Array): Promise<string> {
  const ownerId = ownerOf(ctx)
  const id = newId(ctx.clock)
  // Outside the caller's transaction: it must stand even when that is rolled back.
  await setDue(systemCtx(ctx.app, ownerId, 'avatar'), blobDue, ownerId, id, toDate(ctx.clock.now().add(firstLook)))
  const vault = await ctx.app.vault.of(ownerId)
  const key = keyOf(ownerId, id)
  await ctx.app.blobs.put(key, vault.sealBlob(key, bytes))
  return key
}

/** Reads a picture's bytes and opens them. */
export async function readBlob(ctx: Ctx, key: string): Promise<Uint8Array<ArrayBuffer>> {
  const vault = await ctx.app.vault.of(ownerOf(ctx))
  return vault.openBlob(key, await ctx.app.blobs.getBytes(key))
}

/** Deletes a picture's bytes if no row names them and no merge that could still be undone may bring such a row back; else says when to look again. */
export async function lookAfterBlob(ctx: Ctx, id: string): Promise<void> {
  const ownerId = ownerOf(ctx)
  const now = toDate(ctx.clock.now())
  const [state] = await rows<{ named: boolean; undoUntil: Date | null }>(
    ctx,
    sql`SELECT EXISTS (SELECT 1 FROM avatars WHERE "ownerId" = ${ownerId}::uuid AND key = ${keyOf(ownerId, id)}) AS named,
          (SELECT max("undoUntil") FROM contact_merges WHERE "ownerId" = ${ownerId}::uuid AND "undoneAt" IS NULL AND "undoUntil" > ${now}::timestamptz) AS "undoUntil"`,
  )
  if (state?.named) return setDue(ctx, blobDue, ownerId, id, toDate(ctx.clock.now().add(lookAgain)))
  if (state?.undoUntil) return setDue(ctx, blobDue, ownerId, id, state.undoUntil)
  await ctx.app.blobs.delete(keyOf(ownerId, id))
  await setDue(ctx, blobDue, ownerId, id, null)
}

/** The id of the blob under a key. */
export function blobIdOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}

/** Every blob lies in a folder of its owner's: what erasing an account deletes. */
function keyOf(ownerId: string, id: string): string {
  return `avatars/${ownerId}/${id}`
}
