import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { rows, send, sql } from '../db/client.ts'
import { keepStatistics } from '../db/statistics.ts'
import { record } from '../events/service.ts'
import type { OwnerVault } from '../vault/vault.ts'
import type { directions, sources } from './kinds.ts'
import { refreshLastInteractions } from './lastInteractions.ts'
import { type Matched, matchAddresses } from './match.ts'
import { isStored, linksOf, storedOf } from './stored.ts'

/** Somebody who took part, by address; never the owner. */
export interface SyncedParticipant {
  role: 'FROM' | 'TO' | 'CC' | 'BCC' | 'ORGANIZER' | 'ATTENDEE'
  /** As it was written. */
  address: string
  /** As `ContactEmail.normalized` and `ContactEmail.canonical` write it. */
  normalized: string
  canonical: string
  name: string | null
  /** Whether this was contact with them; a co-recipient's part, or bulk mail, is none. */
  counts: boolean
}

/** A message or a meeting that a sync knows of. */
export interface SyncedInteraction {
  /** The message's or event's id at its source. */
  externalId: string
  threadId: string | null
  kind: 'EMAIL' | 'MEETING'
  direction: (typeof directions)[number]
  occurredAt: Date
  endedAt: Date | null
  subject: string | null
  location: string | null
  participants: readonly SyncedParticipant[]
}

/** Where synced interactions come from. */
export type Source = Exclude<(typeof sources)[number], 'MANUAL'>

/**
 * Brings interactions in step with what a sync knows, in an open transaction and a fixed number of statements: those whose participants include a contact are
 * there, once each, with all of the contacts; the others, and those that their owner has deleted, are not. What is there as it is to be is not written again.
 * 500 at a time is a good measure.
 */
export async function putInteractions(tx: Ctx, source: Source, items: readonly SyncedInteraction[]): Promise<void> {
  if (items.length === 0) return
  const ownerId = ownerOf(tx)
  const vault = await tx.app.vault.of(ownerId)
  // The three travel together.
  const [dismissed, matched, known] = await Promise.all([
    dismissedOf(tx, vault, source, items),
    matchAddresses(
      tx,
      items.flatMap(({ participants }) => participants),
    ),
    storedOf(
      tx,
      source,
      items.map(({ externalId }) => externalId),
    ),
  ])
  const wanted = items.filter((item) => !dismissed.has(item.externalId) && item.participants.some((each) => matched(each).length > 0))
  const kept = new Set(wanted.map(({ externalId }) => externalId))
  const gone = [...known.values()].filter(({ externalId }) => !kept.has(externalId))
  const entries = wanted.flatMap((item): Entry[] => {
    const stored = known.get(item.externalId)
    if (!stored) return [{ item, id: newId(tx.clock), isNew: true }]
    return isStored(stored, item, matched, vault) ? [] : [{ item, id: stored.id, isNew: false }]
  })
  const changed = new Set([...entries, ...gone].map(({ id }) => id))
  const touched = [...known.values()].filter(({ id }) => changed.has(id)).flatMap(({ contacts }) => (contacts ?? []).map(([contactId]) => contactId))
  deleteRows(
    tx,
    gone.map(({ id }) => id),
  )
  upsertRows(tx, vault, source, entries)
  const linked = replaceParts(tx, entries, matched)
  hideBinned(
    tx,
    entries.map(({ id }) => id),
  )
  record(
    tx,
    ...entries.filter(({ isNew }) => isNew).map(({ id }) => ({ type: 'interaction.synced' as const, entityType: 'Interaction', entityId: id })),
    ...gone.map(({ id }) => ({ type: 'interaction.deleted' as const, entityType: 'Interaction', entityId: id })),
  )
  if (entries.length >= manyItems) await keepStatistics(tx, ['interactions', 'interaction_contacts', 'interaction_participants'])
  await refreshLastInteractions(tx, [...new Set([...touched, ...linked])])
}

/** From so many at once on it matters how the database looks them up. */
const manyItems = 100

/** Takes away what its source has no more, or had brought and is to be forgotten. In an open transaction. */
export async function dropInteractions(tx: Ctx, source: Source, externalIds: readonly string[] | 'all'): Promise<void> {
  const ids =
    externalIds === 'all'
      ? (await rows<{ id: string }>(tx, sql`SELECT id FROM interactions WHERE "ownerId" = ${ownerOf(tx)}::uuid AND source = ${source}`)).map(({ id }) => id)
      : [...(await knownOf(tx, source, externalIds)).values()]
  if (ids.length === 0) return
  const touched = await contactsOf(tx, ids)
  deleteRows(tx, ids)
  record(tx, ...ids.map((id) => ({ type: 'interaction.deleted' as const, entityType: 'Interaction', entityId: id })))
  await refreshLastInteractions(tx, touched)
}

/** Forgets what all interactions of a source were about. In an open transaction. */
export async function dropSubjects(tx: Ctx, source: Source): Promise<void> {
  const changed = await rows<{ id: string }>(
    tx,
    sql`UPDATE interactions SET subject = NULL, "updatedAt" = ${toDate(tx.clock.now())}::timestamptz WHERE "ownerId" = ${ownerOf(tx)}::uuid AND source = ${source} AND subject IS NOT NULL RETURNING id`,
  )
  record(tx, ...changed.map(({ id }) => ({ type: 'interaction.updated' as const, entityType: 'Interaction', entityId: id, changed: ['subject'] })))
}

/** The keyed hash by which a synced interaction that its owner deleted is remembered. */
export function dismissalHash(vault: OwnerVault, source: string, externalId: string): Uint8Array<ArrayBuffer> {
  return vault.hash('interaction dismissal', `${source}\n${externalId}`)
}

interface Entry {
  item: SyncedInteraction
  id: string
  isNew: boolean
}

async function dismissedOf(tx: Ctx, vault: OwnerVault, source: Source, items: readonly SyncedInteraction[]): Promise<Set<string>> {
  const [any] = await rows(tx, sql`SELECT 1 FROM interaction_dismissals WHERE "ownerId" = ${ownerOf(tx)}::uuid LIMIT 1`)
  if (!any) return new Set()
  const byHash = new Map(items.map(({ externalId }) => [Buffer.from(dismissalHash(vault, source, externalId)).toString('hex'), externalId]))
  const found = await rows<{ hash: string }>(
    tx,
    sql`SELECT encode(hash, 'hex') AS hash FROM interaction_dismissals WHERE "ownerId" = ${ownerOf(tx)}::uuid AND hash = ANY(SELECT decode(h, 'hex') FROM unnest(${[...byHash.keys()]}::text[]) AS h)`,
  )
  return new Set(found.flatMap(({ hash }) => byHash.get(hash) ?? []))
}

async function knownOf(tx: Ctx, source: Source, externalIds: readonly string[]): Promise<Map<string, string>> {
  const found = await rows<{ id: string; externalId: string }>(
    tx,
    sql`SELECT id, "externalId" FROM interactions WHERE "ownerId" = ${ownerOf(tx)}::uuid AND source = ${source} AND "externalId" = ANY(${[...externalIds]}::text[])`,
  )
  return new Map(found.map(({ id, externalId }) => [externalId, id]))
}

async function contactsOf(tx: Ctx, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const found = await rows<{ contactId: string }>(
    tx,
    sql`SELECT DISTINCT "contactId" FROM interaction_contacts WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "interactionId" = ANY(${[...ids]}::uuid[])`,
  )
  return found.map(({ contactId }) => contactId)
}

function deleteRows(tx: Ctx, ids: readonly string[]): void {
  if (ids.length > 0) send(tx, sql`DELETE FROM interactions WHERE "ownerId" = ${ownerOf(tx)}::uuid AND id = ANY(${[...ids]}::uuid[])`)
}

/** What was put right stays as it is. */
function upsertRows(tx: Ctx, vault: OwnerVault, source: Source, entries: readonly Entry[]): void {
  if (entries.length === 0) return
  const at = toDate(tx.clock.now())
  const sealed = (column: 'subject' | 'location', { id, item }: Entry): string | null =>
    item[column] === null ? null : Buffer.from(vault.seal(`Interaction.${column}`, id, item[column])).toString('base64')
  const recordset = JSON.stringify(
    entries.map((entry) => ({
      id: entry.id,
      kind: entry.item.kind,
      direction: entry.item.direction,
      occurredAt: entry.item.occurredAt,
      endedAt: entry.item.endedAt,
      subject: sealed('subject', entry),
      location: sealed('location', entry),
      externalId: entry.item.externalId,
      threadId: entry.item.threadId,
      counted: entry.item.participants.some(({ counts }) => counts),
    })),
  )
  send(
    tx,
    sql`INSERT INTO interactions AS n ("ownerId", id, kind, direction, source, "occurredAt", "endedAt", subject, location, "externalId", "threadId", counted, "createdAt", "updatedAt")
        SELECT ${ownerOf(tx)}::uuid, r.id, r.kind, r.direction, ${source}, r."occurredAt", r."endedAt", decode(r.subject, 'base64'), decode(r.location, 'base64'), r."externalId", r."threadId", r.counted, ${at}::timestamptz, ${at}::timestamptz
        FROM json_to_recordset(${recordset}::json) AS r(id uuid, kind text, direction text, "occurredAt" timestamptz, "endedAt" timestamptz, subject text, location text, "externalId" text, "threadId" text, counted boolean)
        ON CONFLICT ("ownerId", source, "externalId") DO UPDATE SET kind = excluded.kind, direction = excluded.direction, "occurredAt" = excluded."occurredAt", "endedAt" = excluded."endedAt",
          subject = excluded.subject, location = excluded.location, "threadId" = excluded."threadId", counted = excluded.counted, "updatedAt" = excluded."updatedAt"
        WHERE n."correctedAt" IS NULL`,
  )
}

/** Writes who took part anew; answers the contacts that are linked. */
function replaceParts(tx: Ctx, entries: readonly Entry[], matched: Matched): string[] {
  if (entries.length === 0) return []
  const ownerId = ownerOf(tx)
  const old = entries.filter(({ isNew }) => !isNew).map(({ id }) => id)
  if (old.length > 0) {
    send(tx, sql`DELETE FROM interaction_participants WHERE "ownerId" = ${ownerId}::uuid AND "interactionId" = ANY(${old}::uuid[])`)
    send(tx, sql`DELETE FROM interaction_contacts WHERE "ownerId" = ${ownerId}::uuid AND "interactionId" = ANY(${old}::uuid[])`)
  }
  const participants = entries.flatMap(({ id, item }) =>
    item.participants.map((each, position) => ({ ...each, id: newId(tx.clock), interactionId: id, position, contactId: matched(each)[0] ?? null })),
  )
  send(
    tx,
    sql`INSERT INTO interaction_participants ("ownerId", id, "interactionId", position, role, address, canonical, name, "contactId")
        SELECT ${ownerId}::uuid, r.id, r."interactionId", r.position, r.role, r.address, r.canonical, r.name, r."contactId"
        FROM json_to_recordset(${JSON.stringify(participants)}::json) AS r(id uuid, "interactionId" uuid, position integer, role text, address text, canonical text, name text, "contactId" uuid)`,
  )
  const links = entries.flatMap(({ id, item }) => [...linksOf(item, matched)].map(([contactId, counted]) => ({ interactionId: id, contactId, counted })))
  send(
    tx,
    sql`INSERT INTO interaction_contacts ("ownerId", "interactionId", "contactId", "occurredAt", direction, counted)
        SELECT ${ownerId}::uuid, i.id, r."contactId", i."occurredAt", i.direction, r.counted
        FROM json_to_recordset(${JSON.stringify(links)}::json) AS r("interactionId" uuid, "contactId" uuid, counted boolean)
        JOIN interactions AS i ON i."ownerId" = ${ownerId}::uuid AND i.id = r."interactionId"`,
  )
  return [...new Set(links.map(({ contactId }) => contactId))]
}

/** Hides interactions all of whose contacts lie in the bin, and shows the others. */
function hideBinned(tx: Ctx, ids: readonly string[]): void {
  if (ids.length === 0) return
  send(
    tx,
    sql`UPDATE interactions AS i SET "hiddenAt" = b."hiddenAt"
        FROM (SELECT ic."interactionId" AS id, CASE WHEN bool_and(c."deletedAt" IS NOT NULL) THEN max(c."deletedAt") END AS "hiddenAt"
              FROM interaction_contacts AS ic JOIN contacts AS c ON c."ownerId" = ic."ownerId" AND c.id = ic."contactId"
              WHERE ic."ownerId" = ${ownerOf(tx)}::uuid AND ic."interactionId" = ANY(${[...ids]}::uuid[]) GROUP BY ic."interactionId") AS b
        WHERE i."ownerId" = ${ownerOf(tx)}::uuid AND i.id = b.id AND i."hiddenAt" IS DISTINCT FROM b."hiddenAt"`,
  )
}
