import { createHash } from 'node:crypto'
import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { InvalidInputError, NotFoundError } from '../core/errors.ts'
import { isId, newId } from '../core/ids.ts'
import { execute, rows, type Sql, sql } from '../db/client.ts'
import type { Avatar } from '../db/generated/prisma/client.ts'
import type { Owner } from '../db/template.ts'
import { inTransaction, record, setOff } from '../events/service.ts'
import { blobIdOf, readBlob, storeBlob } from './blobs.ts'
import { type Image, type ImageType, readImage } from './image.ts'

/** Where a picture comes from; one that the user gave is never replaced by another source. */
export type AvatarSource = 'MANUAL' | 'IMPORT' | 'GOOGLE'

/** The largest picture that is taken from somebody, bytes. */
export const maxAvatarBytes = 2_000_000

/** A picture for a contact. */
export interface NewPhoto {
  contactId: string
  bytes: Uint8Array
}

/** A picture that was not taken, and why. */
export interface RefusedPhoto {
  contactId: string
  reason: string
}

/** What became of a picture: KEPT means that the one that was there stays, or that the user had taken this one away. */
export type AvatarOutcome = 'SET' | 'UNCHANGED' | 'KEPT'

/** Gives a contact the picture that its user chose, in place of any other; answers the contact's id. @throws InvalidInputError, NotFoundError */
export async function uploadAvatar(ctx: Ctx, contactId: string, bytes: Uint8Array): Promise<void> {
  if (bytes.length > maxAvatarBytes) throw new InvalidInputError({ path: ['body'], message: `A picture may have ${maxAvatarBytes / 1_000_000} MB at most.` })
  const image = await checked(bytes)
  await contactAtHand(ctx, contactId)
  await save(ctx, contactId, image, 'MANUAL')
}

/** Takes a contact's picture away; no import or sync brings the same one back. @throws NotFoundError when there is none */
export async function removeAvatar(ctx: Ctx, contactId: string): Promise<void> {
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  await inTransaction(ctx, async (tx) => {
    await contactAtHand(tx, contactId)
    const old = await lockAvatar(tx, contactId)
    if (!old) throw new NotFoundError('The contact has no picture.')
    await execute(
      tx,
      sql`INSERT INTO contact_removed_values ("ownerId", "contactId", field, "valueHash", "removedAt")
          VALUES (${ownerId}::uuid, ${contactId}::uuid, 'avatar', ${vault.hash('removed value', markOf(old.sha256))}::bytea, ${toDate(tx.clock.now())}::timestamptz) ON CONFLICT DO NOTHING`,
    )
    await drop(tx, [old])
  })
}

/** Gives a contact a picture that a source has of it. What the user gave or took away stays as the user left it, and so does what another source brought. @throws InvalidInputError when the bytes are no picture */
export async function setAvatar(ctx: Ctx, contactId: string, bytes: Uint8Array, source: Exclude<AvatarSource, 'MANUAL'>): Promise<AvatarOutcome> {
  return save(ctx, contactId, await checked(bytes), source)
}

/** As `setAvatar`, for many contacts; answers the pictures that were not taken. */
export async function storePhotos(ctx: Ctx, photos: readonly NewPhoto[], source: Exclude<AvatarSource, 'MANUAL'>): Promise<RefusedPhoto[]> {
  const refused: RefusedPhoto[] = []
  for (const { contactId, bytes } of photos) {
    const image = bytes.length > maxAvatarBytes ? { refused: `It is larger than ${maxAvatarBytes / 1_000_000} MB.` } : await readImage(bytes)
    if ('refused' in image) refused.push({ contactId, reason: image.refused })
    else await save(ctx, contactId, image, source)
  }
  return refused
}

/** Takes away the pictures that a source had brought to these contacts and has no more. */
export async function withdrawAvatars(tx: Ctx, contactIds: readonly string[], source: Exclude<AvatarSource, 'MANUAL'>): Promise<void> {
  if (contactIds.length === 0) return
  const old = await rows<Avatar>(
    tx,
    sql`SELECT * FROM avatars WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "contactId" = ANY(${[...contactIds]}::uuid[]) AND source = ${source} AND NOT edited FOR UPDATE`,
  )
  await drop(tx, old)
}

/** The ids of the pictures of contacts, by contact. */
export async function readAvatarIds(ctx: Ctx, contactIds: readonly string[]): Promise<Map<string, string>> {
  const found = await rows<{ id: string; contactId: string }>(
    ctx,
    sql`SELECT id, "contactId" FROM avatars WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND "contactId" = ANY(${[...contactIds]}::uuid[])`,
  )
  return new Map(found.map(({ id, contactId }) => [contactId, id]))
}

/** The id of a contact's picture, within the contact's statement. */
export function avatarId(ownerId: Owner): Sql {
  return sql`SELECT a.id FROM avatars AS a WHERE a."ownerId" = ${ownerId}::uuid AND a."contactId" = parent.id`
}

/** A picture of one of the actor's contacts outside the bin, with its bytes; null when there is none, or it is another's. */
export async function readAvatar(
  ctx: Ctx,
  id: string,
): Promise<{ contentType: string; sha256: Uint8Array; read: () => Promise<Uint8Array<ArrayBuffer>> } | null> {
  if (!isId(id)) return null
  const ownerId = ownerOf(ctx)
  const [avatar] = await rows<Avatar>(
    ctx,
    sql`SELECT a.* FROM avatars AS a JOIN contacts AS c ON c."ownerId" = a."ownerId" AND c.id = a."contactId"
        WHERE a."ownerId" = ${ownerId}::uuid AND a.id = ${id}::uuid AND c."ownerId" = ${ownerId}::uuid AND c."deletedAt" IS NULL`,
  )
  return avatar ? { contentType: avatar.contentType, sha256: avatar.sha256, read: () => readBlob(ctx, avatar.key) } : null
}

/** The bytes of contacts' pictures, by contact; one that is stored but cannot be read is left out. */
export async function readPictures(ctx: Ctx, contactIds: readonly string[]): Promise<Map<string, Image>> {
  const found = await ctx.db.avatar.findMany({ where: { ownerId: ownerOf(ctx), contactId: { in: [...contactIds] } } })
  const read = async ({ contactId, contentType, key }: Avatar): Promise<[string, Image] | null> => {
    const bytes = await readBlob(ctx, key).catch((error: unknown) => ctx.app.log.warn({ err: error, contactId }, 'A picture cannot be read.'))
    return bytes ? [contactId, { contentType: contentType as ImageType, bytes }] : null
  }
  return new Map((await Promise.all(found.map(read))).filter((each) => each !== null))
}

/** The contact outside the bin that has an external reference; an id that no row has where there is none. */
export async function contactIdOfReference(ctx: Ctx, reference: string): Promise<string> {
  const [found] = await rows<{ id: string }>(
    ctx,
    sql`SELECT c.id FROM contacts AS c WHERE c."ownerId" = ${ownerOf(ctx)}::uuid AND c."externalReference" = ${reference.replaceAll('\0', '')} AND c."deletedAt" IS NULL`,
  )
  return found?.id ?? '00000000-0000-0000-0000-000000000000'
}

async function checked(bytes: Uint8Array): Promise<Image> {
  const image = await readImage(bytes)
  if ('refused' in image) throw new InvalidInputError({ path: ['body'], message: image.refused })
  return image
}

async function save(ctx: Ctx, contactId: string, { bytes, contentType }: Image, source: AvatarSource): Promise<AvatarOutcome> {
  const ownerId = ownerOf(ctx)
  const sha256 = createHash('sha256').update(bytes).digest()
  const before = await verdict(ctx, contactId, sha256, source, await findAvatar(ctx, contactId))
  if (before !== 'SET') return before
  const key = await storeBlob(ctx, bytes)
  return inTransaction(ctx, async (tx) => {
    // Locked before it is asked again: of two that come at once, the second sees what the first has done.
    const [contact] = await rows(tx, sql`SELECT id FROM contacts WHERE "ownerId" = ${ownerId}::uuid AND id = ${contactId}::uuid FOR UPDATE`)
    const old = await lockAvatar(tx, contactId)
    const outcome = contact ? await verdict(tx, contactId, sha256, source, old) : 'KEPT'
    if (outcome !== 'SET') {
      setOff(tx, freed(key))
      return outcome
    }
    if (old) await execute(tx, sql`DELETE FROM avatars WHERE "ownerId" = ${ownerId}::uuid AND id = ${old.id}::uuid`)
    if (old) setOff(tx, freed(old.key))
    await tx.db.avatar.create({
      data: {
        ownerId,
        id: newId(tx.clock),
        contactId,
        key,
        contentType,
        bytes: bytes.length,
        sha256,
        source,
        edited: source === 'MANUAL',
        createdAt: toDate(tx.clock.now()),
      },
    })
    record(tx, { type: 'contact.updated', entityType: 'Contact', entityId: contactId, changed: ['avatarUrl'] })
    return 'SET'
  })
}

type Known = Pick<Avatar, 'sha256' | 'source' | 'edited'>

async function verdict(ctx: Ctx, contactId: string, sha256: Buffer, source: AvatarSource, old: Known | undefined): Promise<AvatarOutcome> {
  const same = old !== undefined && sha256.equals(old.sha256)
  if (source === 'MANUAL') return same && old.edited ? 'UNCHANGED' : 'SET'
  if (old && (old.edited || old.source !== source)) return 'KEPT'
  if (same) return 'UNCHANGED'
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  const removed = await rows(
    ctx,
    sql`SELECT 1 FROM contact_removed_values WHERE "ownerId" = ${ownerId}::uuid AND "contactId" = ${contactId}::uuid AND field = 'avatar' AND "valueHash" = ${vault.hash('removed value', markOf(sha256))}::bytea`,
  )
  return removed.length > 0 ? 'KEPT' : 'SET'
}

function markOf(sha256: Uint8Array): string {
  return `avatar\n${Buffer.from(sha256).toString('hex')}`
}

async function findAvatar(ctx: Ctx, contactId: string): Promise<Known | undefined> {
  const [avatar] = await rows<Known>(
    ctx,
    sql`SELECT sha256, source, edited FROM avatars WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND "contactId" = ${contactId}::uuid`,
  )
  return avatar
}

async function lockAvatar(tx: Ctx, contactId: string): Promise<Avatar | undefined> {
  const [avatar] = await rows<Avatar>(tx, sql`SELECT * FROM avatars WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "contactId" = ${contactId}::uuid FOR UPDATE`)
  return avatar
}

async function drop(tx: Ctx, avatars: readonly Avatar[]): Promise<void> {
  if (avatars.length === 0) return
  await execute(tx, sql`DELETE FROM avatars WHERE "ownerId" = ${ownerOf(tx)}::uuid AND id = ANY(${avatars.map(({ id }) => id)}::uuid[])`)
  setOff(tx, ...avatars.map(({ key }) => freed(key)))
  record(tx, ...avatars.map(({ contactId }) => ({ type: 'contact.updated' as const, entityType: 'Contact', entityId: contactId, changed: ['avatarUrl'] })))
}

function freed(key: string): { kind: string; payload: { blobId: string } } {
  return { kind: 'avatar.freed', payload: { blobId: blobIdOf(key) } }
}

async function contactAtHand(ctx: Ctx, contactId: string): Promise<void> {
  const [contact] = await rows(ctx, sql`SELECT id FROM contacts WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND id = ${contactId}::uuid AND "deletedAt" IS NULL`)
  if (!contact) throw new NotFoundError('There is no contact with that id.')
}
