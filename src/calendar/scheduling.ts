import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import { readAccount } from '../accounts/service.ts'
import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { ConflictError, InvalidInputError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { parse } from '../core/parse.ts'
import { line, text } from '../core/text.ts'
import { instantOf, parseTimeZone, parseWallTime } from '../core/wallTime.ts'
import { rows, sql } from '../db/client.ts'
import type { CalendarScheduling } from '../db/generated/prisma/client.ts'
import { inTransaction, record, setOff } from '../events/service.ts'
import { isSyncing } from '../google/schedule.ts'
import { inviteesOf, mostInvitees } from './invitees.ts'
import type { GoogleEvent } from './rules.ts'
import { type SendRequest, sendScheduled } from './send.ts'

const EventSchedule = z
  .object({
    contactIds: z.array(z.string()).max(mostInvitees, `At most ${mostInvitees} contacts.`).nullish(),
    interactionId: z.string().nullish(),
    summary: line(1000).pipe(z.string('Say what the meeting is about.')),
    // Google's own limit.
    description: text({ max: 8192, multiline: true }).nullish(),
    startsAt: z.string(),
    endsAt: z.string(),
    timeZone: z.string().nullish(),
    conference: z.boolean().nullish(),
    sendInvitations: z.boolean().nullish(),
  })
  .refine(({ contactIds, interactionId }) => interactionId != null || (contactIds ?? []).length > 0, {
    path: ['contactIds'],
    message: 'Name at least one contact, or the e-mail that the meeting follows from.',
  })
/** An event that is to be put into the owner's calendar. */
export type EventSchedule = z.input<typeof EventSchedule>

/** How long a person waits for Google's answer, milliseconds: most come within one second, and who asked for an event has something better to do than to look at it for thirty. */
const longestWaitMs = 10_000

/**
 * Puts an event into the owner's Google calendar, with others invited. What is asked for is written down first and carried out from there, so that it
 * happens once, whatever fails in between; the answer tells how far it has come by then: while Google takes longer than `waitMs`, it goes on without being waited for. Invitations go out only where they are asked for.
 * @throws InvalidInputError, NotFoundError, ConflictError while the calendar is not connected
 */
export async function scheduleEvent(ctx: Ctx, input: EventSchedule, { waitMs = longestWaitMs } = {}): Promise<CalendarScheduling> {
  const asked = parse(EventSchedule, input)
  const span = spanOf(ctx, { ...asked, timeZone: asked.timeZone ?? (await readAccount(ctx)).timeZone })
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  const made = await inTransaction(ctx, async (tx) => {
    const { invitees, occasion } = await inviteesOf(tx, { contactIds: [...new Set(asked.contactIds ?? [])], interactionId: asked.interactionId ?? null })
    if (!(await isSyncing(tx, 'calendar'))) throw new ConflictError('Your Google calendar is not connected: begin with googleConnect(features: [CALENDAR]).')
    const id = newId(tx.clock)
    const eventId = eventIdOf(ownerId, id)
    const event: GoogleEvent = {
      id: eventId,
      summary: asked.summary,
      ...(asked.description ? { description: asked.description } : {}),
      start: { dateTime: offsetTime(span.startsAt, span.timeZone), timeZone: span.timeZone },
      end: { dateTime: offsetTime(span.endsAt, span.timeZone), timeZone: span.timeZone },
      attendees: invitees.map(({ address, name }) => ({ email: address, ...(name ? { displayName: name } : {}) })),
      extendedProperties: {
        private: {
          kithEventId: id,
          ...(occasion?.messageId ? { crmMessageId: occasion.messageId } : {}),
          ...(occasion?.threadId ? { crmThreadId: occasion.threadId } : {}),
        },
      },
      ...(asked.conference ? { conferenceData: { createRequest: { requestId: eventId, conferenceSolutionKey: { type: 'hangoutsMeet' } } } } : {}),
    }
    const request: SendRequest = { event, invite: asked.sendInvitations ?? false }
    const now = toDate(tx.clock.now())
    const scheduling = await tx.db.calendarScheduling.create({
      data: {
        ownerId,
        id,
        eventId,
        state: 'WAITING',
        summary: vault.seal('CalendarScheduling.summary', id, asked.summary),
        startsAt: toDate(span.startsAt),
        endsAt: toDate(span.endsAt),
        request: vault.seal('CalendarScheduling.request', id, JSON.stringify(request)),
        conference: asked.conference ? 'PENDING' : 'NONE',
        notBefore: now,
        createdAt: now,
        updatedAt: now,
      },
    })
    record(tx, { type: 'calendar.eventAsked', entityType: 'CalendarScheduling', entityId: id, changed: ['summary', 'startsAt', 'endsAt'] })
    setOff(tx, { kind: 'calendar.send', payload: { id } })
    return scheduling
  })
  // Within a larger transaction it is not certain yet; the relay carries it out once it is.
  if (ctx.unit) return made
  const sent = sendScheduled(ctx, made.id).catch((error: unknown) =>
    ctx.app.log.error({ err: error, schedulingId: made.id }, 'An event could not be sent to Google at once.'),
  )
  // Should this process end before Google has answered, a worker finds out whether the event is there.
  const waited = new AbortController()
  await Promise.race([sent, setTimeout(waitMs, undefined, { signal: waited.signal }).catch(() => {})])
  waited.abort()
  return (await readScheduling(ctx, made.id)) ?? made
}

/** An event that was asked for; null when there is none with that id. */
export async function readScheduling(ctx: Ctx, id: string): Promise<CalendarScheduling | null> {
  const [found] = await rows<CalendarScheduling>(ctx, sql`SELECT * FROM calendar_schedulings WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND id = ${id}::uuid`)
  return found ?? null
}

/** Google's id of an event, made of our own: base32hex in lower case (RFC 4648, 7), as Google wants them. The same event asked for twice has one id, which is there once. */
export function eventIdOf(ownerId: string, id: string): string {
  const digest = createHash('sha256').update(`${ownerId} ${id}`).digest('hex')
  return BigInt(`0x${digest}`).toString(32).padStart(52, '0')
}

interface Span {
  startsAt: Temporal.Instant
  endsAt: Temporal.Instant
  timeZone: string
}

function spanOf(ctx: Ctx, input: { startsAt: string; endsAt: string; timeZone: string }): Span {
  const timeZone = parseTimeZone(input.timeZone, ['timeZone'])
  const startsAt = instantOf(parseWallTime(input.startsAt, ['startsAt']), timeZone)
  const endsAt = instantOf(parseWallTime(input.endsAt, ['endsAt']), timeZone)
  if (Temporal.Instant.compare(endsAt, startsAt) <= 0) throw new InvalidInputError({ path: ['endsAt'], message: 'It cannot end before it has begun.' })
  if (Temporal.Instant.compare(endsAt, ctx.clock.now()) <= 0)
    throw new InvalidInputError({ path: ['endsAt'], message: 'This time has passed; what took place is logged with interactionLog.' })
  return { startsAt, endsAt, timeZone }
}

/** With its offset, so that a wall time that comes twice is the one that is meant. */
function offsetTime(instant: Temporal.Instant, timeZone: string): string {
  return instant.toZonedDateTimeISO(timeZone).toString({ timeZoneName: 'never', smallestUnit: 'second' })
}
