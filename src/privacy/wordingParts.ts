import { toInstant } from '../core/clock.ts'
import type { PrivacyRequest } from '../db/generated/prisma/client.ts'
import type { LetterLanguage } from './vocabulary.ts'

/** A letter's subject and text. */
export interface Wording {
  subject: string
  text: string
}

/** What letters say of a request. */
export type Said = Pick<PrivacyRequest, 'id' | 'type' | 'dueAt' | 'requiredLevel' | 'provenLevel'>

/** The part of an id that tells requests apart at a glance. */
export function shortOf(id: string): string {
  return id.slice(-8)
}

/** The last day before an instant at midnight, as a language writes it. */
export function dayOf(dueAt: Date, zone: string, language: LetterLanguage): string {
  return dayWords(toInstant(dueAt).subtract({ milliseconds: 1 }).toZonedDateTimeISO(zone).toPlainDate(), language)
}

/** A day as a language writes it. */
export function dayWords(day: Temporal.PlainDate, language: LetterLanguage): string {
  return day.toLocaleString(language === 'de' ? 'de-DE' : 'en-GB', { dateStyle: 'long' })
}

/** Paragraphs of a letter; those that are nothing are left out. */
export function paragraphs(...parts: readonly (string | null)[]): string {
  return `${parts.filter(Boolean).join('\n\n')}\n`
}
