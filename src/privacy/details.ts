import { z } from 'zod'
import { isId } from '../core/ids.ts'
import { text } from '../core/text.ts'
import { letterLanguages } from './vocabulary.ts'

/** One value that is to be put right: of what (a contact, an interaction, a source record), which field, and what it should say; null empties it. */
export const Correction = z.object({
  model: z.enum(['Contact', 'ContactSource', 'Interaction']),
  id: z.string().refine(isId, 'There is nothing with that id.'),
  field: z.string().min(1).max(100),
  value: text({ max: 5000, multiline: true }).nullable(),
})
/** One value that is to be put right. */
export type Correction = z.output<typeof Correction>

/** The longest time in which an approved erasure can be called back, hours. */
const longestDelayHours = 72

/** What is asked for, as far as the type does not say it. */
export const Details = z.object({
  /** What the person wrote. */
  text: text({ max: 10_000, multiline: true })
    .nullish()
    .transform((value) => value?.trim() || null),
  corrections: z.array(Correction).max(100, 'At most 100 corrections at once.').default([]),
  /** What the use of data is objected to: a purpose of the data map, or MARKETING. */
  purpose: z
    .enum(['MARKETING', 'CRM', 'SECURITY', 'ACCOUNTABILITY', 'OPERATION'])
    .nullish()
    .transform((value) => value ?? null),
  /** How long an erasure can still be called back. */
  delayHours: z.int().min(0, 'At least 0 hours.').max(longestDelayHours, `At most ${longestDelayHours} hours.`).default(0),
  /** One contact of one address book, which its owner has reported to be a child. */
  place: z
    .object({ ownerId: z.uuid(), contactId: z.uuid() })
    .nullish()
    .transform((value) => value ?? null),
  /** What its letters are written in. */
  language: z.enum(letterLanguages).default('en'),
  /** Addresses and numbers that somebody without an account says are theirs, beside the one that they write from. */
  identifiers: z.array(z.string().trim().min(3).max(320)).max(20, 'At most 20 addresses and numbers.').default([]),
})
/** What is asked for, as far as the type does not say it. */
export type Details = z.output<typeof Details>
