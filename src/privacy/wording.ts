import type { PrivacyRequest } from '../db/generated/prisma/client.ts'
import { toInstant } from '../core/clock.ts'
import type { PartDecision } from './decision.ts'
import type { RequestType } from './vocabulary.ts'

/** A letter's subject and text. */
export interface Wording {
  subject: string
  text: string
}

/** What people call each kind of request. */
export const typeWords: Readonly<Record<RequestType, string>> = {
  ACCESS: 'a copy of your data',
  ACCESS_CATEGORIES: 'the kinds of data that are held about you',
  PORTABILITY: 'your data in a form for another provider',
  RECTIFICATION: 'the correction of your data',
  ERASURE: 'the deletion of your data',
  RESTRICTION: 'that your data is only stored',
  OBJECTION: 'an end to a use of your data',
  OPT_OUT_SALE_SHARING: 'that your data is neither sold nor shared',
  LIMIT_SENSITIVE: 'that sensitive data is used only where it must be',
  AUTOMATED_DECISION_REVIEW: 'that a person looks at an automated decision',
  MINOR_ERASURE: 'the deletion of a child’s data',
  COMPLAINT: 'that a complaint is looked into',
}

type Said = Pick<PrivacyRequest, 'id' | 'type' | 'dueAt' | 'requiredLevel' | 'provenLevel'>

/** That a request has come in, what happens with it, and by when it is answered. */
export function acknowledgement(request: Said, link: string | null, zone: string): Wording {
  const proof =
    request.provenLevel >= request.requiredLevel
      ? 'We know who you are, so nothing more is needed from you.'
      : request.requiredLevel === 1
        ? 'To be sure that it is you, sign in again within ten days and confirm it.'
        : 'To be sure that it is you, we need a proof; another message tells you how. It has ten days.'
  return {
    subject: `We have your request (${shortOf(request.id)})`,
    text: paragraphs(
      `You have asked for ${typeWords[request.type as RequestType]}.`,
      `We look at it and answer by ${dayOf(request.dueAt, zone)} at the latest. Should it take longer, we say so before that day, and why.`,
      proof,
      'You can withdraw it until it is carried out.',
      link && `You can see how far it has come here:\n${link}`,
    ),
  }
}

/** A code that shows that its reader controls an address. */
export function codeLetter(code: string, minutes: number): Wording {
  return {
    subject: 'Your code',
    text: paragraphs(
      `Your code is ${code}. It is good for ${minutes} minutes and three tries.`,
      'Somebody has sent a privacy request from this address. If that was not you, do nothing: without the code nothing happens.',
    ),
  }
}

/** What was decided: what is granted, and for each refusal why, where one can complain and what remedy there is. */
export function decisionLetter(request: Said, decision: readonly PartDecision[]): Wording {
  const granted = decision.filter(({ outcome }) => outcome === 'GRANTED')
  const refused = decision.flatMap((part) => (part.outcome === 'REFUSED' ? [part] : []))
  const routes = [...new Set(refused.flatMap(({ complaint, remedy }) => [complaint, remedy]))]
  return {
    subject: `Our answer to your request (${shortOf(request.id)})`,
    text: paragraphs(
      `You have asked for ${typeWords[request.type as RequestType]}.`,
      refused.length === 0
        ? 'We grant it, and carry it out now.'
        : granted.length === 0
          ? 'We cannot grant it.'
          : 'We grant a part of it, and carry that out now.',
      ...(granted.length > 0 && refused.length > 0 ? [`Granted: ${granted.map(({ part }) => part).join(', ')}.`] : []),
      ...refused.map(({ part, explanation, citation, deferredUntil }) =>
        [
          `Not granted: ${part}. ${explanation}`,
          citation && `It rests on ${citation}.`,
          deferredUntil && `It is granted from ${deferredUntil.slice(0, 10)} on.`,
        ]
          .filter(Boolean)
          .join(' '),
      ),
      ...routes,
    ),
  }
}

/** That more time is needed, and why. */
export function extensionLetter(request: Said, reason: string, zone: string): Wording {
  return {
    subject: `Your request needs more time (${shortOf(request.id)})`,
    text: paragraphs(
      `We answer by ${dayOf(request.dueAt, zone)} instead. The reason: ${reason}`,
      'You can complain about this to the data protection authority where you live.',
    ),
  }
}

/** That a restriction is about to be lifted. */
export function liftNotice(request: Said, day: string, reason: string): Wording {
  return {
    subject: `Your data will be used again (${shortOf(request.id)})`,
    text: paragraphs(
      `At your wish your data has only been stored. From ${day} on it is used again. The reason: ${reason}`,
      'If you do not agree, answer before that day.',
    ),
  }
}

/** That a request was carried out; of an erasure, where its certificate is fetched. */
export function doneLetter(request: Said, certificate: string | null): Wording {
  return {
    subject: `Your request is done (${shortOf(request.id)})`,
    text: paragraphs(
      `You have asked for ${typeWords[request.type as RequestType]}. That is done.`,
      certificate &&
        `A signed certificate says what went, what is kept, why and how long, and until when copies may lie in backups. Anybody can verify it with "kith certificate verify":\n${certificate}`,
      certificate && 'This address, and what you wrote to us, are forgotten 30 days from now.',
    ),
  }
}

/** To an officer: that an answer is nearly due, or late. No word of whose request it is. */
export function warning(request: Said, late: boolean, link: string, zone: string): Wording {
  const word = late ? 'is late' : 'is due soon'
  return {
    subject: `Privacy request ${shortOf(request.id)} ${word}`,
    text: paragraphs(`The answer to request ${request.id} (${request.type}) ${word}: ${dayOf(request.dueAt, zone)}.`, link),
  }
}

/** The part of an id that tells requests apart at a glance. */
function shortOf(id: string): string {
  return id.slice(-8)
}

/** The last day before an instant at midnight. */
function dayOf(dueAt: Date, zone: string): string {
  return toInstant(dueAt).subtract({ milliseconds: 1 }).toZonedDateTimeISO(zone).toPlainDate().toString()
}

function paragraphs(...parts: readonly (string | null)[]): string {
  return `${parts.filter(Boolean).join('\n\n')}\n`
}
