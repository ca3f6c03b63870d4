import { people, type people_v1 } from 'googleapis/build/src/apis/people/index.js'
import { createHash } from 'node:crypto'
import { matchKey } from '../../contacts/matchKey.ts'
import { normalizeEmail } from '../../contacts/normalize.ts'
import { type Ctx, ownerOf } from '../../core/ctx.ts'
import { newId } from '../../core/ids.ts'
import { execute, sql } from '../../db/client.ts'
import { callGoogle, clientOptions } from '../call.ts'
import { GoogleFailure } from '../failure.ts'
import { finish, type Place, type Run, step, type Tally } from '../run.ts'
import type { Sync } from '../sync.ts'
import type { Person } from './people.ts'
import { draftOfPerson } from './personDraft.ts'

/** What is read of people whom one has been in touch with and not saved. */
const readMask = 'names,emailAddresses,phoneNumbers,metadata'
const pageSize = 1000
const paramsHash = createHash('sha256').update(`${readMask} ${pageSize}`).digest('base64url').slice(0, 16)
/** How often they are looked at, seconds: they are suggestions, and in no hurry. */
const everySeconds = 6 * 3600

/** People whom the owner has been in touch with and not saved, as suggestions; only for owners who asked for it. */
export const otherContactsSync: Sync = {
  resource: 'otherContacts',
  models: ['GoogleOtherContact'],
  run: readOthers,
  purge: async (tx) => void (await execute(tx, sql`DELETE FROM google_other_contacts WHERE "ownerId" = ${ownerOf(tx)}::uuid`)),
}

async function readOthers(ctx: Ctx, run: Run): Promise<void> {
  const fits = run.paramsHash === paramsHash
  if (run.phase === 'list' && run.pageToken !== null && fits) return readPages(ctx, run, null, {})
  const begin = { pageToken: null, paramsHash, processed: 0, total: null, tally: {} }
  if (run.cursor !== null && fits && !run.fullWanted) {
    try {
      return await readPages(ctx, run, run.cursor, { ...begin, phase: 'incremental' })
    } catch (error) {
      if (!(error instanceof GoogleFailure && error.kind === 'expired')) throw error
    }
  }
  await readPages(ctx, run, null, { ...begin, phase: 'list', runId: run.runId + 1 })
}

async function readPages(ctx: Ctx, run: Run, syncToken: string | null, beginning: Partial<Place>): Promise<void> {
  let place = beginning
  for (;;) {
    const before = { ...run, ...place }
    const page = await listOthers(ctx, before.pageToken, syncToken)
    const nextPageToken = page.nextPageToken || null
    const cursor = page.nextSyncToken || null
    if (nextPageToken === null && cursor === null) throw new GoogleFailure('unavailable', 'a last page without a sync token')
    const others = (page.otherContacts ?? []).filter(({ resourceName }) => resourceName)
    const next = { ...place, processed: before.processed + others.length, total: page.totalSize ?? before.total, pageToken: nextPageToken }
    if (cursor !== null && nextPageToken === null) {
      await finish(ctx, run, { cursor, full: syncToken === null, everySeconds, place: next }, async (tx, count) => {
        count(await saveOthers(tx, others, before.runId))
        if (syncToken === null)
          count({
            removed: await execute(tx, sql`DELETE FROM google_other_contacts WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "seenRun" < ${before.runId}::int`),
          })
      })
      return
    }
    await step(ctx, run, next, async (tx, count) => count(await saveOthers(tx, others, before.runId)))
    place = {}
  }
}

function listOthers(ctx: Ctx, pageToken: string | null, syncToken: string | null): Promise<people_v1.Schema$ListOtherContactsResponse> {
  return callGoogle(ctx, { api: 'people', units: 1 }, (accessToken) =>
    people({ version: 'v1', ...clientOptions(ctx, accessToken) }).otherContacts.list({
      readMask,
      pageSize,
      requestSyncToken: true,
      ...(pageToken === null ? {} : { pageToken }),
      ...(syncToken === null ? {} : { syncToken }),
    }),
  )
}

async function saveOthers(tx: Ctx, others: readonly Person[], runId: number): Promise<Tally> {
  const ownerId = ownerOf(tx)
  const gone = others.flatMap(({ resourceName, metadata }) => (resourceName && metadata?.deleted ? [resourceName] : []))
  const entries = others.flatMap((person) => entryOf(tx, person) ?? [])
  const removed =
    gone.length === 0
      ? 0
      : await execute(tx, sql`DELETE FROM google_other_contacts WHERE "ownerId" = ${ownerId}::uuid AND "resourceName" = ANY(${gone}::text[])`)
  if (entries.length > 0)
    await execute(
      tx,
      sql`INSERT INTO google_other_contacts ("ownerId", id, "resourceName", name, "sortName", emails, phones, canonical, "seenRun")
          SELECT DISTINCT ON (r."resourceName") ${ownerId}::uuid, r.id, r."resourceName", r.name, r."sortName", r.emails, r.phones, r.canonical, ${runId}::int
          FROM json_to_recordset(${JSON.stringify(entries)}::json) AS r(id uuid, "resourceName" text, name text, "sortName" text, emails text[], phones text[], canonical text[]) ORDER BY r."resourceName"
          ON CONFLICT ("ownerId", "resourceName") DO UPDATE SET name = excluded.name, "sortName" = excluded."sortName", emails = excluded.emails, phones = excluded.phones, canonical = excluded.canonical, "seenRun" = excluded."seenRun"`,
    )
  return { listed: others.length, suggested: entries.length, removed }
}

/** What of a person is suggested; null for one who is gone, or of whom there is nothing to write to or call. */
function entryOf(tx: Ctx, person: Person): object | null {
  if (person.metadata?.deleted) return null
  const { draft } = draftOfPerson(person, new Map())
  const emails = draft.emails.map(({ address }) => address)
  const phones = draft.phones.map(({ number }) => number)
  const name = draft.displayName ?? ([draft.name?.given, draft.name?.family].filter(Boolean).join(' ') || emails[0] || phones[0])
  if (name === undefined || emails.length + phones.length === 0) return null
  return {
    id: newId(tx.clock),
    resourceName: person.resourceName,
    name: name.slice(0, 400),
    sortName: matchKey(name).slice(0, 400),
    emails,
    phones,
    canonical: emails.flatMap((email) => normalizeEmail(email)?.canonical ?? []),
  }
}
