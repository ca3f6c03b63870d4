import type { PartDecision } from './decision.ts'
import type { RequestType } from './vocabulary.ts'
import { dayOf, dayWords, paragraphs, type Said, shortOf, type Wording } from './wordingParts.ts'

/** What people call each kind of request. */
const types: Readonly<Record<RequestType, string>> = {
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
const asked = ({ type }: Said): string => `You have asked for ${types[type as RequestType]}.`

/** What letters say in English. The shape of it is what every other language must have. */
export const wordingEn = {
  /** A sentence of a decision, which the program writes in English. */
  say: (text: string): string => text,
  /** That a request has come in, what happens with it, and by when it is answered. */
  acknowledgement: (request: Said, link: string | null, zone: string): Wording => {
    const proof =
      request.provenLevel >= request.requiredLevel
        ? 'We know who you are, so nothing more is needed from you.'
        : request.requiredLevel === 1
          ? 'To be sure that it is you, sign in again within ten days and confirm it.'
          : 'To be sure that it is you, we need a proof; another message tells you how. It has ten days.'
    return {
      subject: `We have your request (${shortOf(request.id)})`,
      text: paragraphs(
        asked(request),
        `We look at it and answer by ${dayOf(request.dueAt, zone, 'en')} at the latest. Should it take longer, we say so before that day, and why.`,
        proof,
        'You can withdraw it until it is carried out.',
        link && `You can see how far it has come here:\n${link}`,
      ),
    }
  },
  /** A code that shows that its reader controls an address. */
  code: (code: string, minutes: number): Wording => ({
    subject: 'Your code',
    text: paragraphs(
      `Your code is ${code}. It is good for ${minutes} minutes and three tries.`,
      'Somebody has sent a privacy request from this address. If that was not you, do nothing: without the code nothing happens.',
    ),
  }),
  /** What was decided: what is granted, and for each refusal why, where one can complain and what remedy there is. */
  decision: (request: Said, decision: readonly PartDecision[]): Wording => {
    const granted = decision.filter(({ outcome }) => outcome === 'GRANTED')
    const refused = decision.flatMap((part) => (part.outcome === 'REFUSED' ? [part] : []))
    const routes = [...new Set(refused.flatMap(({ complaint, remedy }) => [complaint, remedy]))]
    return {
      subject: `Our answer to your request (${shortOf(request.id)})`,
      text: paragraphs(
        asked(request),
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
            deferredUntil && `It is granted from ${dayWords(Temporal.PlainDate.from(deferredUntil.slice(0, 10)), 'en')} on.`,
          ]
            .filter(Boolean)
            .join(' '),
        ),
        ...routes,
      ),
    }
  },
  /** That more time is needed, and why. */
  extension: (request: Said, reason: string, zone: string): Wording => ({
    subject: `Your request needs more time (${shortOf(request.id)})`,
    text: paragraphs(
      `We answer by ${dayOf(request.dueAt, zone, 'en')} instead. The reason: ${reason}`,
      'You can complain about this to the data protection authority where you live.',
    ),
  }),
  /** That a restriction is about to be lifted. */
  liftNotice: (request: Said, day: Temporal.PlainDate, reason: string): Wording => ({
    subject: `Your data will be used again (${shortOf(request.id)})`,
    text: paragraphs(
      `At your wish your data has only been stored. From ${dayWords(day, 'en')} on it is used again. The reason: ${reason}`,
      'If you do not agree, answer before that day.',
    ),
  }),
  /** That a request was carried out; of an erasure, where its certificate is fetched. */
  done: (request: Said, certificate: string | null): Wording => ({
    subject: `Your request is done (${shortOf(request.id)})`,
    text: paragraphs(
      `${asked(request)} That is done.`,
      certificate &&
        `A signed certificate says what went, what is kept, why and how long, and until when copies may lie in backups. Anybody can verify it with "kith certificate verify":\n${certificate}`,
      certificate && 'This address, and what you wrote to us, are forgotten 30 days from now.',
    ),
  }),
  /** That the answer can be fetched as a file; `link` is where, for somebody without an account. */
  download: (origin: string, link: string | null): Wording => ({
    subject: 'Your data can be fetched',
    text: paragraphs(
      'What you asked for is ready as a file. You can fetch it within seven days; then it is deleted.',
      link === null
        ? `Sign in at ${origin} and open your privacy requests; for the download itself you are asked to sign in again.`
        : `Open ${link} and ask for a code, which is sent to this address.`,
    ),
  }),
  /** Which kinds of data are held, a line each. */
  categories: (lines: readonly string[]): Wording => ({
    subject: 'What is held about you',
    text:
      lines.length === 0 ? 'Nothing is held under the address that you have proven to be yours.\n' : `These kinds of data are held:\n\n${lines.join('\n')}\n`,
  }),
  /** To an officer: that an answer is nearly due, or late. No word of whose request it is. */
  warning: (request: Said, late: boolean, link: string, zone: string): Wording => {
    const word = late ? 'is late' : 'is due soon'
    return {
      subject: `Privacy request ${shortOf(request.id)} ${word}`,
      text: paragraphs(`The answer to request ${request.id} (${request.type}) ${word}: ${dayOf(request.dueAt, zone, 'en')}.`, link),
    }
  },
}

/** Every letter in one language. */
export type Letters = typeof wordingEn
