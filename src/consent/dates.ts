import type { ConsentPurpose } from './purposes.ts'
import type { Standing } from './states.ts'

/** Until when a consent holds that is given now: the same day of the month at the same time, the last of a month that has no such day; null: until it is withdrawn. */
export function validUntil({ validFor }: Pick<ConsentPurpose, 'validFor'>, now: Temporal.Instant): Temporal.Instant | null {
  return validFor === null ? null : now.toZonedDateTimeISO('UTC').add(Temporal.Duration.from(validFor)).toInstant()
}

/**
 * From when on somebody may be asked again who has said no: the day after the anniversary, so that the whole period has passed whatever the hour of
 * the no was. Null: at once. Who is asked may say yes by themselves at any time.
 */
export function mayAskFrom({ askAgainAfter }: Pick<ConsentPurpose, 'askAgainAfter'>, { state, since }: Standing, zone = 'UTC'): Temporal.Instant | null {
  if ((state !== 'REFUSED' && state !== 'WITHDRAWN') || since === null) return null
  const day = since.toZonedDateTimeISO(zone).toPlainDate()
  return day.add(Temporal.Duration.from(askAgainAfter)).add({ days: 1 }).toZonedDateTime(zone).toInstant()
}
