import { type Ctx, ownerOf } from '../core/ctx.ts'
import { isId } from '../core/ids.ts'
import type { SourcedDraft } from '../contacts/sources.ts'
import { matchKey } from '../contacts/matchKey.ts'
import { displayNameOf, normalizeEmail } from '../contacts/normalize.ts'
import { rows, sql } from '../db/client.ts'

/** Gives each draft whose source is new the contact that it plainly is: the one that an export of ours wrote it of, or the only one of that name which has one of its addresses. Anything less certain becomes a contact of its own, to be merged by its owner. */
export async function matchContacts(tx: Ctx, drafts: readonly SourcedDraft[]): Promise<SourcedDraft[]> {
  return matchAddresses(tx, await matchExported(tx, drafts))
}

/** An export names a contact that came from nowhere else by its id. */
async function matchExported(tx: Ctx, drafts: readonly SourcedDraft[]): Promise<SourcedDraft[]> {
  const named = new Map(drafts.map((draft) => [draft, /^urn:uuid:(.*)$/i.exec(draft.draft.uid?.trim() ?? '')?.[1]?.toLowerCase() ?? '']))
  const ids = [...named.values()].filter(isId)
  if (ids.length === 0) return [...drafts]
  const found = await rows<{ id: string }>(
    tx,
    sql`SELECT id FROM contacts WHERE "ownerId" = ${ownerOf(tx)}::uuid AND id = ANY(${ids}::uuid[]) AND "deletedAt" IS NULL`,
  )
  const ours = new Set(found.map(({ id }) => id))
  return drafts.map((draft) => {
    const id = named.get(draft) ?? ''
    return ours.has(id) ? { ...draft, contactId: id } : draft
  })
}

async function matchAddresses(tx: Ctx, drafts: readonly SourcedDraft[]): Promise<SourcedDraft[]> {
  const ownerId = ownerOf(tx)
  const readOf = new Map(drafts.map((draft) => [draft, draft.draft.emails.flatMap((email) => normalizeEmail(email.address) ?? [])]))
  const addressesOf = (draft: SourcedDraft): string[] => (readOf.get(draft) ?? []).map(({ normalized }) => normalized)
  const read = [...readOf.values()].flat()
  if (read.length === 0) return [...drafts]
  const known = new Set(
    (
      await rows<{ externalId: string }>(
        tx,
        sql`SELECT "externalId" FROM contact_sources WHERE "ownerId" = ${ownerId}::uuid AND kind = 'IMPORT' AND "externalId" = ANY(${drafts.map((draft) => draft.source.externalId)}::text[])`,
      )
    ).map((row) => row.externalId),
  )
  // OFFSET 0 has each address looked up in the index by itself: planned as one join, a table that has just grown is read whole for each chunk.
  const found = await rows<{ id: string; sortName: string; normalized: string }>(
    tx,
    sql`SELECT e.id, e."sortName", e.normalized FROM unnest(${[...new Set(read.map(({ canonical }) => canonical))]}::text[]) AS a(canonical)
        CROSS JOIN LATERAL (SELECT c.id, c."sortName", e.normalized FROM contact_emails AS e JOIN contacts AS c ON c."ownerId" = e."ownerId" AND c.id = e."contactId"
          WHERE e."ownerId" = ${ownerId}::uuid AND e.canonical = a.canonical AND c."ownerId" = ${ownerId}::uuid AND c."deletedAt" IS NULL OFFSET 0) AS e`,
  )
  const byAddress = Map.groupBy(found, (row) => row.normalized)
  return drafts.map((draft) => {
    if (draft.contactId !== null || known.has(draft.source.externalId ?? '')) return draft
    const name = matchKey(displayNameOf(draft.draft)).trim()
    const ids = new Set(addressesOf(draft).flatMap((address) => (byAddress.get(address) ?? []).filter((row) => row.sortName === name).map((row) => row.id)))
    const [only] = ids
    return ids.size === 1 && only ? { ...draft, contactId: only } : draft
  })
}
