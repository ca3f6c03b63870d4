import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Action, actionOf, play } from './actions.ts'
import { begun, type CalendarApp, calendarApp, expectedMeetings, interactionsOf, knownMeetings, type Someone, someone, syncCalendar } from './support.ts'

let kith: CalendarApp

beforeAll(async () => {
  kith = await calendarApp()
})
afterAll(() => kith.close())

/** What an incremental sync must have arrived at: what the world says, and what the same account synced anew has. */
async function agrees(who: Someone): Promise<void> {
  const known = await knownMeetings(who)
  expect(known).toEqual(expectedMeetings(kith, who))
  const shown = (await interactionsOf(who))
    .map(({ externalId, at }) => ({ externalId, at }))
    .toSorted((one, other) => (one.externalId < other.externalId ? -1 : 1))
  expect(shown).toEqual(begun(kith, known))
  const before = { known, shown: await interactionsOf(who) }
  await syncCalendar(who, { full: true, pageSize: 7 })
  expect({ known: await knownMeetings(who), shown: await interactionsOf(who) }).toEqual(before)
}

describe('row 36: whatever happens in a calendar, and whatever fails meanwhile', () => {
  test('what was synced bit by bit equals what is synced anew, and what the world says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(actionOf, { minLength: 3, maxLength: 14 }), async (actions: Action[]) => {
        kith.clock.set('2026-03-02T12:00:00Z')
        kith.google.faults.clear()
        const who = await someone(kith)
        await syncCalendar(who, { pageSize: 3 })
        for (const action of actions) await play(kith, who, action)
        kith.google.faults.clear()
        kith.clock.advance({ hours: 2 })
        await syncCalendar(who, { pageSize: 3 })
        await kith.runJobs()
        await agrees(who)
      }),
      { numRuns: Number(process.env['CALENDAR_RUNS'] ?? 12), endOnFailure: true },
    )
  }, 600_000)
})
