import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'
import { setDue } from '../jobs/due.ts'

/** The kind under which the due directory keeps when somebody looks whether an import has come to its end, and its file can go. */
export const importDue = 'import'

/** The job that does an import. */
export const importJobName = 'contacts-import'

/** No file takes so long to come in, and few imports take so long to be done. */
const lookAfter = { hours: 1 }

/** Where an import's file lies. */
export function fileKeyOf(ownerId: string, id: string): string {
  return `imports/${ownerId}/${id}`
}

/** Has somebody look after an import before its file is stored, so that no crash leaves a file that nobody knows of. */
export async function expectImport(ctx: Ctx, id: string): Promise<void> {
  await setDue(ctx, importDue, ownerOf(ctx), id, toDate(ctx.clock.now().add(lookAfter)))
}

/** Hands an import that has not come to its end to its job again, which does the rest once however often it is sent; the file of any other goes. */
export async function lookAfterImport(ctx: Ctx, id: string): Promise<void> {
  const ownerId = ownerOf(ctx)
  if (await isOpen(ctx, id)) {
    await ctx.app.queue.send(importJobName, { ownerId, importId: id })
    await expectImport(ctx, id)
    return
  }
  await ctx.app.blobs.delete(fileKeyOf(ownerId, id))
  await setDue(ctx, importDue, ownerId, id, null)
}

/** Has somebody look after an import that has not come to its end: the entry of the due directory, made again. */
export async function expectOpenImport(ctx: Ctx, id: string): Promise<void> {
  if (await isOpen(ctx, id)) await expectImport(ctx, id)
}

async function isOpen(ctx: Ctx, id: string): Promise<boolean> {
  const [run] = await rows<{ finishedAt: Date | null }>(
    ctx,
    sql`SELECT "finishedAt" FROM import_runs WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND id = ${id}::uuid`,
  )
  return run !== undefined && run.finishedAt === null
}
