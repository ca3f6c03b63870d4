import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, sql } from '../db/client.ts'

/** So many records are written before progress is written down again. */
const everyRecords = 2000

/** Writes down how far an archive has come, now and then and one after the other; never in the snapshot that it is made from. */
export function countRecordsEvery(ctx: Ctx, id: string, blobKey: string): { seen: (processed: number, total: number) => void; done: () => Promise<void> } {
  let written = -everyRecords
  let last = { processed: 0, total: 0 }
  let writing: Promise<unknown> = Promise.resolve()
  const write = ({ processed, total }: typeof last): void => {
    written = processed
    writing = writing.then(() =>
      execute(
        ctx,
        sql`UPDATE archives SET processed = ${processed}::int, total = ${total}::int WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND id = ${id}::uuid AND "blobKey" = ${blobKey}`,
      ),
    )
    writing.catch(() => {})
  }
  return {
    seen: (processed, total) => {
      last = { processed, total }
      if (processed - written >= everyRecords) write(last)
    },
    done: async () => {
      write(last)
      await writing
    },
  }
}
