import { z } from 'zod'
import { text } from '../core/text.ts'
import { denialReasons } from './vocabulary.ts'

const words = (what: string) => text({ max: 5000, multiline: true }).refine((value) => value.trim().length >= 3, `Say ${what}.`)

/** What was decided on one part of a request: a field or a kind of data. A refusal says why, on what ground in law where it rests on one, where one can complain and what remedy there is. */
export const PartDecision = z.discriminatedUnion('outcome', [
  z.object({ part: z.string().min(1).max(200), outcome: z.literal('GRANTED') }),
  z
    .object({
      part: z.string().min(1).max(200),
      outcome: z.literal('REFUSED'),
      reason: z.enum(denialReasons),
      explanation: words('why in words'),
      /** The article, order or matter on which it rests. */
      citation: text({ max: 500 })
        .nullish()
        .transform((value) => value?.trim() || null),
      complaint: words('where one can complain'),
      remedy: words('what remedy there is'),
      /** Until when it is put off; from then on it is granted after all. */
      deferredUntil: z.iso
        .datetime()
        .nullish()
        .transform((value) => value ?? null),
    })
    .refine(({ reason, citation }) => !needsCitation.has(reason) || citation !== null, { path: ['citation'], message: 'Cite what the refusal rests on.' }),
])
/** What was decided on one part of a request. */
export type PartDecision = z.output<typeof PartDecision>

const needsCitation: ReadonlySet<string> = new Set(['LEGAL_OBLIGATION', 'LEGAL_CLAIMS', 'HOLD'])

/** What was decided on a whole request, a part at a time, each part once. */
export const Decision = z
  .array(PartDecision)
  .min(1, 'Decide on at least one part.')
  .max(200, 'At most 200 parts.')
  .refine((parts) => new Set(parts.map(({ part }) => part)).size === parts.length, 'Decide on each part once.')

/** The part that stands for all of a request. */
export const everything = 'everything'

/** Grants all of a request. */
export const grantAll: readonly PartDecision[] = [{ part: everything, outcome: 'GRANTED' }]

/** How a decision reads as a whole. */
export function readingOf(decision: readonly PartDecision[]): 'NONE' | 'ALL' | 'PART' | 'NOTHING' {
  const granted = decision.filter(({ outcome }) => outcome === 'GRANTED').length
  if (decision.length === 0) return 'NONE'
  if (granted === decision.length) return 'ALL'
  return granted === 0 ? 'NOTHING' : 'PART'
}

/** A refusal of all of a request for a reason that needs no officer. */
export function refuseAll(reason: 'INSUFFICIENT_VERIFICATION' | 'NOT_APPLICABLE_TO_BASIS', explanation: string): readonly PartDecision[] {
  return [{ part: everything, outcome: 'REFUSED', reason, explanation, citation: null, complaint: complaintRoute, remedy: remedyRoute, deferredUntil: null }]
}

/** Why nothing was done for somebody who did not prove who they are. */
export const notProven = 'It could not be found out that the request comes from the person it is about, so nothing was told or changed.'
/** Why an objection to a use that rests on no legitimate interest is refused. */
export const noBasis =
  'This use rests on a contract, a consent or a legal obligation, to which there is no right to object. A consent can be withdrawn, and the data can be deleted or only stored at your wish.'
/** Where anybody can complain. */
export const complaintRoute =
  'You can complain to the data protection authority of the country where you live or work, and in California to the California Privacy Protection Agency.'
/** What anybody can do beyond that. */
export const remedyRoute = 'You can also go to court, and you can answer this message with new facts: the request is then opened again.'
