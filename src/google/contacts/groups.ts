import { dropTags } from '../../contacts/sourceEnds.ts'
import { type Ctx, ownerOf } from '../../core/ctx.ts'
import { execute, rows, sql } from '../../db/client.ts'
import { GoogleFailure } from '../failure.ts'
import { finish, type Run, step } from '../run.ts'
import type { Sync } from '../sync.ts'
import { type GroupsPage, listGroups, type Person } from './people.ts'
import { applyPeople, readLabels, takeLabels } from './store.ts'

/** How often labels are looked at, seconds. */
const everySeconds = 60 * 60
/** So many contacts are labelled anew at once. */
const batchSize = 500

/** The owner's labels, which contacts bear as tags. A label that is renamed or deleted changes no contact at Google, so those who bear it are read anew here. */
export const groupsSync: Sync = {
  resource: 'groups',
  models: ['GoogleGroup', 'GooglePerson', 'Contact', 'ContactSource'],
  run: readGroups,
  purge: async (tx) => void (await execute(tx, sql`DELETE FROM google_groups WHERE "ownerId" = ${ownerOf(tx)}::uuid`)),
}

async function readGroups(ctx: Ctx, run: Run): Promise<void> {
  const full = run.cursor === null || run.fullWanted
  try {
    await readPages(ctx, run, full ? null : run.cursor)
  } catch (error) {
    if (full || !(error instanceof GoogleFailure && error.kind === 'expired')) throw error
    await readPages(ctx, run, null)
  }
}

/** Reads all pages, a few hundred labels at most, before anything is written; then labels contacts anew, batch by batch, and ends. */
async function readPages(ctx: Ctx, run: Run, syncToken: string | null): Promise<void> {
  const groups: GroupsPage['groups'] = []
  let page: GroupsPage | undefined
  do {
    page = await listGroups(ctx, { pageToken: page?.nextPageToken ?? null, syncToken })
    groups.push(...page.groups)
  } while (page.nextPageToken !== null)
  if (page.nextSyncToken === null) throw new GoogleFailure('unavailable', 'a last page without a sync token')
  const runId = run.runId + 1
  const before = await readLabels(ctx)
  const after = new Map(syncToken === null ? [] : before)
  for (const { resourceName, name } of groups) {
    if (name === null) after.delete(resourceName)
    else after.set(resourceName, name)
  }
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name))
  const bearers = await bearersOf(ctx, changed)
  for (let at = 0; at < bearers.length; at += batchSize) {
    await step(ctx, run, { phase: 'label', processed: at, total: bearers.length }, (tx) => relabel(tx, bearers.slice(at, at + batchSize), after))
  }
  const place = { processed: groups.length, total: groups.length }
  await finish(ctx, run, { cursor: page.nextSyncToken, full: syncToken === null, everySeconds, place: { ...place, runId } }, async (tx, count) => {
    await takeLabels(tx)
    await saveGroups(tx, after, runId)
    // Whoever came in, or was changed, with the labels of before while the others were labelled. Those who have theirs stay as they are.
    const all = await bearersOf(tx, changed)
    for (let at = 0; at < all.length; at += batchSize) await relabel(tx, all.slice(at, at + batchSize), after)
    await dropTags(tx, 'GOOGLE')
    count({ changed: changed.length, relabelled: bearers.length })
  })
}

async function saveGroups(tx: Ctx, labels: ReadonlyMap<string, string>, runId: number): Promise<void> {
  const ownerId = ownerOf(tx)
  await execute(
    tx,
    sql`INSERT INTO google_groups AS g ("ownerId", "resourceName", name, "seenRun")
        SELECT ${ownerId}::uuid, l."resourceName", l.name, ${runId}::int FROM unnest(${[...labels.keys()]}::text[], ${[...labels.values()]}::text[]) AS l("resourceName", name) ORDER BY 2
        ON CONFLICT ("ownerId", "resourceName") DO UPDATE SET name = excluded.name, "seenRun" = excluded."seenRun"`,
  )
  await execute(tx, sql`DELETE FROM google_groups WHERE "ownerId" = ${ownerId}::uuid AND "seenRun" < ${runId}::int`)
}

async function bearersOf(ctx: Ctx, groups: readonly string[]): Promise<string[]> {
  if (groups.length === 0) return []
  const found = await rows<{ resourceName: string }>(
    ctx,
    sql`SELECT "resourceName" FROM google_people WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND groups && ${[...groups]}::text[] ORDER BY 1`,
  )
  return found.map(({ resourceName }) => resourceName)
}

/** Reads people anew from what is kept of them. */
export async function relabel(tx: Ctx, resourceNames: readonly string[], labels: ReadonlyMap<string, string>): Promise<void> {
  if (resourceNames.length === 0) return
  const ownerId = ownerOf(tx)
  const vault = await tx.app.vault.of(ownerId)
  const kept = await rows<{ id: string; raw: Uint8Array }>(
    tx,
    sql`SELECT id, raw FROM contact_sources WHERE "ownerId" = ${ownerId}::uuid AND kind = 'GOOGLE' AND "externalId" = ANY(${[...resourceNames]}::text[]) AND raw IS NOT NULL`,
  )
  await applyPeople(
    tx,
    kept.map(({ id, raw }) => JSON.parse(vault.open('ContactSource.raw', id, raw)) as Person),
    labels,
  )
}
