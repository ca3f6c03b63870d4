import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  begun,
  type CalendarApp,
  calendarApp,
  expectedMeetings,
  interactionsOf,
  knownMeetings,
  listPath,
  meeting,
  type Someone,
  someone,
  stateOf,
  syncCalendar,
} from '../calendar/support.ts'

let kith: CalendarApp

beforeAll(async () => {
  kith = await calendarApp()
})
afterAll(() => kith.close())

/** Lets another process do the work; answers the process. */
function worker(who: Someone, more: object): ChildProcess {
  const key = Buffer.from(kith.app.secrets.masterKeys[0]!).toString('base64')
  const said = { config: kith.app.config, key, now: kith.clock.now().toString(), ownerId: who.ownerId, stateId: who.stateId, ...more }
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'tests/heavy/calendar-child.ts', JSON.stringify(said)], { stdio: 'inherit' })
}

async function agrees(who: Someone): Promise<void> {
  const known = await knownMeetings(who)
  expect(known).toEqual(expectedMeetings(kith, who))
  const shown = (await interactionsOf(who))
    .map(({ externalId, at }) => ({ externalId, at }))
    .toSorted((one, other) => (one.externalId < other.externalId ? -1 : 1))
  expect(shown).toEqual(begun(kith, known))
}

/** What is in a calendar at first. */
function fill(email: string): string[] {
  const { world } = kith.google
  const singles = Array.from({ length: 5 }, (_, index) => world.addEvent(email, meeting(`Single ${index}`, `2026-02-1${index}T10:00`)).id ?? '')
  const series = ['FREQ=WEEKLY', 'FREQ=DAILY;COUNT=4'].map(
    (rule) => world.addEvent(email, { ...meeting(rule, '2026-02-02T10:00'), recurrence: [`RRULE:${rule}`] }).id ?? '',
  )
  world.editEvent(email, `${series[0]}_20260209T090000Z`, { summary: 'Once otherwise' })
  return [...singles, ...series]
}

/** What happens in it later. */
function change(email: string, [first = '', second = '', , , , weekly = '', daily = '']: readonly string[]): void {
  const { world } = kith.google
  world.cancelEvent(email, first)
  world.editEvent(email, second, { summary: 'Changed' })
  world.addEvent(email, meeting('Added', '2026-02-20T10:00'))
  world.cancelEvent(email, `${weekly}_20260216T090000Z`)
  world.cancelEvent(email, daily)
  world.addEvent(email, { ...meeting('Another', '2026-02-21T10:00'), recurrence: ['RRULE:FREQ=WEEKLY'] })
}

test(
  'row 1: a calendar sync killed right after each of its transactions goes on in another process, and ends where it would have',
  { timeout: 300_000 },
  async () => {
    const deaths: Record<string, number> = {}
    for (const mode of ['full', 'incremental']) {
      for (let killAfter = 1; ; killAfter += 1) {
        expect(killAfter).toBeLessThan(20)
        kith.clock.set('2026-03-02T12:00:00Z')
        const who = await someone(kith)
        const ids = fill(who.email)
        if (mode === 'incremental') {
          await syncCalendar(who, { pageSize: 3 })
          change(who.email, ids)
          await who.ctx.db.googleSyncState.updateMany({ where: { ownerId: who.ownerId }, data: { nextRunAt: new Date(kith.clock.now().epochMilliseconds) } })
        }
        const [, signal] = (await once(worker(who, { killAfter }), 'exit')) as [number | null, string | null]
        if (signal !== 'SIGKILL') {
          await agrees(who)
          break
        }
        deaths[mode] = killAfter
        // The lease of the dead worker ends, and another one takes over.
        kith.clock.advance({ minutes: 3 })
        await syncCalendar(who, { pageSize: 3 })
        expect(await stateOf(who)).toMatchObject({ status: 'IDLE', phase: null, errorCode: null })
        await agrees(who)
      }
    }
    // One for each page, the series, the beginning and the end.
    expect(deaths).toEqual({ full: 6, incremental: 4 })
  },
)

test('row 30: a worker killed once Google has the event and before it is written down leaves exactly one', { timeout: 60_000 }, async () => {
  kith.clock.set('2026-03-02T12:00:00Z')
  const who = await someone(kith)
  await syncCalendar(who)
  const { id } = await who.ctx.db.contact.findFirstOrThrow({ where: { ownerId: who.ownerId } })
  const event = { contactIds: [id], summary: 'Lunch', startsAt: '2026-03-03T12:30', endsAt: '2026-03-03T13:30', timeZone: 'Europe/Berlin', conference: true }
  const child = worker(who, { event })
  kith.google.faults.add({ method: 'POST', path: listPath, afterwards: () => void child.kill('SIGKILL') })
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  expect(signal).toBe('SIGKILL')
  const scheduling = () => who.ctx.db.calendarScheduling.findFirstOrThrow({ where: { ownerId: who.ownerId } })
  expect(await scheduling()).toMatchObject({ state: 'WAITING', attempts: 1, url: null })
  await kith.runJobs()
  kith.clock.advance({ minutes: 2 })
  await kith.runJobs()
  expect(await scheduling()).toMatchObject({ state: 'SCHEDULED', conference: 'READY', url: expect.any(String) })
  const entries = kith.google.world.account(who.email).calendars.get().entries()
  expect(entries).toHaveLength(1)
  expect(kith.google.ledger.entries.filter(({ method, path }) => method === 'POST' && path === listPath)).toHaveLength(1)
  await agrees(who)
})
