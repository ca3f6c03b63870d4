import { createHash } from 'node:crypto'
import type { App } from '../app.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { raw, rows, sql } from '../db/client.ts'
import type { AnyPolicy, LegalBasis } from '../policy/policy.ts'
import { tablesOf } from '../policy/tables.ts'
import { readGrant } from '../google/service.ts'
import { systemCtx } from '../jobs/relay.ts'
import { type KeyClass, keyClasses } from '../vault/keys.ts'
import { blobsOf, jobsOf, mailFilesOf } from './copies.ts'
import { backupDays } from './horizon.ts'
import { type Outcome, outcomes } from './outcome.ts'

/** What would become of one kind of data. */
export interface PlannedItem {
  /** A model of the data model, or the name of another copy. */
  name: string
  /** What it is, in a sentence. */
  about: string
  /** DELETE: gone. SHRED: gone, and so is the key that opened it. EVIDENCE: kept, less what says more than the proof needs. */
  what: 'DELETE' | 'SHRED' | 'EVIDENCE'
  count: number
  /** Of EVIDENCE: which columns stay, on what ground, how long and why. */
  kept: readonly Kept[]
}

/** What stays of evidence for one time and reason. */
export interface Kept {
  columns: readonly string[]
  ground: LegalBasis
  /** How long and why, in a sentence. */
  until: string
  /** The same taken apart: an ISO 8601 period, and whether it begins with the end of the account; null: for as long as the account is there. */
  period: { after: string; fromClosure: boolean; why: string } | null
}

/** What an erasure of an account would do, as it stands now. */
export interface ErasurePlan {
  /** In the order in which it is done. Every model of the data model that can hold something of an account is there, with a count of 0 too. */
  items: readonly PlannedItem[]
  /** The classes of data keys that are destroyed, and those that must stay because evidence is sealed with them. */
  keys: { shredded: readonly KeyClass[]; kept: readonly KeyClass[] }
  /** Who is told, beside the account's holder. */
  recipients: readonly string[]
  /** For how many days copies may lie in backups; what is sealed cannot be read there, since its key is gone. */
  backupDays: number
  /** SHA-256 of what is declared: plans of one version do the same. */
  version: string
}

/** What stays of every erasure of an account, beside evidence that was there before. */
export const standing: readonly { name: string; count: number; what: string; ground: LegalBasis; until: string }[] = [
  {
    name: 'ledger of erasures',
    count: 1,
    what: 'the account’s random id and keyed hashes',
    ground: 'LEGAL_OBLIGATION',
    until: 'as long as a backup exists that could bring the account back, and a year more',
  },
  {
    name: 'the request that this answers',
    count: 1,
    what: 'that the request was made, decided and carried out, and when, as a chain of hashes',
    ground: 'LEGAL_OBLIGATION',
    until: 'P6Y after it is closed, as proof that it was answered',
  },
  {
    name: 'words of the request that this answers',
    count: 1,
    what: 'the address that answers go to, what was asked, and the letters sent there; sealed, or as files where there is no mail server',
    ground: 'LEGAL_OBLIGATION',
    until: 'P30D after it is closed, so that it can be answered',
  },
]

/** What erasing the actor's account would do: nothing is changed. */
export function erasurePlan(ctx: Ctx): Promise<ErasurePlan> {
  return planFor(ctx.app, ownerOf(ctx), null)
}

/** The plan for an account; what answers `requestId` is left out of it. */
export async function planFor(app: App, ownerId: string, requestId: string | null): Promise<ErasurePlan> {
  const found = outcomes(app.policies, tablesOf(app))
  const models: PlannedItem[] = []
  for (const outcome of found) if (outcome.what !== 'UNTOUCHED') models.push(itemOf(outcome, await countOf(app, outcome, ownerId, requestId), app))
  const copies = await copiesOf(app, ownerId, requestId, found)
  const kept = keptClasses(found, app, new Map(models.map(({ name, count }) => [name, count])))
  const grant = await readGrant(systemCtx(app, ownerId, 'erasure plan'))
  return {
    items: [...copies, ...models],
    keys: { shredded: keyClasses.filter((each) => !kept.includes(each)), kept },
    recipients: grant && grant.status !== 'DISCONNECTED' ? ['Google: the grant is revoked'] : [],
    backupDays,
    version: versionOf(found),
  }
}

/** What is declared, as a hash. */
export function versionOf(found: readonly Outcome[]): string {
  const declared = found.map(({ model, what, emptied, kept }) => [model, what, emptied, kept.map(({ name, retention }) => [name, retention])])
  return createHash('sha256').update(JSON.stringify(declared)).digest('hex')
}

/** How many rows of a model are an account's. */
export async function countOf(app: App, { table, rowsOf }: Pick<Outcome, 'table' | 'rowsOf'>, ownerId: string, requestId: string | null): Promise<number> {
  if (!rowsOf) return 0
  const [row] = await rows<{ count: number }>(
    { app, db: app.database.prisma },
    sql`SELECT count(*)::int AS count FROM ${raw(table.table)} WHERE ${rowsOf(ownerId, requestId)}`,
    { prepared: false },
  )
  return row?.count ?? 0
}

/** The classes of keys under which evidence of the account's own is sealed. */
export function keptClasses(found: readonly Outcome[], app: App, counts: ReadonlyMap<string, number>): KeyClass[] {
  const needed = found.flatMap(({ model, what, kept }) => {
    // What the controller keeps is sealed with the controller's keys.
    if (what !== 'EVIDENCE' || app.policies[model]?.holder || (counts.get(model) ?? 0) === 0) return []
    return kept.flatMap(({ sealed }) => sealed ?? [])
  })
  return [...new Set(needed)]
}

function itemOf({ model, about, what, kept }: Outcome, count: number, app: App): PlannedItem {
  const policy: AnyPolicy | undefined = app.policies[model]
  const isSealed = Object.values(policy?.columns ?? {}).some(({ sealed }) => sealed)
  const grounds = Map.groupBy(kept, ({ legalBasis, retention }) => JSON.stringify([legalBasis, retention]))
  return {
    name: model,
    about,
    what: what === 'EVIDENCE' ? 'EVIDENCE' : isSealed ? 'SHRED' : 'DELETE',
    count,
    kept: [...grounds.values()].flatMap((columns) => {
      const [first] = columns
      if (!first) return []
      const { name, legalBasis: ground, retention: until } = first
      return [{ columns: columns.map((column) => column.name), ground, until, period: periodOf(policy?.columns[name]?.retention ?? policy?.retention) }]
    }),
  }
}

function periodOf(retention: AnyPolicy['retention'] | undefined): Kept['period'] {
  return retention === undefined || retention === 'ACCOUNT' ? null : { after: retention.after, fromClosure: retention.from === 'CLOSURE', why: retention.why }
}

async function copiesOf(app: App, ownerId: string, requestId: string | null, found: readonly Outcome[]): Promise<PlannedItem[]> {
  const blobs = await blobsOf(app, ownerId)
  const folders = Map.groupBy(blobs, ({ key }) => key.split('/')[0] ?? '')
  const copy = (name: string, about: string, count: number, what: 'DELETE' | 'SHRED' = 'DELETE'): PlannedItem => ({ name, about, what, count, kept: [] })
  return [
    copy('jobs', 'Jobs that wait, run or have ended, with the ids of what they were to do.', await jobsOf(app, ownerId)),
    copy('mail files', 'Messages that were written to files, where there is no mail server.', (await mailFilesOf(app, ownerId, requestId, found)).length),
    copy('blobs', `Files: ${[...folders].map(([name, files]) => `${files.length} of ${name}`).join(', ') || 'none'}; each is sealed.`, blobs.length, 'SHRED'),
  ]
}
