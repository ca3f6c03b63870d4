import { toInstant } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import { record, setOff } from '../events/service.ts'
import { GoogleFailure } from '../google/failure.ts'
import { counted, finish, type Place, type Run, step } from '../google/run.ts'
import type { Sync } from '../google/sync.ts'
import { Yield } from '../google/yield.ts'
import { type EventsPage, largestPage, listEvents, paramsHashOf } from './api.ts'
import { openChannelSoon, stopChannels } from './channels.ts'
import { forgetTombstones, saveEvents, sweepUnseen } from './entries.ts'
import { ownAddresses } from './own.ts'
import { projectDue, rematchMeetings } from './project.ts'
import { purgeCalendar } from './purge.ts'
import { type Occurrences, readOccurrences, replaceOccurrences } from './series.ts'

/** How often the calendar is looked at, whatever Google says of itself, seconds. */
const everySeconds = 10 * 60
/** Where a sync token that is as fresh as this is refused, another listing would not help. */
const calm = { hours: 1 }

/** What a run is at: pages of all or of what has changed, then the occurrences of the series that have. */
const phases = { full: ['list', 'series'], incremental: ['changes', 'changed series'] } as const
type Mode = keyof typeof phases

/** The owner's Google calendar: all of it at first, then what changes. */
export function calendarSync({ pageSize = largestPage } = {}): Sync {
  return {
    resource: 'calendar',
    models: ['CalendarEntry', 'CalendarMeeting', 'CalendarAttendee', 'CalendarChannel', 'Interaction'],
    run: (ctx, run) => sync(ctx, run, pageSize),
    purge: purgeCalendar,
    rematch: rematchMeetings,
    stop: stopChannels,
  }
}

async function sync(ctx: Ctx, run: Run, pageSize: number): Promise<void> {
  const paramsHash = paramsHashOf(pageSize)
  const own = await ownAddresses(ctx)
  const fits = run.paramsHash === paramsHash
  let mode: Mode = run.cursor === null || run.fullWanted || !fits || phases.full.some((phase) => phase === run.phase) ? 'full' : 'incremental'
  // A place in a list that was asked for otherwise is none in this one.
  const resumes = run.phase !== null && fits && phases[mode].some((phase) => phase === run.phase)
  if (!resumes && mode === 'full') await beginListing(ctx, run, paramsHash)
  let place: Partial<Place> = resumes || mode === 'full' ? {} : { phase: phases.incremental[0], pageToken: null, baselineCursor: null, processed: 0, tally: {} }

  while ((place.phase ?? run.phase) === phases[mode][0]) {
    const here: Place = { ...run, ...place }
    const page = await listPage(ctx, run, here, { mode, pageSize })
    if (page === null) {
      await beginListing(ctx, run, paramsHash)
      mode = 'full'
      place = { tally: counted(run.tally, { 'listing.expiredToken': 1 }) }
      continue
    }
    const isLast = page.nextPageToken === null
    place = {
      ...place,
      processed: here.processed + page.events.length,
      pageToken: page.nextPageToken,
      ...(isLast ? { phase: phases[mode][1], baselineCursor: page.nextSyncToken } : {}),
    }
    // Nothing new, and what comes next needs no place to begin at.
    if (isLast && mode === 'incremental' && page.events.length === 0) break
    await step(ctx, run, place, async (tx, count) => count(await saveEvents(tx, page.events, { timeZone: page.timeZone, own, runId: here.runId })))
    place = {}
  }

  for (let occurrences = await readOccurrences(ctx); occurrences !== null; occurrences = await readOccurrences(ctx)) {
    await keepOccurrences(ctx, run, place, own, occurrences)
    place = {}
  }

  const { baselineCursor, runId, processed }: Place = { ...run, ...place }
  if (baselineCursor === null) throw new Error('A list has ended without a sync token.')
  await finish(ctx, run, { cursor: baselineCursor, full: mode === 'full', everySeconds, place: { ...place, total: processed } }, async (tx) => {
    if (mode === 'full') {
      await sweepUnseen(tx, runId)
      // What began while the calendar was not connected.
      await projectDue(tx)
      setOff(tx, { kind: 'calendar.upcoming', payload: {} })
      record(tx, { type: 'google.calendarImported', entityType: 'GoogleSyncState', entityId: run.id, changed: ['cursor', 'status'] })
    }
    await forgetTombstones(tx)
    await openChannelSoon(tx)
  })
}

/** Commits the occurrences that have come. @throws GoogleFailure, GrantEnded, Yield why no more have */
async function keepOccurrences(ctx: Ctx, run: Run, place: Partial<Place>, own: ReadonlySet<string>, occurrences: Occurrences): Promise<void> {
  const { failures } = run
  const { series, stopped } = occurrences
  try {
    await step(ctx, run, place, async (tx, count) => count({ series: series.length, meetings: await replaceOccurrences(tx, occurrences, { own }) }))
  } catch (error) {
    // The turn is over, and what stopped it says when the next may begin.
    if (!(error instanceof Yield && stopped)) throw error
  }
  if (!stopped) return
  // Where Google goes on refusing, the waits grow, whatever it lets through in between.
  run.failures = failures
  throw stopped
}

/** Everything is to be listed. What is listed bears a new number, written down before Google is asked, so that what is put into the calendar from now on is not taken for something the listing should have seen. */
async function beginListing(ctx: Ctx, run: Run, paramsHash: string): Promise<void> {
  const place = { phase: phases.full[0], pageToken: null, baselineCursor: null, paramsHash, runId: run.runId + 1, processed: 0, total: null, tally: {} }
  await step(ctx, run, place, async () => {})
}

/** The page at a place; null where Google wants everything to be listed anew. @throws GoogleFailure */
async function listPage(ctx: Ctx, run: Run, { pageToken }: Place, { mode, pageSize }: { mode: Mode; pageSize: number }): Promise<EventsPage | null> {
  try {
    const page = await listEvents(ctx, { pageToken, syncToken: mode === 'full' ? null : run.cursor, pageSize })
    // An end without the token of the next run would be an end that nothing can follow.
    if (page.nextPageToken === null && page.nextSyncToken === null) throw new GoogleFailure('unavailable', 'a last page without a sync token')
    return page
  } catch (error) {
    if (!(error instanceof GoogleFailure && error.kind === 'expired' && mode === 'incremental')) throw error
    const calmAt = run.lastFullAt && toInstant(run.lastFullAt).add(calm)
    const seconds = calmAt ? Math.ceil(ctx.clock.now().until(calmAt).total('seconds')) : 0
    if (seconds > 0) throw new GoogleFailure('unavailable', 'a fresh sync token was refused', seconds)
    return null
  }
}
