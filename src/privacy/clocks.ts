import { addWorkingDays, americanHolidays, europeanHolidays, rolled } from './calendars.ts'
import type { Regime, RequestType } from './vocabulary.ts'

/** What a request's dates follow from. */
export interface Timing {
  type: RequestType
  regime: Regime
  receivedAt: Temporal.Instant
  /** Whether more time was taken, which is possible once. */
  extended: boolean
  /** How long it waited for proof of who asks. */
  waited: Temporal.Duration
}

/** The last days of a request; each ends at midnight where the controller is. Null where the law sets none. */
export interface Clocks {
  acknowledgeBy: Temporal.PlainDate | null
  /** By when it must be answered, whatever the answer. */
  respondBy: Temporal.PlainDate
  /** By when at the latest more time must be taken; the day that answering was due without it. */
  extendBy: Temporal.PlainDate
  /** By when an opt-out must be in force. */
  optOutBy: Temporal.PlainDate | null
  /** What Kith sets out to keep. */
  aim: Temporal.PlainDate
}

/** Kith's own goal: an answer within so many days. */
const aimDays = 14
/** A report of a child's data is acted upon within so many hours, whatever the day. */
const minorHours = 24

/** GDPR, Article 12(3): one month, and two more where that is needed. */
const months = { respond: 1, extended: 3 }
/** CCPA regulations, § 7021: ten business days, 45 calendar days, and 45 more; § 7026(f): 15 business days for an opt-out. */
const california = { acknowledgeWorkingDays: 10, respondDays: 45, extendedDays: 90, optOutWorkingDays: 15 }

/** Whether time that a request waits for proof of who asks stops its clock: California's never stops, so neither does one that follows both. */
export function pauses(regime: Regime): boolean {
  return regime === 'GDPR'
}

/** The last days of a request. The day of receipt is not counted; a month's last day stands in for one that it lacks (Regulation 1182/71, Article 3). */
export function clocksOf({ type, regime, receivedAt, extended, waited }: Timing, zone: string): Clocks {
  const received = receivedAt.toZonedDateTimeISO(zone).toPlainDate()
  if (type === 'MINOR_ERASURE') {
    const by = receivedAt.add({ hours: minorHours }).toZonedDateTimeISO(zone).toPlainDate()
    return { acknowledgeBy: by, respondBy: by, extendBy: by, optOutBy: null, aim: by }
  }
  const paused = pauses(regime) ? Math.floor(waited.total('days')) : 0
  const european = (count: number): Temporal.PlainDate => rolled(received.add({ months: count }).add({ days: paused }), europeanHolidays)
  const american = (days: number): Temporal.PlainDate => received.add({ days })
  const earliest = (inMonths: number, inDays: number): Temporal.PlainDate => {
    if (regime === 'GDPR') return european(inMonths)
    if (regime === 'CCPA') return american(inDays)
    return sooner(european(inMonths), american(inDays))
  }
  const withoutMore = earliest(months.respond, california.respondDays)
  const worked = (days: number): Temporal.PlainDate | null => (regime === 'GDPR' ? null : addWorkingDays(received, days, americanHolidays))
  return {
    acknowledgeBy: worked(california.acknowledgeWorkingDays),
    respondBy: extended ? earliest(months.extended, california.extendedDays) : withoutMore,
    extendBy: withoutMore,
    optOutBy: worked(california.optOutWorkingDays),
    aim: received.add({ days: aimDays }),
  }
}

/** When a last day is over: midnight at its end. */
export function endOf(day: Temporal.PlainDate, zone: string): Temporal.Instant {
  return day.add({ days: 1 }).toZonedDateTime(zone).toInstant()
}

/** The instant by which a request must be answered: of a child's to the hour, of any other the end of its last day; an opt-out's is the day it must be in force. */
export function dueAtOf(timing: Timing, zone: string): Temporal.Instant {
  if (timing.type === 'MINOR_ERASURE') return timing.receivedAt.add({ hours: minorHours })
  const { respondBy, optOutBy } = clocksOf(timing, zone)
  return endOf(optOutBy !== null && isOptOut(timing.type) ? sooner(optOutBy, respondBy) : respondBy, zone)
}

/** Whether a type says no to a use of data, which needs neither proof nor weighing. */
export function isOptOut(type: RequestType): boolean {
  return type === 'OPT_OUT_SALE_SHARING' || type === 'LIMIT_SENSITIVE'
}

function sooner(one: Temporal.PlainDate, other: Temporal.PlainDate): Temporal.PlainDate {
  return Temporal.PlainDate.compare(one, other) <= 0 ? one : other
}
