import { expectedOccurrences } from '../../dev/google/oracle/calendar.ts'
import type { CalendarEvent } from '../../dev/google/calendar/event.ts'
import { createWorld } from '../../dev/google/world.ts'
import { createAccount } from '../../src/accounts/service.ts'
import { calendarSync } from '../../src/calendar/sync.ts'
import { createContacts } from '../../src/contacts/service.ts'
import { type Clock, fixedClock } from '../../src/core/clock.ts'
import type { Ctx } from '../../src/core/ctx.ts'
import { inTransaction } from '../../src/events/service.ts'
import { runSync } from '../../src/google/runSync.ts'
import { markDirty } from '../../src/google/schedule.ts'
import { connectWithTokens } from '../../src/google/service.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { createToken } from '../../src/tokens/service.ts'
import type { Answer, TestAppOptions } from '../support/app.ts'
import { type WebApp, webApp } from '../support/web.ts'

export const calendarScope = 'https://www.googleapis.com/auth/calendar.events.owned'
export const listPath = '/calendar/v3/calendars/primary/events'

/** The application and a Google by one clock that stands still. */
export interface CalendarApp extends WebApp {
  clock: ReturnType<typeof fixedClock>
}

/** Starts both at a Monday morning before the clocks change in Europe. */
export async function calendarApp(options: TestAppOptions & { now?: string } = {}): Promise<CalendarApp> {
  const clock = fixedClock(options.now ?? '2026-03-02T12:00:00Z')
  const kith = await webApp({ clock, simulator: { clock, world: createWorld({ seed: 'calendar', clock }) }, ...options })
  return Object.assign(kith, { clock })
}

/** Someone with a calendar at Google that is connected. */
export interface Someone {
  email: string
  ownerId: string
  ctx: Ctx
  stateId: string
  graphql(document: string, variables?: Record<string, unknown>, headers?: Record<string, string>): Promise<Answer>
}

let people = 0

/** Someone in Berlin with a calendar, and with contacts who have these addresses. */
export async function someone(kith: CalendarApp, contacts: readonly string[] = ['grace@example.com', 'alan@example.com']): Promise<Someone> {
  const email = `owner${(people += 1)}@example.test`
  kith.google.world.addAccount({ email, givenName: 'Test', familyName: 'Owner', timeZone: 'Europe/Berlin' })
  const { sub } = kith.google.world.account(email)
  const { ownerId } = await createAccount(kith.app, { subject: sub, email, name: 'Test', locale: 'en-GB', timeZone: 'Europe/Berlin', region: 'DE' })
  await connectWithTokens(kith.app, ownerId, kith.google.issueTokens({ account: email, scopes: ['openid', calendarScope] }), ['CALENDAR'])
  const ctx = systemCtx(kith.app, ownerId, 'test')
  if (contacts.length > 0)
    await createContacts(
      ctx,
      contacts.map((address) => ({ name: { given: address.split('@')[0] }, emails: [{ address }] })),
      'REJECT_ALL',
    )
  const state = await ctx.db.googleSyncState.findFirstOrThrow({ where: { ownerId, resource: 'calendar' } })
  const { token } = await createToken(ctx, {
    name: 'test',
    scopes: ['interactions:read', 'contacts:read', 'google:read', 'google:write', 'account:read', 'interactions:write'],
  })
  return {
    email,
    ownerId,
    ctx,
    stateId: state.id,
    graphql: (document, variables, headers) => kith.graphql(document, variables, { token, ...(headers ? { headers } : {}) }),
  }
}

/** Runs the sync of the calendar now, whenever it is due, as a push would have it. */
export async function syncCalendar({ ctx, stateId }: Someone, { pageSize, full = false }: { pageSize?: number; full?: boolean } = {}): Promise<void> {
  await inTransaction(ctx, (tx) => markDirty(tx, 'calendar', { full }))
  const app = pageSize === undefined ? ctx.app : { ...ctx.app, syncs: { ...ctx.app.syncs, calendar: calendarSync({ pageSize }) } }
  await runSync({ ...ctx, app }, stateId)
}

/** How the sync of the calendar stands. */
export function stateOf({ ctx, ownerId }: Someone) {
  return ctx.db.googleSyncState.findFirstOrThrow({ where: { ownerId, resource: 'calendar' } })
}

/** An answer whose last page forgets the token of the next run. */
export function withoutSyncToken(body: unknown): unknown {
  return { ...(body as object), nextSyncToken: undefined }
}

/** An event's times, in Berlin unless another zone is named. */
export const at = (dateTime: string, timeZone = 'Europe/Berlin') => ({ dateTime, timeZone })

/** An hour with others at a time of the day, on a day. */
export function meeting(
  summary: string,
  start: string,
  attendees: readonly (string | NonNullable<CalendarEvent['attendees']>[number])[] = ['grace@example.com'],
): CalendarEvent {
  const begin = Temporal.PlainDateTime.from(start)
  return {
    summary,
    start: at(begin.toString()),
    end: at(begin.add({ hours: 1 }).toString()),
    attendees: attendees.map((attendee) => (typeof attendee === 'string' ? { email: attendee } : attendee)),
  }
}

/** What interactions know of meetings: what they are about and when they begin, in their order. */
export async function interactionsOf({ ctx, ownerId }: Someone): Promise<{ subject: string | null; at: string; externalId: string; counted: boolean }[]> {
  const vault = await ctx.app.vault.of(ownerId)
  const found = await ctx.db.interaction.findMany({ where: { ownerId, source: 'CALENDAR' }, orderBy: [{ occurredAt: 'asc' }, { externalId: 'asc' }] })
  return found.map(({ id, subject, occurredAt, externalId, counted }) => ({
    subject: vault.openMaybe('Interaction.subject', id, subject),
    at: iso(occurredAt),
    externalId: externalId ?? '',
    counted,
  }))
}

/** What they are about alone. */
export async function subjectsOf(who: Someone): Promise<(string | null)[]> {
  return (await interactionsOf(who)).map(({ subject }) => subject)
}

/** What must be known of an account's meetings, worked out from the world alone: occurrences within the window that are meetings with others. */
export function expectedMeetings(
  kith: CalendarApp,
  who: Someone,
  clock: Clock = kith.clock,
): { id: string; at: string; summary: string | null; attendees: string[] }[] {
  const now = clock.now().toZonedDateTimeISO('UTC')
  const window = { from: now.subtract({ months: 24 }).toInstant(), to: now.add({ months: 3 }).toInstant() }
  return expectedOccurrences(kith.google.world.account(who.email), window)
    .filter(({ eventType, selfResponse, attendees, attendeesOmitted }) => {
      const guests = attendees.filter(({ resource }) => !resource)
      const isMeeting = guests.some(({ self, responseStatus }) => !self && responseStatus !== 'declined')
      return eventType === 'default' && selfResponse !== 'declined' && isMeeting && guests.length <= 20 && !attendeesOmitted
    })
    .map(({ id, start, summary, attendees }) => ({
      id,
      at: iso(new Date(start)),
      summary,
      attendees: attendees
        .flatMap(({ email, self, resource, responseStatus }) => (self || resource || responseStatus === 'declined' ? [] : [email]))
        .toSorted(),
    }))
    .toSorted((one, other) => (one.id < other.id ? -1 : 1))
}

/** What is known of meetings, in the same writing. */
export async function knownMeetings({ ctx, ownerId }: Someone): Promise<ReturnType<typeof expectedMeetings>> {
  const vault = await ctx.app.vault.of(ownerId)
  const found = await ctx.db.calendarMeeting.findMany({ where: { ownerId }, include: { attendees: true } })
  return found
    .map(({ id, eventId, startsAt, summary, attendees }) => ({
      id: eventId,
      at: iso(startsAt),
      summary: vault.openMaybe('CalendarMeeting.summary', id, summary),
      attendees: attendees.map(({ address }) => address).toSorted(),
    }))
    .toSorted((one, other) => (one.id < other.id ? -1 : 1))
}

/** What interactions must know of, once what is known of meetings is right: those that have begun. */
export function begun(kith: CalendarApp, meetings: ReturnType<typeof expectedMeetings>): { externalId: string; at: string }[] {
  const now = iso(new Date(kith.clock.now().epochMilliseconds))
  return meetings
    .filter((each) => each.at <= now)
    .map(({ id, at: start }) => ({ externalId: id, at: start }))
    .toSorted((one, other) => (one.externalId < other.externalId ? -1 : 1))
}

function iso(date: Date): string {
  return date.toISOString()
}
