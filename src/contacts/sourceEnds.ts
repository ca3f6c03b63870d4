import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import { record, setOff } from '../events/service.ts'
import { refreshFollowUps } from '../followUps/service.ts'
import { forgetContacts } from '../search/service.ts'
import { announcePersons } from './persons.ts'
import { saveContacts, type Write } from './save.ts'
import { meansOf } from './service.ts'
import { applySource, type SourcedValues } from './sourced.ts'
import { type ContactState, lockContacts } from './state.ts'
import { listNames } from './values.ts'

/** So many contacts are worked on at once. */
const chunkSize = 500
/** What a contact is called whose name came from a source that is forgotten. */
const nameless = 'Somebody'

/**
 * Notes that records are gone at their source. Their contacts stay, with all that is known of them and all that hangs on them; they are linked no more,
 * which `ContactSource.goneAt` shows. The record itself is not kept.
 */
export async function endSources(tx: Ctx, kind: 'GOOGLE', externalIds: readonly string[]): Promise<number> {
  if (externalIds.length === 0) return 0
  const ended = await rows<{ contactId: string }>(
    tx,
    sql`UPDATE contact_sources SET "goneAt" = ${toDate(tx.clock.now())}::timestamptz, raw = NULL, fingerprint = NULL
        WHERE "ownerId" = ${ownerOf(tx)}::uuid AND kind = ${kind} AND "externalId" = ANY(${[...externalIds]}::text[]) AND "goneAt" IS NULL RETURNING "contactId"`,
  )
  record(tx, ...ended.map(({ contactId }) => ({ type: 'contact.unlinked' as const, entityType: 'Contact', entityId: contactId, changed: ['sources'] })))
  return ended.length
}

/** Gives records the ids by which their source calls them now. One whose new id is known already is the same record twice, and ends. */
export async function renameSources(tx: Ctx, kind: 'GOOGLE', renamed: readonly { from: string; to: string }[]): Promise<void> {
  if (renamed.length === 0) return
  const ownerId = ownerOf(tx)
  const pairs = sql`unnest(${renamed.map(({ from }) => from)}::text[], ${renamed.map(({ to }) => to)}::text[]) AS r("from", "to")`
  const moved = await rows<{ from: string; contactId: string }>(
    tx,
    sql`UPDATE contact_sources AS s SET "externalId" = r."to" FROM (SELECT DISTINCT ON ("to") "from", "to" FROM ${pairs} JOIN contact_sources AS k ON k."ownerId" = ${ownerId}::uuid AND k.kind = ${kind} AND k."externalId" = "from") AS r
        WHERE s."ownerId" = ${ownerId}::uuid AND s.kind = ${kind} AND s."externalId" = r."from"
          AND NOT EXISTS (SELECT 1 FROM contact_sources AS t WHERE t."ownerId" = ${ownerId}::uuid AND t.kind = ${kind} AND t."externalId" = r."to")
        RETURNING r."from", s."contactId"`,
  )
  record(tx, ...moved.map(({ contactId }) => ({ type: 'contact.updated' as const, entityType: 'Contact', entityId: contactId, changed: ['sources'] })))
  const kept = new Set(moved.map(({ from }) => from))
  await endSources(
    tx,
    kind,
    renamed.flatMap(({ from }) => (kept.has(from) ? [] : [from])),
  )
}

/**
 * Forgets everything that a kind of source has brought, and nothing else: what the user wrote, edited or attached stays. A contact of which then nothing is left
 * goes altogether, and leaves no mark that would keep it away. Interactions that came from the same place are to be gone before. In an open transaction.
 */
export async function forgetSources(tx: Ctx, kind: 'GOOGLE'): Promise<void> {
  const ownerId = ownerOf(tx)
  const sources = await rows<{ id: string; contactId: string }>(
    tx,
    sql`SELECT id, "contactId" FROM contact_sources WHERE "ownerId" = ${ownerId}::uuid AND kind = ${kind} ORDER BY "contactId"`,
  )
  const byContact = Map.groupBy(sources, ({ contactId }) => contactId)
  const contactIds = [...byContact.keys()]
  // What a merge keeps for its undoing holds what the source had brought.
  await execute(tx, sql`DELETE FROM contact_merges WHERE "ownerId" = ${ownerId}::uuid AND "survivorId" = ANY(${contactIds}::uuid[])`)
  for (let at = 0; at < contactIds.length; at += chunkSize) {
    const chunk = contactIds.slice(at, at + chunkSize)
    const states = await lockContacts(tx, chunk)
    const means = await meansOf(tx)
    const writes = chunk.flatMap((id): Write[] => {
      const before = states.get(id)
      if (!before) return []
      const without = (byContact.get(id) ?? []).reduce((state, source) => applySource(state, nothing, { kind, sourceId: source.id }, means), before)
      return [{ before, after: { ...without, shownName: nameless }, also: ['sources'] }]
    })
    await execute(tx, sql`DELETE FROM contact_sources WHERE "ownerId" = ${ownerId}::uuid AND kind = ${kind} AND "contactId" = ANY(${chunk}::uuid[])`)
    const attached = await withAttachments(tx, chunk)
    const [empty, kept] = [new Map<string, ContactState>(), new Map<string, Write>()]
    for (const write of writes) {
      if (isEmpty(write.after) && !attached.has(write.after.id)) empty.set(write.after.id, write.after)
      else kept.set(write.after.id, write)
    }
    await saveContacts(tx, [...kept.values()])
    await removeContacts(tx, [...empty.values()])
    await refreshFollowUps(tx, [...kept.keys()])
  }
  await dropTags(tx, kind)
}

/** Deletes those tags that a kind of source has brought, that nobody has any more and for which the owner has set nothing: what a label was called before, say. In an open transaction. */
export async function dropTags(tx: Ctx, kind: 'GOOGLE'): Promise<void> {
  const ownerId = ownerOf(tx)
  const isUnused = sql`t."ownerId" = ${ownerId}::uuid AND t.source = ${kind} AND t."followUpEvery" IS NULL
        AND NOT EXISTS (SELECT 1 FROM contact_tags AS ct WHERE ct."ownerId" = ${ownerId}::uuid AND ct."tagId" = t.id)`
  // Whoever is giving one to somebody has committed before it is looked who has it.
  const unused = await rows<{ id: string }>(tx, sql`SELECT t.id FROM tags AS t WHERE ${isUnused} ORDER BY t.id FOR UPDATE`)
  if (unused.length === 0) return
  const dropped = await rows<{ id: string }>(
    tx,
    sql`DELETE FROM tags AS t WHERE ${isUnused} AND t.id = ANY(${unused.map(({ id }) => id)}::uuid[]) RETURNING t.id`,
  )
  record(tx, ...dropped.map(({ id }) => ({ type: 'tag.deleted' as const, entityType: 'Tag', entityId: id })))
}

const nothing: SourcedValues = { scalars: {}, lists: Object.fromEntries(listNames.map((list) => [list, []])) as never }

function isEmpty({ scalars, lists, provenance }: ContactState): boolean {
  const said = Object.values(scalars).some((value) => value !== null && value !== false && value !== '')
  return !said && !Object.values(provenance).some((origin) => origin.edited) && listNames.every((list) => lists[list].length === 0)
}

/** The contacts to which the user has attached something: writing, a wish, a picture, another record, a place in the bin or among the archived. */
async function withAttachments(tx: Ctx, contactIds: readonly string[]): Promise<Set<string>> {
  const ownerId = sql`${ownerOf(tx)}::uuid`
  const found = await rows<{ id: string }>(
    tx,
    sql`SELECT c.id FROM contacts AS c WHERE c."ownerId" = ${ownerId} AND c.id = ANY(${[...contactIds]}::uuid[]) AND (
          c."followUpEvery" IS NOT NULL OR c."archivedAt" IS NOT NULL
          OR EXISTS (SELECT 1 FROM notes AS n WHERE n."ownerId" = ${ownerId} AND n."contactId" = c.id)
          OR EXISTS (SELECT 1 FROM reminders AS r WHERE r."ownerId" = ${ownerId} AND r."contactId" = c.id)
          OR EXISTS (SELECT 1 FROM interaction_contacts AS i WHERE i."ownerId" = ${ownerId} AND i."contactId" = c.id)
          OR EXISTS (SELECT 1 FROM contact_sources AS s WHERE s."ownerId" = ${ownerId} AND s."contactId" = c.id)
          OR EXISTS (SELECT 1 FROM avatars AS a WHERE a."ownerId" = ${ownerId} AND a."contactId" = c.id))`,
  )
  return new Set(found.map(({ id }) => id))
}

async function removeContacts(tx: Ctx, contacts: readonly ContactState[]): Promise<void> {
  if (contacts.length === 0) return
  const ids = contacts.map(({ id }) => id)
  const own = sql`"ownerId" = ${ownerOf(tx)}::uuid`
  await execute(tx, sql`UPDATE contact_relations SET "relatedContactId" = NULL WHERE ${own} AND "relatedContactId" = ANY(${[...ids]}::uuid[])`)
  await forgetContacts(tx, ids)
  await execute(tx, sql`DELETE FROM contacts WHERE ${own} AND id = ANY(${[...ids]}::uuid[])`)
  record(tx, ...ids.map((id) => ({ type: 'contact.purged' as const, entityType: 'Contact', entityId: id })))
  announcePersons(tx, ids)
  // Those that lay in the bin were to go later.
  setOff(tx, ...contacts.filter(({ deletedAt }) => deletedAt).map(({ id }) => ({ kind: 'contact.binned', payload: { contactId: id } })))
}
