import { toInstant } from '../../core/clock.ts'
import { type Ctx, ownerOf } from '../../core/ctx.ts'
import { forgetSources } from '../../contacts/sourceEnds.ts'
import { execute, sql } from '../../db/client.ts'
import { withdrawAvatars } from '../../avatars/service.ts'
import { record } from '../../events/service.ts'
import { GoogleFailure } from '../failure.ts'
import { finish, type Place, type Run, step } from '../run.ts'
import type { Sync } from '../sync.ts'
import { Yield } from '../yield.ts'
import { fetchMissed } from './missed.ts'
import { listConnections, paramsHashOf } from './people.ts'
import { savePeople, sweepPeople } from './store.ts'

/** The most that Google lists at once. */
const largestPage = 1000
/** How often the address book is looked at, seconds. */
const everySeconds = 10 * 60
/** Google forgets a sync token seven days after the full listing that began its line: everything is listed anew a day before, at an hour that differs from owner to owner. */
const freshFor = { hours: 6 * 24 }
const freshJitterMinutes = 12 * 60
/** Two listings of everything are so far apart, whatever asks for them. */
const betweenFulls = { minutes: 10 }

/** The owner's Google contacts: everybody at first and once a week, what has changed in between; each page commits with the place of the next. */
export function contactsSync({ pageSize = largestPage } = {}): Sync {
  return {
    resource: 'contacts',
    models: ['GooglePerson', 'GoogleAvatarFetch', 'Contact', 'ContactSource'],
    run: (ctx, run) => readContacts(ctx, run, pageSize),
    purge: purgeContacts,
  }
}

async function readContacts(ctx: Ctx, run: Run, pageSize: number): Promise<void> {
  const paramsHash = paramsHashOf(pageSize)
  // A place in a list that was asked for otherwise is none in this one.
  const resumes = run.phase !== null && run.paramsHash === paramsHash && run.pageToken !== null
  if (resumes) return run.phase === 'incremental' ? readChanges(ctx, run, pageSize) : readEverybody(ctx, run, pageSize)
  if (run.cursor !== null && run.paramsHash === paramsHash && !run.fullWanted && !isOld(ctx, run)) {
    try {
      return await readChanges(ctx, run, pageSize)
    } catch (error) {
      if (!(error instanceof GoogleFailure && error.kind === 'expired')) throw error
      const earliest = run.lastFullAt && toInstant(run.lastFullAt).add(betweenFulls)
      if (earliest && Temporal.Instant.compare(earliest, ctx.clock.now()) > 0) throw new Yield(earliest)
    }
  }
  await readEverybody(ctx, run, pageSize, { phase: 'list', processed: 0, total: null, pageToken: null, paramsHash, runId: run.runId + 1, tally: {} })
}

/** Whether the cursor will not be good for much longer. */
function isOld(ctx: Ctx, { lastFullAt, id }: Run): boolean {
  if (!lastFullAt) return true
  const jitter = Number.parseInt(id.slice(-6), 16) % freshJitterMinutes
  return Temporal.Instant.compare(toInstant(lastFullAt).add(freshFor).subtract({ minutes: jitter }), ctx.clock.now()) <= 0
}

async function readEverybody(ctx: Ctx, run: Run, pageSize: number, beginning: Partial<Place> = {}): Promise<void> {
  await readPages(ctx, run, { pageSize, syncToken: null, beginning, full: true })
}

async function readChanges(ctx: Ctx, run: Run, pageSize: number): Promise<void> {
  const resumes = run.phase === 'incremental' && run.pageToken !== null
  const start: Partial<Place> = { phase: 'incremental', processed: 0, total: null, pageToken: null, tally: {} }
  const beginning = resumes || (await fetchMissed(ctx, run, start)) ? {} : start
  await readPages(ctx, run, { pageSize, syncToken: run.cursor, beginning, full: false })
}

interface Reading {
  pageSize: number
  syncToken: string | null
  /** Where the first page is committed to stand. */
  beginning: Partial<Place>
  full: boolean
}

async function readPages(ctx: Ctx, run: Run, { pageSize, syncToken, beginning, full }: Reading): Promise<void> {
  let place = beginning
  for (;;) {
    const before = { ...run, ...place }
    const page = await listConnections(ctx, { pageToken: before.pageToken, syncToken, pageSize })
    // An end without the token of the next run would be an end that nothing can follow.
    if (page.nextPageToken === null && page.nextSyncToken === null) throw new GoogleFailure('unavailable', 'a last page without a sync token')
    const next = { ...place, processed: before.processed + page.people.length, total: page.total ?? before.total, pageToken: page.nextPageToken }
    if (page.nextPageToken === null) {
      const ending = { cursor: page.nextSyncToken ?? '', full, everySeconds, place: { ...next, total: before.processed + page.people.length } }
      await finish(ctx, run, ending, async (tx, count) => {
        count(await savePeople(tx, page.people, before.runId))
        if (!full) return
        count({ removed: await sweepPeople(tx, before.runId) })
        record(tx, { type: 'google.contactsImported', entityType: 'GoogleSyncState', entityId: run.id, changed: ['cursor', 'status'] })
      })
      return
    }
    await step(ctx, run, next, async (tx, count) => count(await savePeople(tx, page.people, before.runId)))
    place = {}
  }
}

/** Forgets the contacts and pictures that came from Google; what the owner wrote or attached stays. */
async function purgeContacts(tx: Ctx): Promise<void> {
  const ownerId = ownerOf(tx)
  const pictured = await tx.db.avatar.findMany({ where: { ownerId, source: 'GOOGLE' }, select: { contactId: true } })
  await withdrawAvatars(
    tx,
    pictured.map(({ contactId }) => contactId),
    'GOOGLE',
  )
  await forgetSources(tx, 'GOOGLE')
  for (const table of [sql`google_avatar_fetches`, sql`google_people`]) await execute(tx, sql`DELETE FROM ${table} WHERE "ownerId" = ${ownerId}::uuid`)
}
