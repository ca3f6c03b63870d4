/** The languages that letters are written in. */
export const letterLanguages = ['en', 'de'] as const
/** A language that letters are written in. */
export type LetterLanguage = (typeof letterLanguages)[number]

/** The language of letters that is nearest to a locale; English for whatever else somebody reads. */
export function letterLanguageOf(locale: string | null | undefined): LetterLanguage {
  return letterLanguages.find((each) => locale?.toLowerCase().split(/[-_]/)[0] === each) ?? 'en'
}

/** What can be asked for. */
export const requestTypes = [
  'ACCESS',
  'ACCESS_CATEGORIES',
  'PORTABILITY',
  'RECTIFICATION',
  'ERASURE',
  'RESTRICTION',
  'OBJECTION',
  'OPT_OUT_SALE_SHARING',
  'LIMIT_SENSITIVE',
  'AUTOMATED_DECISION_REVIEW',
  'MINOR_ERASURE',
  'COMPLAINT',
] as const
/** What can be asked for. */
export type RequestType = (typeof requestTypes)[number]

/** How far a request has come. */
export const requestStates = [
  'RECEIVED',
  'ACKNOWLEDGED',
  'AWAITING_IDENTITY',
  'IN_ASSESSMENT',
  'APPROVED',
  'PARTIALLY_APPROVED',
  'DENIED',
  'EXECUTING',
  'EXECUTION_FAILED',
  'AWAITING_DOWNLOAD',
  'COMPLETED',
  'WITHDRAWN',
  'DUPLICATE',
] as const
/** How far a request has come. */
export type RequestState = (typeof requestStates)[number]

/** Whose law sets the dates. VOLUNTARY: nobody's does, and the strictest of each is kept. */
export const regimes = ['GDPR', 'CCPA', 'BOTH', 'VOLUNTARY'] as const
/** Whose law sets the dates. */
export type Regime = (typeof regimes)[number]

/** Whose data it is about: an account's holder, somebody in an address book, or somebody who only looked in. */
export const subjectKinds = ['USER', 'CONTACT_PERSON', 'VISITOR'] as const
/** Whose data it is about. */
export type SubjectKind = (typeof subjectKinds)[number]

/** Who asks: the person, somebody they have authorised, or the guardian of a child. */
export const requesters = ['SELF', 'AGENT', 'GUARDIAN'] as const
/** Who asks. */
export type Requester = (typeof requesters)[number]

/** How a request came in. */
export const channels = ['WEB', 'EMAIL', 'PHONE', 'POST'] as const
/** How a request came in. */
export type Channel = (typeof channels)[number]

/**
 * How well it is known who asks: 0 not at all; 1 a session that has just signed in; 2 control of an address; 3 two data points that match;
 * 4 three data points and a signed declaration; 5 an agent's signed permission, confirmed by the person.
 */
export const levels = [0, 1, 2, 3, 4, 5] as const
/** How well it is known who asks. */
export type Level = (typeof levels)[number]

/** Why something is refused. */
export const denialReasons = [
  'INSUFFICIENT_VERIFICATION',
  'NO_MATCH',
  'SUSPECTED_FRAUD',
  'NOT_APPLICABLE_TO_BASIS',
  'OUT_OF_JURISDICTION',
  'NOT_CONTROLLER',
  'MANIFESTLY_UNFOUNDED',
  'EXCESSIVE',
  'LEGAL_OBLIGATION',
  'LEGAL_CLAIMS',
  'HOLD',
  'FREE_EXPRESSION',
  'RIGHTS_OF_OTHERS',
  'DATA_ACCURATE',
  'OTHER',
] as const
/** Why something is refused. */
export type DenialReason = (typeof denialReasons)[number]
