import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { InvalidInputError, type InputIssue } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { execute, sql } from '../db/client.ts'
import type { OwnerVault } from '../vault/vault.ts'
import type { ContactDraft } from './draft.ts'
import { draftValues } from './draftValues.ts'
import { regionOf } from './reads.ts'
import { saveContacts, type Write } from './save.ts'
import { meansOf } from './service.ts'
import { applySource, type SourcedValues } from './sourced.ts'
import { suppressedIn } from './suppressed.ts'
import { findSources, type FoundSource, saveSources, type SourcedDraft, type SourceWrite } from './sources.ts'
import { blankContact, type ContactState, lockContacts, shownNameOf } from './state.ts'

/** What became of a draft. */
export type Applied =
  | { outcome: 'CREATED' | 'UPDATED' | 'UNCHANGED'; contactId: string }
  /**
   * IN_BIN: its contact lies in the bin (`contactId`). DELETED: the user deleted what came from this source. ABSENT: no such contact. INVALID: see the
   * issues. SUPPRESSED: the person wants to stand in no address book here. RESTRICTED: what is held of them may only be stored.
   */
  | { outcome: 'SKIPPED'; reason: SkipReason; contactId: string | null; issues: InputIssue[] }

/** Why a draft was left out. */
export type SkipReason = 'IN_BIN' | 'DELETED' | 'ABSENT' | 'INVALID' | 'SUPPRESSED' | 'RESTRICTED'

/** So many drafts are worked on at once. */
const chunkSize = 500

/** Recognises a record's content without opening what is stored of it. */
export function fingerprintOf(vault: OwnerVault, content: string): Uint8Array<ArrayBuffer> {
  return vault.hash('source fingerprint', content)
}

/** Applies one draft: see `applyDrafts`. */
export async function applyDraft(tx: Ctx, draft: SourcedDraft): Promise<Applied> {
  const [applied] = await applyDrafts(tx, [draft])
  if (!applied) throw new Error('A draft has an outcome.')
  return applied
}

/**
 * Applies drafts to new or existing contacts, in an open transaction, with a fixed number of statements for each 500. Answers in the drafts' order.
 * What the user wrote, edited or took away stays; what a source had brought and has no more goes. Only contacts that change have an event.
 */
export async function applyDrafts(tx: Ctx, drafts: readonly SourcedDraft[]): Promise<Applied[]> {
  if (drafts.length === 0) return []
  // One writer of an owner's sources at a time: of two that bring the same record, the second must find the first one's.
  await execute(tx, sql`SELECT pg_advisory_xact_lock(hashtextextended(${`contact sources ${ownerOf(tx)}`}, 0))`)
  const region = await regionOf(tx)
  const applied = new Map<SourcedDraft, Applied>()
  for (const chunk of chunksOf(drafts)) for (const [draft, result] of await applyChunk(tx, chunk, region)) applied.set(draft, result)
  return drafts.map((draft) => applied.get(draft) ?? skipped('INVALID'))
}

/** Chunks in which no contact and no source comes twice: what comes again waits for the next chunk, which sees what the one before did. */
function chunksOf(drafts: readonly SourcedDraft[]): SourcedDraft[][] {
  const chunks: SourcedDraft[][] = []
  let waiting = [...drafts]
  while (waiting.length > 0) {
    const seen = new Set<string>()
    const chunk: SourcedDraft[] = []
    const later: SourcedDraft[] = []
    for (const draft of waiting) {
      const keys = [draft.contactId, draft.source.externalId && `${draft.source.kind} ${draft.source.externalId}`].filter((key) => key !== null)
      if (chunk.length < chunkSize && !keys.some((key) => seen.has(key))) chunk.push(draft)
      else later.push(draft)
      for (const key of keys) seen.add(key)
    }
    chunks.push(chunk)
    waiting = later
  }
  return chunks
}

interface Job {
  draft: SourcedDraft
  values: SourcedValues
  source: FoundSource | undefined
  /** The contact to change; null for a new one. */
  contactId: string | null
}

async function applyChunk(tx: Ctx, drafts: readonly SourcedDraft[], region: string | undefined): Promise<Map<SourcedDraft, Applied>> {
  const applied = new Map<SourcedDraft, Applied>()
  const known = await findSources(tx, drafts)
  const found = drafts.flatMap((draft): Job[] => {
    const source = known.sourceOf(draft)
    if (source?.binned) applied.set(draft, skipped('IN_BIN', source.contactId))
    else if (!source && draft.contactId === null && known.isTombstoned(draft)) applied.set(draft, skipped('DELETED'))
    else if (source && Buffer.compare(source.fingerprint, draft.source.fingerprint) === 0)
      applied.set(draft, { outcome: 'UNCHANGED', contactId: source.contactId })
    else {
      const values = readValues(draft.draft, region)
      if (!('issues' in values)) return [{ draft, values, source, contactId: source?.contactId ?? draft.contactId }]
      applied.set(draft, skipped('INVALID', null, values.issues))
    }
    return []
  })
  const unwanted = await suppressedIn(
    tx,
    found.map(({ values }) => values.lists),
  )
  const wanted = found.filter(({ draft }, index) => {
    if (unwanted[index]?.length) applied.set(draft, skipped('SUPPRESSED'))
    return !unwanted[index]?.length
  })
  // Two sources of one contact speak one after the other.
  const jobs = wanted.filter(({ contactId }, index) => contactId === null || wanted.findIndex((other) => other.contactId === contactId) === index)
  const again = wanted.filter((job) => !jobs.includes(job)).map(({ draft }) => draft)
  const states = await lockContacts(
    tx,
    jobs.flatMap(({ contactId }) => contactId ?? []),
  )
  const means = await meansOf(tx)
  const writes: Write[] = []
  const sources: SourceWrite[] = []
  for (const { draft, values, source, contactId } of jobs) {
    const before = contactId === null ? null : (states.get(contactId) ?? undefined)
    if (before === undefined || before?.deletedAt || before?.restrictedAt) {
      applied.set(draft, before ? skipped(before.deletedAt ? 'IN_BIN' : 'RESTRICTED', before.id) : skipped('ABSENT'))
      continue
    }
    const sourceId = source?.id ?? newId(tx.clock)
    const after: ContactState = applySource(before ?? blankContact(newId(tx.clock)), values, { kind: draft.source.kind, sourceId }, means)
    if (shownNameOf(after) === '') {
      applied.set(draft, skipped('INVALID', null, [nameless]))
      continue
    }
    writes.push({ before, after, ...(before ? { also: ['sources'] } : {}) })
    sources.push({ id: sourceId, isNew: source === undefined, contactId: after.id, source: draft.source })
    applied.set(draft, { outcome: before ? 'UPDATED' : 'CREATED', contactId: after.id })
  }
  await saveContacts(tx, writes)
  const untouched = drafts.flatMap((draft) => (applied.get(draft)?.outcome === 'UNCHANGED' ? (known.sourceOf(draft)?.id ?? []) : []))
  await saveSources(tx, sources, untouched, toDate(tx.clock.now()))
  return again.length === 0 ? applied : new Map([...applied, ...(await applyChunk(tx, again, region))])
}

const nameless: InputIssue = { path: [], message: 'There is no name, e-mail address, phone number, organisation or place in it.' }

function skipped(reason: SkipReason, contactId: string | null = null, issues: InputIssue[] = []): Applied {
  return { outcome: 'SKIPPED', reason, contactId, issues }
}

function readValues(draft: ContactDraft, region: string | undefined): SourcedValues | { issues: InputIssue[] } {
  try {
    return draftValues(draft, region)
  } catch (error) {
    if (error instanceof InvalidInputError) return { issues: error.issues }
    throw error
  }
}
