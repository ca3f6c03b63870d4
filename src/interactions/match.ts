import { type Ctx, ownerOf } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'

/** An address in its two normal forms. */
export interface MatchedAddress {
  normalized: string
  canonical: string
}

/** The contacts that have an address, the longest known first; none for a stranger's. */
export type Matched = (address: MatchedAddress) => readonly string[]

/** Finds the contacts behind addresses: those that have it exactly, else those that have it but for Gmail's dots and tags. An address that several contacts share belongs to all of them. */
export async function matchAddresses(tx: Ctx, addresses: readonly MatchedAddress[]): Promise<Matched> {
  const canonical = [...new Set(addresses.map((address) => address.canonical))]
  if (canonical.length === 0) return () => []
  const found = await rows<MatchedAddress & { contactId: string }>(
    tx,
    sql`SELECT e.normalized, e.canonical, e."contactId" FROM contact_emails AS e WHERE e."ownerId" = ${ownerOf(tx)}::uuid AND e.canonical = ANY(${canonical}::text[]) ORDER BY e."contactId"`,
  )
  const exact = groups(found, ({ normalized }) => normalized)
  const alike = groups(found, (each) => each.canonical)
  return (address) => exact.get(address.normalized) ?? alike.get(address.canonical) ?? []
}

function groups(found: readonly (MatchedAddress & { contactId: string })[], key: (each: MatchedAddress) => string): Map<string, string[]> {
  const grouped = new Map<string, string[]>()
  for (const each of found) {
    const group = grouped.get(key(each))
    if (!group) grouped.set(key(each), [each.contactId])
    else if (!group.includes(each.contactId)) group.push(each.contactId)
  }
  return grouped
}
