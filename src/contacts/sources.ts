import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { OwnerVault } from '../vault/vault.ts'
import type { ContactDraft } from './draft.ts'

/** The record that a draft was read from. */
export interface DraftSource {
  kind: 'GOOGLE' | 'IMPORT'
  /** Its id at its source: a Google resource name, a card's UID; null where it has none. */
  externalId: string | null
  /** The record as it came, kept sealed. */
  raw: string
  /** `fingerprintOf` what of the record matters: equal fingerprints change nothing. */
  fingerprint: Uint8Array<ArrayBuffer>
}

/** A draft, where it is from, and the contact it belongs to where the caller knows; a source that is known already decides itself. */
export interface SourcedDraft {
  contactId: string | null
  draft: ContactDraft
  source: DraftSource
}

/** A source that is stored already. */
export interface FoundSource {
  id: string
  contactId: string
  fingerprint: Uint8Array
  /** Whether its contact lies in the bin. */
  binned: boolean
}

/** What is known of the sources of some drafts. */
export interface KnownSources {
  sourceOf(draft: SourcedDraft): FoundSource | undefined
  /** Whether the user deleted the contact that came from there. */
  isTombstoned(draft: SourcedDraft): boolean
}

/** A source to store: the record as it came, sealed. */
export interface SourceWrite {
  id: string
  isNew: boolean
  contactId: string
  source: DraftSource
}

/** The keyed hash by which a deleted contact's source is remembered. */
export function tombstoneHash(vault: OwnerVault, kind: string, externalId: string): Uint8Array<ArrayBuffer> {
  return vault.hash('source tombstone', `${kind}\n${externalId}`)
}

/** Looks up the sources of drafts, by their ids at the source, or where they have none by the contact and the fingerprint. */
export async function findSources(tx: Ctx, drafts: readonly SourcedDraft[]): Promise<KnownSources> {
  const ownerId = ownerOf(tx)
  const vault = await tx.app.vault.of(ownerId)
  const named = drafts.filter(({ source }) => source.externalId !== null)
  const nameless = drafts.filter(({ source, contactId }) => source.externalId === null && contactId !== null)
  const found = await rows<FoundSource & { kind: string; externalId: string | null }>(
    tx,
    sql`SELECT s.id, s."contactId", s.kind, s."externalId", COALESCE(s.fingerprint, '') AS fingerprint, c."deletedAt" IS NOT NULL AS binned
        FROM contact_sources AS s JOIN contacts AS c ON c."ownerId" = s."ownerId" AND c.id = s."contactId"
        WHERE s."ownerId" = ${ownerId}::uuid AND (
          s."externalId" = ANY(${named.map(({ source }) => source.externalId)}::text[])
          OR (s."externalId" IS NULL AND s."contactId" = ANY(${nameless.map(({ contactId }) => contactId)}::uuid[])))`,
  )
  const hashOf = new Map(named.map((draft) => [draft, Buffer.from(tombstoneHash(vault, draft.source.kind, draft.source.externalId ?? '')).toString('hex')]))
  const tombstones = await rows<{ hash: string }>(
    tx,
    sql`SELECT encode(t."externalIdHash", 'hex') AS hash FROM source_tombstones AS t
        WHERE t."ownerId" = ${ownerId}::uuid AND t."externalIdHash" = ANY(SELECT decode(h, 'hex') FROM unnest(${[...hashOf.values()]}::text[]) AS h)`,
  )
  const gone = new Set(tombstones.map(({ hash }) => hash))
  const byName = new Map(found.flatMap((source) => (source.externalId === null ? [] : [[`${source.kind} ${source.externalId}`, source]])))
  return {
    sourceOf: ({ contactId, source }) =>
      source.externalId === null
        ? found.find(
            (each) =>
              each.externalId === null &&
              each.contactId === contactId &&
              each.kind === source.kind &&
              Buffer.compare(each.fingerprint, source.fingerprint) === 0,
          )
        : byName.get(`${source.kind} ${source.externalId}`),
    isTombstoned: (draft) => gone.has(hashOf.get(draft) ?? ''),
  }
}

/** Stores sources, new ones and new versions, and notes that others were seen again. */
export async function saveSources(tx: Ctx, writes: readonly SourceWrite[], seenAgain: readonly string[], at: Date): Promise<void> {
  const ownerId = ownerOf(tx)
  const vault = await tx.app.vault.of(ownerId)
  const recordset = (entries: readonly SourceWrite[]): string =>
    JSON.stringify(
      entries.map(({ id, contactId, source }) => ({
        id,
        contactId,
        kind: source.kind,
        externalId: source.externalId,
        fingerprint: Buffer.from(source.fingerprint).toString('base64'),
        raw: Buffer.from(vault.seal('ContactSource.raw', id, source.raw)).toString('base64'),
      })),
    )
  const added = writes.filter(({ isNew }) => isNew)
  const changed = writes.filter(({ isNew }) => !isNew)
  if (added.length > 0)
    await execute(
      tx,
      sql`INSERT INTO contact_sources ("ownerId", id, "contactId", kind, "externalId", fingerprint, raw, "firstSeenAt", "lastSeenAt")
          SELECT ${ownerId}::uuid, r.id, r."contactId", r.kind, r."externalId", decode(r.fingerprint, 'base64'), decode(r.raw, 'base64'), ${at}::timestamptz, ${at}::timestamptz
          FROM json_to_recordset(${recordset(added)}::json) AS r(id uuid, "contactId" uuid, kind text, "externalId" text, fingerprint text, raw text)`,
    )
  if (changed.length > 0)
    await execute(
      tx,
      sql`UPDATE contact_sources AS s SET fingerprint = decode(r.fingerprint, 'base64'), raw = CASE WHEN s."correctedAt" IS NULL THEN decode(r.raw, 'base64') END, "lastSeenAt" = ${at}::timestamptz, "goneAt" = NULL
          FROM json_to_recordset(${recordset(changed)}::json) AS r(id uuid, fingerprint text, raw text) WHERE s."ownerId" = ${ownerId}::uuid AND s.id = r.id`,
    )
  if (seenAgain.length > 0)
    await execute(
      tx,
      sql`UPDATE contact_sources SET "lastSeenAt" = ${at}::timestamptz WHERE "ownerId" = ${ownerId}::uuid AND id = ANY(${[...seenAgain]}::uuid[])`,
    )
}
