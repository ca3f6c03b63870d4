import fc from 'fast-check'
import type { FaultRule } from '../../dev/google/faults.ts'
import { LeaseLost } from '../../src/google/run.ts'
import { at, type CalendarApp, listPath, meeting, type Someone, syncCalendar, withoutSyncToken } from './support.ts'

/** Something that happens in a calendar, on the way to it, or to us. Numbers pick among what there is. */
export type Action =
  | { do: 'add'; day: number; hour: number; guests: number }
  | { do: 'series'; day: number; rule: number; guests: number }
  | { do: 'edit' | 'move' | 'cancel' | 'answer' | 'invite'; pick: number; by: number }
  | { do: 'editOne' | 'moveOne' | 'cancelOne' | 'split' | 'end'; pick: number; nth: number; by: number }
  | { do: 'expire' }
  | { do: 'pass'; hours: number }
  | { do: 'sync'; pageSize: number }
  | { do: 'fault'; kind: number; nth: number }
  /** The server dies right after a transaction of a sync; nobody tidies up after it. */
  | { do: 'crash'; after: number }

const rules = ['FREQ=WEEKLY', 'FREQ=DAILY;COUNT=9', 'FREQ=WEEKLY;BYDAY=MO,TH;COUNT=11', 'FREQ=MONTHLY', 'FREQ=DAILY;INTERVAL=3;UNTIL=20260401T000000Z']
const small = (max: number) => fc.integer({ min: 0, max })

/** Any of them; those that make something most often. */
export const actionOf: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), day: small(60), hour: small(22), guests: small(3) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('series' as const), day: small(40), rule: small(rules.length - 1), guests: small(3) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('edit', 'move', 'cancel', 'answer', 'invite'), pick: small(20), by: small(3) }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('editOne', 'moveOne', 'cancelOne', 'split', 'end'), pick: small(20), nth: small(6), by: small(40) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), hours: fc.integer({ min: 1, max: 100 }) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('sync' as const), pageSize: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), after: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fault' as const), kind: small(6), nth: fc.integer({ min: 1, max: 3 }) }) },
)

const guestsOf = (count: number) => ['grace@example.com', 'stranger@example.org', 'alan@example.com'].slice(0, count)

/** Lets it happen; one that picks something where there is nothing does nothing. */
export async function play(kith: CalendarApp, who: Someone, action: Action): Promise<void> {
  const { world } = kith.google
  const calendar = world.account(who.email).calendars.get()
  const dayOf = (day: number, hour: number): string =>
    Temporal.PlainDateTime.from('2026-02-01T00:00').add({ days: day, hours: hour }).toString({ smallestUnit: 'minute' })
  const living = calendar.entries().filter(({ deleted, event }) => !deleted && event.status !== 'cancelled')
  const pickOf = <Each>(all: readonly Each[], pick: number): Each | undefined => (all.length === 0 ? undefined : all[pick % all.length])
  const masters = living.filter(({ event }) => event.recurrence)
  /** An occurrence of a series that is there. */
  const instanceOf = (pick: number, nth: number): string | undefined => {
    const master = pickOf(masters, pick)?.event
    if (!master?.start?.dateTime) return undefined
    const start = Temporal.Instant.from(master.start.dateTime).toZonedDateTimeISO('Europe/Berlin').add({ weeks: nth })
    const id = `${master.id}_${start.toInstant().toString().replaceAll(/[-:]/g, '')}`
    const found = calendar.find(id)
    return found && found.status !== 'cancelled' ? id : undefined
  }
  switch (action.do) {
    case 'add':
      world.addEvent(who.email, meeting(`Single ${action.day}`, dayOf(action.day, action.hour), guestsOf(action.guests)))
      return
    case 'series':
      world.addEvent(who.email, {
        ...meeting(`Series ${action.day}`, dayOf(action.day, 10), guestsOf(action.guests)),
        recurrence: [`RRULE:${rules[action.rule]}`],
      })
      return
    case 'expire':
      world.expireCalendarTokens(who.email)
      return
    case 'pass':
      kith.clock.advance({ hours: action.hours })
      await kith.runJobs()
      return
    case 'sync':
      await syncCalendar(who, { pageSize: action.pageSize })
      return
    case 'crash':
      await crashingSync(who, action.after)
      // Until then the dead one's lease holds.
      kith.clock.advance({ minutes: 3 })
      return
    case 'fault':
      kith.google.faults.add({ path: new RegExp(listPath), nth: action.nth, ...faults[action.kind] })
      return
    case 'editOne':
    case 'moveOne':
    case 'cancelOne':
    case 'split':
    case 'end': {
      const id = instanceOf(action.pick, action.nth)
      if (id === undefined) return
      if (action.do === 'editOne') world.editEvent(who.email, id, { summary: `Edited ${action.by}` })
      if (action.do === 'moveOne') world.moveEvent(who.email, id, at(`${dayOf(action.by, 15)}:00`))
      if (action.do === 'cancelOne') world.cancelEvent(who.email, id)
      if (action.do === 'split') world.splitSeries(who.email, id, { summary: `From here ${action.by}` })
      if (action.do === 'end') world.endSeries(who.email, id)
      return
    }
    case 'edit':
    case 'move':
    case 'cancel':
    case 'answer':
    case 'invite': {
      const id = pickOf(living, action.pick)?.event.id
      if (!id) return
      if (action.do === 'edit') world.editEvent(who.email, id, { summary: `Changed ${action.by}` })
      if (action.do === 'move') world.moveEvent(who.email, id, at(`${dayOf(30 + action.by, 11)}:00`))
      if (action.do === 'cancel') world.cancelEvent(who.email, id)
      if (action.do === 'invite') world.editEvent(who.email, id, { attendees: guestsOf(action.by).map((email) => ({ email })) })
      if (action.do === 'answer') {
        const attendees = [...guestsOf(2).map((email) => ({ email })), { email: who.email, responseStatus: action.by % 2 === 0 ? 'declined' : 'accepted' }]
        world.editEvent(who.email, id, { attendees })
      }
    }
  }
}

/** A sync whose process ends after so many of its transactions. */
async function crashingSync(who: Someone, after: number): Promise<void> {
  let steps = 0
  const afterStep = () => {
    steps += 1
    // What the engine takes for having been taken over leaves the run as a killed process does.
    if (steps === after) throw new LeaseLost()
  }
  await syncCalendar({ ...who, ctx: { ...who.ctx, app: { ...who.ctx.app, afterStep } } }, { pageSize: 2 })
}

const faults: readonly FaultRule[] = [
  { status: 503 },
  { reset: true },
  { emptyPage: true },
  { rewriteJson: withoutSyncToken },
  { status: 429, headers: { 'retry-after': '30' } },
  { truncateBytes: 40 },
  { status: 500, after: true },
]
