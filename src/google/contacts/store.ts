import { type Applied, applyDrafts, fingerprintOf } from '../../contacts/drafts.ts'
import { endSources, renameSources } from '../../contacts/sourceEnds.ts'
import type { SourcedDraft } from '../../contacts/sources.ts'
import { type Ctx, ownerOf } from '../../core/ctx.ts'
import { execute, rows, sql } from '../../db/client.ts'
import type { Tally } from '../run.ts'
import type { Person } from './people.ts'
import { contentOf, draftOfPerson, groupsOf } from './personDraft.ts'
import { queuePhotos } from './photos.ts'

/** The names of the owner's labels by what Google calls them, as far as they have come in. */
export async function readLabels(ctx: Ctx): Promise<Map<string, string>> {
  const found = await rows<{ resourceName: string; name: string }>(
    ctx,
    sql`SELECT "resourceName", name FROM google_groups WHERE "ownerId" = ${ownerOf(ctx)}::uuid`,
  )
  return new Map(found.map(({ resourceName, name }) => [resourceName, name]))
}

/** Until the open transaction ends, what the labels are called stays as it is: whoever is given them now has the names that are valid, and is seen by whoever renames them. */
export async function holdLabels(tx: Ctx): Promise<void> {
  await execute(tx, sql`SELECT pg_advisory_xact_lock_shared(hashtextextended(${`google labels ${ownerOf(tx)}`}, 0))`)
}

/** Waits for those who are given labels at the moment; nobody else is until the open transaction ends. */
export async function takeLabels(tx: Ctx): Promise<void> {
  await execute(tx, sql`SELECT pg_advisory_xact_lock(hashtextextended(${`google labels ${ownerOf(tx)}`}, 0))`)
}

/** Brings people in as a list tells of them, those who are deleted or have another name at Google included; answers what became of them, counted. In an open transaction. */
export async function savePeople(tx: Ctx, people: readonly Person[], runId: number): Promise<Tally> {
  // Who got another name and was deleted before we heard of either is known here by an earlier one.
  const gone = people.flatMap((person) => (person.metadata?.deleted ? [nameOf(person), ...(person.metadata.previousResourceNames ?? [])] : []))
  const present = people.filter(({ metadata }) => !metadata?.deleted)
  await holdLabels(tx)
  await renamePeople(tx, present)
  await forgetPeople(tx, gone)
  const ended = await endSources(tx, 'GOOGLE', gone)
  await notePeople(tx, present, runId)
  const applied = await applyPeople(tx, present, await readLabels(tx))
  return { listed: people.length, ...countOf(applied), removed: ended }
}

/** Ends a listing of everybody: who was not in it is gone. Answers how many were. */
export async function sweepPeople(tx: Ctx, runId: number): Promise<number> {
  const unseen = await rows<{ resourceName: string }>(
    tx,
    sql`DELETE FROM google_people WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "seenRun" < ${runId}::int RETURNING "resourceName"`,
  )
  return endSources(
    tx,
    'GOOGLE',
    unseen.map(({ resourceName }) => resourceName),
  )
}

/** Applies what Google says of people to their contacts; answers in their order. */
export async function applyPeople(tx: Ctx, people: readonly Person[], labels: ReadonlyMap<string, string>): Promise<Applied[]> {
  const vault = await tx.app.vault.of(ownerOf(tx))
  const read = people.map((person) => ({ person, ...draftOfPerson(person, labels) }))
  const drafts = read.map(({ person, draft }): SourcedDraft => ({
    contactId: null,
    draft,
    source: { kind: 'GOOGLE', externalId: nameOf(person), raw: JSON.stringify(person), fingerprint: fingerprintOf(vault, contentOf(person, draft.tags)) },
  }))
  const applied = await applyDrafts(tx, drafts)
  await noteMissed(
    tx,
    people.flatMap((person, index) => {
      const result = applied[index]
      return result?.outcome === 'SKIPPED' && (result.reason === 'IN_BIN' || result.reason === 'RESTRICTED') ? [nameOf(person)] : []
    }),
  )
  await queuePhotos(
    tx,
    read.flatMap(({ person, photoUrl }, index) => {
      const result = applied[index]
      return !result || result.outcome === 'SKIPPED' ? [] : [{ contactId: result.contactId, person: nameOf(person), url: photoUrl }]
    }),
  )
  return applied
}

function countOf(applied: readonly Applied[]): Tally {
  const tally: Record<string, number> = {}
  for (const each of applied) {
    const name = each.outcome === 'SKIPPED' ? `skipped.${each.reason.toLowerCase()}` : each.outcome.toLowerCase()
    tally[name] = (tally[name] ?? 0) + 1
  }
  return tally
}

function nameOf(person: Person): string {
  return person.resourceName ?? ''
}

/** Google gives a person another name when an address or a profile of theirs is linked; it tells the earlier ones. */
async function renamePeople(tx: Ctx, people: readonly Person[]): Promise<void> {
  const renamed = people.flatMap((person) => (person.metadata?.previousResourceNames ?? []).map((from) => ({ from, to: nameOf(person) })))
  if (renamed.length === 0) return
  const ownerId = ownerOf(tx)
  await renameSources(tx, 'GOOGLE', renamed)
  await execute(
    tx,
    sql`UPDATE google_avatar_fetches AS f SET person = r."to" FROM unnest(${renamed.map(({ from }) => from)}::text[], ${renamed.map(({ to }) => to)}::text[]) AS r("from", "to")
        WHERE f."ownerId" = ${ownerId}::uuid AND f.person = r."from"`,
  )
  await forgetPeople(
    tx,
    renamed.map(({ from }) => from),
  )
}

async function forgetPeople(tx: Ctx, resourceNames: readonly string[]): Promise<void> {
  if (resourceNames.length > 0)
    await execute(tx, sql`DELETE FROM google_people WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "resourceName" = ANY(${[...resourceNames]}::text[])`)
}

async function notePeople(tx: Ctx, people: readonly Person[], runId: number): Promise<void> {
  if (people.length === 0) return
  const entries = people.map((person) => ({ resourceName: nameOf(person), groups: groupsOf(person) }))
  await execute(
    tx,
    sql`INSERT INTO google_people AS p ("ownerId", "resourceName", groups, "seenRun")
        SELECT DISTINCT ON (r."resourceName") ${ownerOf(tx)}::uuid, r."resourceName", r.groups, ${runId}::int FROM json_to_recordset(${JSON.stringify(entries)}::json) AS r("resourceName" text, groups text[])
        ORDER BY r."resourceName"
        ON CONFLICT ("ownerId", "resourceName") DO UPDATE SET groups = excluded.groups, "seenRun" = excluded."seenRun", missed = false`,
  )
}

/** What was left out now comes once their contacts are out of the bin, or restricted no more. */
async function noteMissed(tx: Ctx, resourceNames: readonly string[]): Promise<void> {
  if (resourceNames.length > 0)
    await execute(
      tx,
      sql`UPDATE google_people SET missed = true WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "resourceName" = ANY(${[...resourceNames]}::text[]) AND NOT missed`,
    )
}
