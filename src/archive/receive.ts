import { join } from 'node:path'
import type { App } from '../app.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { ConflictError, InvalidInputError } from '../core/errors.ts'
import { importArchive, type ImportedArchive } from './import.ts'
import { takeIn } from './passingFile.ts'

/** The largest archive that is taken by a route, bytes; "kith archive import" takes larger ones, since there nobody else waits. */
export const maxArchiveBytes = 100_000_000
/** So many archives are read in at once by one process: each keeps its own transaction open until it is done. */
const atOnce = 2

const underWay = new WeakMap<App, Set<string>>()

/** What bringing an archive in costs: a point for each 5,000 bytes, as an address book does, and as much as a mutation. */
export function pointsOf(bytes: number): number {
  return 10 + Math.ceil(bytes / 5000)
}

/** Brings an archive that streams in back into the actor's empty account; all of it or nothing. @throws InvalidInputError, ConflictError when the account is not empty, or others are being read in */
export async function receiveArchive(
  ctx: Ctx,
  body: ReadableStream<Uint8Array>,
  options: { dryRun: boolean; requireSignature: boolean },
): Promise<{ bytes: number; imported: ImportedArchive }> {
  const ownerId = ownerOf(ctx)
  let busy = underWay.get(ctx.app)
  if (!busy) underWay.set(ctx.app, (busy = new Set()))
  // Who sends slowly takes nobody's place.
  await using file = await takeIn(join(ctx.app.config.dataDir, 'incoming'), bounded(body))
  if (file.bytes === 0) throw new InvalidInputError({ path: ['body'], message: 'The archive is empty.' })
  if (busy.has(ownerId) || busy.size >= atOnce) throw new ConflictError('An archive is being read in. Try again when that is done.')
  busy.add(ownerId)
  try {
    return { bytes: file.bytes, imported: await importArchive(ctx, file, options) }
  } finally {
    busy.delete(ownerId)
  }
}

/** @throws InvalidInputError for what is larger than an archive may be */
export function refuseLarger(bytes: number): void {
  if (bytes > maxArchiveBytes)
    throw new InvalidInputError({
      path: ['body'],
      message: `An archive may have ${maxArchiveBytes / 1_000_000} MB at most here; whoever runs the server can bring in a larger one with “kith archive import”.`,
    })
}

/** The body as it comes; what is too large, or breaks off, is its sender's fault. */
async function* bounded(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw new InvalidInputError({ path: ['body'], message: 'The archive did not come whole.' })
      })
      if (done) return
      refuseLarger((bytes += value.length))
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
