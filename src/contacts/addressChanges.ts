import { type Ctx, ownerOf } from '../core/ctx.ts'
import { rows, send, sql } from '../db/client.ts'
import { setOff } from '../events/service.ts'

/** Notes that other contacts than before may have these e-mail addresses (as `ContactEmail.canonical` writes them): mail and meetings are matched anew, off the request's path. */
export function noteAddressChanges(tx: Ctx, canonical: readonly string[]): void {
  if (canonical.length === 0) return
  send(
    tx,
    sql`INSERT INTO contact_address_changes ("ownerId", canonical) SELECT ${ownerOf(tx)}::uuid, a FROM (SELECT DISTINCT unnest(${[...canonical]}::text[]) AS a ORDER BY 1) AS changed
        ON CONFLICT DO NOTHING`,
  )
  setOff(tx, { kind: 'contacts.addressesChanged', payload: {} })
}

/** Takes some of the addresses that were noted, in the transaction that matches them anew; an empty answer: none is left. What is noted meanwhile waits for it to end, and stays. */
export async function takeAddressChanges(tx: Ctx, limit: number): Promise<string[]> {
  const ownerId = ownerOf(tx)
  const taken = await rows<{ canonical: string }>(
    tx,
    // Materialized: a plan may look at a subquery again and again, which would lock other rows each time.
    sql`WITH t AS MATERIALIZED (SELECT canonical FROM contact_address_changes WHERE "ownerId" = ${ownerId}::uuid ORDER BY canonical LIMIT ${limit}::int FOR UPDATE)
        DELETE FROM contact_address_changes AS c USING t
        WHERE c."ownerId" = ${ownerId}::uuid AND c.canonical = t.canonical RETURNING c.canonical`,
  )
  return taken.map(({ canonical }) => canonical)
}
