import { noteAddressChanges } from '../contacts/addressChanges.ts'
import { normalizeEmail } from '../contacts/normalize.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'

/** An address from which the owner has sent so many messages is their own: an alias that Gmail does not tell of. */
const sentFromOwn = 2

/** The owner's own addresses, as `ContactEmail.canonical` writes them. */
export async function selfAddresses(tx: Ctx): Promise<Set<string>> {
  const own = await rows<{ canonical: string }>(tx, sql`SELECT canonical FROM gmail_self_addresses WHERE "ownerId" = ${ownerOf(tx)}::uuid`)
  return new Set(own.map(({ canonical }) => canonical))
}

/** Takes addresses down that Google says are the owner's; answers those that were not known to be. */
export async function learnSelf(tx: Ctx, addresses: readonly string[]): Promise<string[]> {
  const canonical = [...new Set(addresses.flatMap((address) => normalizeEmail(address)?.canonical ?? []))].toSorted()
  if (canonical.length === 0) return []
  const before = await selfAddresses(tx)
  await execute(
    tx,
    sql`INSERT INTO gmail_self_addresses AS s ("ownerId", canonical, origin) SELECT ${ownerOf(tx)}::uuid, c, 'GOOGLE' FROM unnest(${canonical}::text[]) AS c
        ON CONFLICT ("ownerId", canonical) DO UPDATE SET origin = 'GOOGLE' WHERE s.origin <> 'GOOGLE'`,
  )
  const learnt = canonical.filter((each) => !before.has(each))
  noteAddressChanges(tx, learnt)
  return learnt
}

/**
 * Looks anew which addresses the owner's sent mail shows to be their own: those it came from twice, unless a contact has them. Looks at `candidates` and at those
 * found so before; answers those for which this has changed.
 */
export async function reviewSelf(tx: Ctx, candidates: readonly string[]): Promise<string[]> {
  const ownerId = ownerOf(tx)
  const reviewed = await rows<{ canonical: string; origin: string | null; own: boolean }>(
    tx,
    sql`SELECT c.canonical, s.origin,
          NOT EXISTS (SELECT 1 FROM contact_emails AS e WHERE e."ownerId" = ${ownerId}::uuid AND e.canonical = c.canonical)
          AND (SELECT count(*) FROM (SELECT DISTINCT a."messageId" FROM gmail_addresses AS a JOIN gmail_messages AS m ON m."ownerId" = a."ownerId" AND m.id = a."messageId"
                WHERE a."ownerId" = ${ownerId}::uuid AND a.canonical = c.canonical AND a.role = 'FROM' AND m.state = 'KNOWN' AND 'SENT' = ANY(m.labels) LIMIT ${sentFromOwn}) AS sent) = ${sentFromOwn}::int AS own
        FROM (SELECT unnest(${[...candidates]}::text[]) AS canonical UNION SELECT canonical FROM gmail_self_addresses WHERE "ownerId" = ${ownerId}::uuid AND origin = 'SENT') AS c
        LEFT JOIN gmail_self_addresses AS s ON s."ownerId" = ${ownerId}::uuid AND s.canonical = c.canonical
        WHERE s.origin IS DISTINCT FROM 'GOOGLE'
        ORDER BY c.canonical`,
  )
  const found = reviewed.filter(({ origin, own }) => origin === null && own).map(({ canonical }) => canonical)
  const lost = reviewed.filter(({ origin, own }) => origin === 'SENT' && !own).map(({ canonical }) => canonical)
  if (found.length > 0)
    await execute(
      tx,
      sql`INSERT INTO gmail_self_addresses ("ownerId", canonical, origin) SELECT ${ownerId}::uuid, c, 'SENT' FROM unnest(${found}::text[]) AS c`,
    )
  if (lost.length > 0) await execute(tx, sql`DELETE FROM gmail_self_addresses WHERE "ownerId" = ${ownerId}::uuid AND canonical = ANY(${lost}::text[])`)
  // Meetings that were judged before are judged anew.
  noteAddressChanges(tx, [...found, ...lost])
  return [...found, ...lost]
}
