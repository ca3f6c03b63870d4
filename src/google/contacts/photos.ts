import { type Ctx, ownerOf } from '../../core/ctx.ts'
import { toDate } from '../../core/clock.ts'
import { InvalidInputError } from '../../core/errors.ts'
import { execute, rows, sql } from '../../db/client.ts'
import type { GoogleAvatarFetch } from '../../db/generated/prisma/client.ts'
import { setAvatar, withdrawAvatars } from '../../avatars/service.ts'
import { setOff } from '../../events/service.ts'
import { refreshDue } from '../../jobs/due.ts'
import { isPermitted } from '../../consent/service.ts'
import { purposeOfFeature } from '../features.ts'
import { isRestricted } from '../../privacy/service.ts'
import { downloadPhoto } from './photoDownload.ts'

/** The kind under which the due directory keeps when an owner's next photo is due. */
export const photosDue = 'google.photos'

/** How many photos are fetched at once. */
const atOnce = 4
/** How many are taken from the queue at once. */
const batchSize = 40
/** How many batches a job does before others' photos have their turn: about a minute's work where the host is slow. */
const batchesPerTurn = 3
/** A photo that a worker has taken comes back to the queue after this, in case the worker has ended. */
const takenFor = { minutes: 10 }
/** After so many tries a photo is left as it is, until Google has another. */
const maxAttempts = 6

/** Which photo Google has of a contact; null: none. */
export interface PersonPhoto {
  contactId: string
  person: string
  url: string | null
}

/** Notes which photos are to be fetched: those that are not known yet. Where Google has none any more, the one it had brought goes. Called in the transaction that brings the people in. */
export async function queuePhotos(tx: Ctx, photos: readonly PersonPhoto[]): Promise<void> {
  const ownerId = ownerOf(tx)
  const vault = await tx.app.vault.of(ownerId)
  const known = new Map(
    (
      await rows<Pick<GoogleAvatarFetch, 'contactId' | 'person' | 'urlHash'>>(
        tx,
        sql`SELECT "contactId", person, "urlHash" FROM google_avatar_fetches WHERE "ownerId" = ${ownerId}::uuid AND "contactId" = ANY(${photos.map(({ contactId }) => contactId)}::uuid[])`,
      )
    ).map((row) => [row.contactId, row]),
  )
  const wanted = new Map<string, PersonPhoto & { url: string; urlHash: Uint8Array<ArrayBuffer> }>()
  const gone: string[] = []
  for (const photo of photos) {
    const before = known.get(photo.contactId)
    // Of two people who are one contact by now, the first one's picture stays.
    if ((before && before.person !== photo.person) || wanted.has(photo.contactId)) continue
    if (photo.url === null) {
      if (before) gone.push(photo.contactId)
      continue
    }
    const urlHash = vault.hash('google photo', photo.url)
    if (!before || Buffer.compare(before.urlHash, urlHash) !== 0) wanted.set(photo.contactId, { ...photo, url: photo.url, urlHash })
  }
  if (gone.length > 0) {
    await execute(tx, sql`DELETE FROM google_avatar_fetches WHERE "ownerId" = ${ownerId}::uuid AND "contactId" = ANY(${gone}::uuid[])`)
    await withdrawAvatars(tx, gone, 'GOOGLE')
  }
  if (wanted.size === 0) return
  const entries = [...wanted.values()]
  await execute(
    tx,
    sql`INSERT INTO google_avatar_fetches ("ownerId", "contactId", person, "urlHash", url, "notBefore")
        SELECT ${ownerId}::uuid, p."contactId", p.person, p."urlHash", p.url, ${toDate(tx.clock.now())}::timestamptz
        FROM unnest(${entries.map(({ contactId }) => contactId)}::uuid[], ${entries.map(({ person }) => person)}::text[], ${entries.map(({ urlHash }) => urlHash)}::bytea[], ${entries.map(({ url }) => url)}::text[]) AS p("contactId", person, "urlHash", url)
        ON CONFLICT ("ownerId", "contactId") DO UPDATE SET person = excluded.person, "urlHash" = excluded."urlHash", url = excluded.url, attempts = 0, "notBefore" = excluded."notBefore"`,
  )
  setOff(tx, { kind: 'google.photos', payload: {} })
}

/** Fetches the owner's photos that are due, four at a time and 120 at most; the due directory brings the owner back for the rest, behind those who wait. Answers whether there may be a rest. A photo that cannot be had stays what it was and fails nothing else. */
export async function fetchPhotos(ctx: Ctx): Promise<boolean> {
  if (await isRestricted(ctx)) return false
  let rest = true
  for (let batch = 0; rest && batch < batchesPerTurn && (await isPermitted(ctx, purposeOfFeature.CONTACTS)); batch += 1) rest = await fetchBatch(ctx)
  await schedulePhotos(ctx)
  return rest
}

/** Answers whether there may be more that are due. */
async function fetchBatch(ctx: Ctx): Promise<boolean> {
  const ownerId = ownerOf(ctx)
  const now = ctx.clock.now()
  const taken = await rows<GoogleAvatarFetch>(
    ctx,
    // Materialized: a plan may look at a subquery again and again, which would lock other rows each time.
    sql`WITH due AS MATERIALIZED (SELECT "contactId" FROM google_avatar_fetches WHERE "ownerId" = ${ownerId}::uuid AND "notBefore" <= ${toDate(now)}::timestamptz ORDER BY "notBefore" LIMIT ${batchSize}::int FOR UPDATE SKIP LOCKED)
        UPDATE google_avatar_fetches AS f SET "notBefore" = ${toDate(now.add(takenFor))}::timestamptz, attempts = f.attempts + 1 FROM due
        WHERE f."ownerId" = ${ownerId}::uuid AND f."contactId" = due."contactId" RETURNING f.*`,
  )
  const waiting = taken.values()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const photo of waiting) await fetchPhoto(ctx, photo)
    }),
  )
  return taken.length === batchSize
}

/** Enters in the due directory when the owner's next photo is to be fetched. */
export async function schedulePhotos(ctx: Ctx): Promise<void> {
  const ownerId = ownerOf(ctx)
  await refreshDue(ctx, photosDue, ownerId, ownerId, async (tx) => {
    const [next] = await rows<{ at: Date | null }>(
      tx,
      sql`SELECT min("notBefore") AS at FROM google_avatar_fetches WHERE "ownerId" = ${ownerId}::uuid AND "notBefore" IS NOT NULL`,
    )
    return next?.at
  })
}

async function fetchPhoto(ctx: Ctx, { contactId, url, urlHash, attempts }: GoogleAvatarFetch): Promise<void> {
  const mine = sql`"ownerId" = ${ownerOf(ctx)}::uuid AND "contactId" = ${contactId}::uuid AND "urlHash" = ${urlHash}::bytea`
  try {
    const photo = url === null ? { refused: 'it has no address' } : await downloadPhoto(ctx.app, url)
    if ('later' in photo && attempts < maxAttempts) {
      const seconds = Math.max(photo.retryAfterSeconds ?? 0, 60 * 4 ** (attempts - 1))
      await execute(ctx, sql`UPDATE google_avatar_fetches SET "notBefore" = ${toDate(ctx.clock.now().add({ seconds }))}::timestamptz WHERE ${mine}`)
      return
    }
    if ('bytes' in photo) {
      // Where Google has another by now, this one is not stored any more.
      const [current] = await rows(ctx, sql`SELECT 1 FROM google_avatar_fetches WHERE ${mine}`)
      if (current) await setAvatar(ctx, contactId, photo.bytes, 'GOOGLE')
    } else ctx.app.log.info({ contactId, reason: 'later' in photo ? photo.later : photo.refused }, 'A photo of Google’s was left out.')
  } catch (error) {
    if (!(error instanceof InvalidInputError)) {
      ctx.app.log.warn({ err: error, contactId }, 'A photo of Google’s could not be stored.')
      if (attempts < maxAttempts) return
    }
  }
  await execute(ctx, sql`UPDATE google_avatar_fetches SET url = NULL, "notBefore" = NULL WHERE ${mine}`)
}
