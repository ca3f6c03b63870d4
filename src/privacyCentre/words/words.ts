import { erasureDe } from './erasure.de.ts'
import { erasureEn } from './erasure.en.ts'
import { intakeDe } from './intake.de.ts'
import { intakeEn } from './intake.en.ts'
import { type Names } from './names.ts'
import { namesDe } from './names.de.ts'
import { namesEn } from './names.en.ts'
import { officerDe } from './officer.de.ts'
import { officerEn } from './officer.en.ts'
import { pagesDe } from './pages.de.ts'
import { pagesEn } from './pages.en.ts'
import { requestsDe } from './requests.de.ts'
import { requestsEn } from './requests.en.ts'

/** Everything that the pages say in one language. */
export type Words = typeof pagesEn & {
  requests: typeof requestsEn
  erasure: typeof erasureEn
  intake: typeof intakeEn
  officer: typeof officerEn
  names: Names
}

/** Everything that the pages say, by language; a language that lacks a word does not compile. */
export const words: Readonly<Record<'en' | 'de', Words>> = {
  en: { ...pagesEn, requests: requestsEn, erasure: erasureEn, intake: intakeEn, officer: officerEn, names: namesEn },
  de: { ...pagesDe, requests: requestsDe, erasure: erasureDe, intake: intakeDe, officer: officerDe, names: namesDe },
}

/** A day, or with `time` an instant, as it is written in a language; `zone` is where. */
export function dateWords(language: 'en' | 'de', at: Date | Temporal.Instant, zone: string, time = false): string {
  const style: Intl.DateTimeFormatOptions = { dateStyle: 'long', timeZone: zone, ...(time ? { timeStyle: 'short' } : {}) }
  const date = at instanceof Date ? at : new Date(at.epochMilliseconds)
  return new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', style).format(date)
}

/** A period of ISO 8601 in words. */
export function periodWords(language: 'en' | 'de', period: string): string {
  const { years, months, weeks, days, hours } = Temporal.Duration.from(period)
  const parts = Object.entries({ year: years, month: months, week: weeks, day: days, hour: hours }).filter(([, count]) => count > 0)
  return parts.map(([unit, count]) => new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count)).join(' ')
}
