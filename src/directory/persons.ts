import type { App } from '../app.ts'
import { controllerId } from '../core/controllerId.ts'
import type { Ctx } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'

/** An e-mail address or phone number in the form it is compared by: a canonical address, or E.164. */
export interface Identifier {
  kind: 'email' | 'phone'
  value: string
}

/** Keyed hashes of addresses and numbers. The key is the controller's, so that they outlast the rotation of a master key; the database alone does not tell what they stand for. */
export async function identifierHashes(app: App, identifiers: readonly Identifier[]): Promise<Uint8Array<ArrayBuffer>[]> {
  const vault = await app.vault.of(controllerId)
  return identifiers.map(({ kind, value }) => vault.hash(`person ${kind}`, value))
}

/** Makes the directory agree with what contacts of an owner hold; contacts that are gone lose their entries. Idempotent. */
export async function syncPersons(ctx: Pick<Ctx, 'app' | 'db' | 'unit'>, ownerId: string, contactIds: readonly string[]): Promise<void> {
  const held = await rows<{ contactId: string; kind: 'email' | 'phone'; value: string }>(
    ctx,
    sql`SELECT e."contactId", 'email' AS kind, e.canonical AS value FROM contact_emails AS e WHERE e."ownerId" = ${ownerId}::uuid AND e."contactId" = ANY(${[...contactIds]}::uuid[])
        UNION SELECT p."contactId", 'phone', p.e164 FROM contact_phones AS p WHERE p."ownerId" = ${ownerId}::uuid AND p."contactId" = ANY(${[...contactIds]}::uuid[]) AND p.e164 IS NOT NULL`,
  )
  const hashes = await identifierHashes(ctx.app, held)
  const entries = sql`unnest(${hashes}::bytea[], ${held.map(({ contactId }) => contactId)}::uuid[]) AS h("addressHash", "contactId")`
  await execute(
    ctx,
    sql`DELETE FROM directory_persons AS d WHERE d."ownerId" = ${ownerId}::uuid AND d."contactId" = ANY(${[...contactIds]}::uuid[])
        AND NOT EXISTS (SELECT 1 FROM ${entries} WHERE h."addressHash" = d."addressHash" AND h."contactId" = d."contactId")`,
  )
  await execute(
    ctx,
    sql`INSERT INTO directory_persons ("addressHash", "ownerId", "contactId") SELECT h."addressHash", ${ownerId}::uuid, h."contactId" FROM ${entries} ON CONFLICT DO NOTHING`,
  )
}

/** Every contact, of whatever owner, in which one of these addresses or numbers stands. */
export function findPlaces(ctx: Ctx, hashes: readonly Uint8Array[]): Promise<{ ownerId: string; contactId: string }[]> {
  return rows(ctx, sql`SELECT DISTINCT "ownerId", "contactId" FROM directory_persons WHERE "addressHash" = ANY(${[...hashes]}::bytea[]) ORDER BY 1, 2`)
}

/** Which of these addresses and numbers may stand in no address book here. */
export async function suppressedAmong(ctx: Ctx, identifiers: readonly Identifier[]): Promise<Identifier[]> {
  if (identifiers.length === 0) return []
  const hashes = (await identifierHashes(ctx.app, identifiers)).map((hash) => Buffer.from(hash).toString('hex'))
  const found = await rows<{ hash: string }>(
    ctx,
    sql`SELECT encode("addressHash", 'hex') AS hash FROM directory_suppressions WHERE "addressHash" = ANY(SELECT decode(h, 'hex') FROM unnest(${hashes}::text[]) AS h)`,
  )
  const known = new Set(found.map(({ hash }) => hash))
  return identifiers.filter((_, index) => known.has(hashes[index] ?? ''))
}

/** Keeps addresses and numbers out of every address book from now on. Idempotent. */
export async function suppress(ctx: Ctx, requestId: string, hashes: readonly Uint8Array[], at: Date): Promise<void> {
  await execute(
    ctx,
    sql`INSERT INTO directory_suppressions ("addressHash", "requestId", "createdAt") SELECT h, ${requestId}::uuid, ${at}::timestamptz FROM unnest(${[...hashes]}::bytea[]) AS h ON CONFLICT DO NOTHING`,
  )
}

const pageSize = 500

/** Removes entries of contacts that are no more. The directory and the contacts may lie on different servers, so that no statement reads both. */
async function dropAbsent(ctx: Pick<Ctx, 'app' | 'db'>): Promise<void> {
  let last = { ownerId: nobody, contactId: nobody }
  for (let more = true; more;) {
    const page = await rows<{ ownerId: string; contactId: string }>(
      ctx,
      sql`SELECT DISTINCT "ownerId", "contactId" FROM directory_persons WHERE ("ownerId", "contactId") > (${last.ownerId}::uuid, ${last.contactId}::uuid) ORDER BY "ownerId", "contactId" LIMIT ${pageSize}`,
    )
    const [owners, ids] = [[...new Set(page.map(({ ownerId }) => ownerId))], page.map(({ contactId }) => contactId)]
    const found = await rows<{ ownerId: string; id: string }>(
      ctx,
      sql`SELECT "ownerId", id FROM contacts WHERE "ownerId" = ANY(${owners}::uuid[]) AND id = ANY(${ids}::uuid[])`,
    )
    const there = new Set(found.map(({ ownerId, id }) => `${ownerId} ${id}`))
    const gone = page.filter(({ ownerId, contactId }) => !there.has(`${ownerId} ${contactId}`))
    await execute(
      ctx,
      sql`DELETE FROM directory_persons AS d USING unnest(${gone.map(({ ownerId }) => ownerId)}::uuid[], ${gone.map(({ contactId }) => contactId)}::uuid[]) AS g("ownerId", "contactId")
          WHERE d."ownerId" = g."ownerId" AND d."contactId" = g."contactId"`,
    )
    last = page.at(-1) ?? last
    more = page.length === pageSize
  }
}

/** Makes the directory of people anew from all address books; answers how many contacts it has looked at. May run beside servers. */
export async function rebuildPersons(app: App, seen: (count: number) => void = () => {}): Promise<number> {
  const ctx = { app, db: app.database.prisma }
  await dropAbsent(ctx)
  let count = 0
  let last = { ownerId: nobody, id: nobody }
  for (let more = true; more;) {
    const page = await rows<{ ownerId: string; id: string }>(
      ctx,
      sql`SELECT "ownerId", id FROM contacts WHERE ("ownerId", id) > (${last.ownerId}::uuid, ${last.id}::uuid) ORDER BY "ownerId", id LIMIT ${pageSize}`,
    )
    for (const ownerId of new Set(page.map((row) => row.ownerId)))
      await syncPersons(
        ctx,
        ownerId,
        page.filter((row) => row.ownerId === ownerId).map(({ id }) => id),
      )
    seen((count += page.length))
    last = page.at(-1) ?? last
    more = page.length === pageSize
  }
  return count
}

const nobody = '00000000-0000-0000-0000-000000000000'
