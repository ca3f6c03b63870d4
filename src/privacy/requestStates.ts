import type { RequestState, RequestType } from './vocabulary.ts'

/** What can happen to a request. */
export const requestEvents = [
  'submit',
  'acknowledge',
  'duplicate',
  'askIdentity',
  'verify',
  'failIdentity',
  'fallBack',
  'extend',
  'approve',
  'approvePart',
  'deny',
  'execute',
  'failStep',
  'retry',
  'offerDownload',
  'download',
  'expireDownload',
  'complete',
  'withdraw',
  'reopen',
  'note',
] as const
/** What can happen to a request. */
export type RequestEvent = (typeof requestEvents)[number]

/** What a guard looks at. */
export interface Facts {
  type: RequestType
  requiredLevel: number
  provenLevel: number
  /** Whether the time to answer, without more time taken, is over. */
  late: boolean
  extended: boolean
  /** Whether the one who acts gave a reason in words. */
  hasReason: boolean
  /** Whether every part was decided, and each refusal says why, where to complain and what remedy there is. */
  decision: 'NONE' | 'ALL' | 'PART' | 'NOTHING'
  /** Whether the California fallback of an access request applies: § 7024(a). */
  canFallBack: boolean
  /** Whether new facts or an upheld complaint were brought. */
  hasNews: boolean
}

/** What must hold for a transition, and what is said when it does not. */
export interface Guard {
  holds: (facts: Facts) => boolean
  otherwise: string
}

/** Where an event leads, under which conditions, and what it sets off. */
export interface Transition {
  to: RequestState
  guards: readonly Guard[]
  effects: readonly TransitionEffect[]
}

/** What a transition does to the request's clock, beside its own record. Letters and runs follow from where it is. */
export type TransitionEffect = 'pauseClock' | 'resumeClock' | 'close' | 'unclose'

const knows: Guard = { holds: ({ provenLevel, requiredLevel }) => provenLevel >= requiredLevel, otherwise: 'It is not yet known well enough who asks.' }
const doubts: Guard = { holds: ({ provenLevel, requiredLevel }) => provenLevel < requiredLevel, otherwise: 'It is known who asks.' }
const reasoned: Guard = { holds: ({ hasReason }) => hasReason, otherwise: 'Give a reason.' }
const inTime: Guard = { holds: ({ late }) => !late, otherwise: 'More time can only be taken before the answer is due.' }
const once: Guard = { holds: ({ extended }) => !extended, otherwise: 'More time was taken already.' }
const whole: Guard = { holds: ({ decision }) => decision === 'ALL', otherwise: 'An approval grants every part; what is refused makes it one in part.' }
const partly: Guard = { holds: ({ decision }) => decision === 'PART', otherwise: 'An approval in part grants something and refuses something, with reasons.' }
const refused: Guard = {
  holds: ({ decision }) => decision === 'NOTHING',
  otherwise: 'A refusal says for each part why, where one can complain and what remedy there is.',
}
const californian: Guard = { holds: ({ canFallBack }) => canFallBack, otherwise: 'Only access under California’s law falls back to categories.' }
const final: Guard = { holds: ({ canFallBack }) => !canFallBack, otherwise: 'Access under California’s law falls back to categories instead.' }
const news: Guard = { holds: ({ hasNews, hasReason }) => hasNews && hasReason, otherwise: 'Say what is new, or which complaint was upheld.' }

const to = (state: RequestState, guards: readonly Guard[] = [], effects: readonly TransitionEffect[] = []): Transition => ({ to: state, guards, effects })
const withdraw = { withdraw: to('WITHDRAWN', [], ['close']) }
const stay = (state: RequestState) => ({ note: to(state, [reasoned]) })
const duplicate = { duplicate: to('DUPLICATE', [], ['close']) }
const reopen = { reopen: to('IN_ASSESSMENT', [news], ['unclose']) }
const run = { execute: to('EXECUTING') }

/**
 * Every state with what may happen in it; what is not listed is refused. Beyond the reference, a request of somebody without an account may turn out
 * to be a duplicate after they have proven who they are: said before, it would tell a stranger that somebody else has asked.
 */
export const transitions: Readonly<Record<RequestState | 'NEW', Partial<Record<RequestEvent, Transition>>>> = {
  NEW: { submit: to('RECEIVED') },
  RECEIVED: { acknowledge: to('ACKNOWLEDGED'), ...duplicate, ...withdraw, ...stay('RECEIVED') },
  ACKNOWLEDGED: {
    ...duplicate,
    askIdentity: to('AWAITING_IDENTITY', [doubts], ['pauseClock']),
    verify: to('IN_ASSESSMENT', [knows]),
    ...withdraw,
    ...stay('ACKNOWLEDGED'),
  },
  AWAITING_IDENTITY: {
    ...duplicate,
    verify: to('IN_ASSESSMENT', [knows], ['resumeClock']),
    failIdentity: to('DENIED', [doubts, final], ['resumeClock', 'close']),
    fallBack: to('IN_ASSESSMENT', [californian], ['resumeClock']),
    ...withdraw,
    ...stay('AWAITING_IDENTITY'),
  },
  IN_ASSESSMENT: {
    extend: to('IN_ASSESSMENT', [reasoned, inTime, once]),
    approve: to('APPROVED', [whole]),
    approvePart: to('PARTIALLY_APPROVED', [partly]),
    deny: to('DENIED', [refused], ['close']),
    ...withdraw,
    ...stay('IN_ASSESSMENT'),
  },
  APPROVED: { ...run, ...withdraw, ...stay('APPROVED') },
  PARTIALLY_APPROVED: { ...run, ...withdraw, ...stay('PARTIALLY_APPROVED') },
  EXECUTING: {
    failStep: to('EXECUTION_FAILED', [reasoned]),
    offerDownload: to('AWAITING_DOWNLOAD'),
    complete: to('COMPLETED', [], ['close']),
    ...stay('EXECUTING'),
  },
  EXECUTION_FAILED: { retry: to('EXECUTING'), ...stay('EXECUTION_FAILED') },
  AWAITING_DOWNLOAD: {
    download: to('COMPLETED', [], ['close']),
    expireDownload: to('COMPLETED', [], ['close']),
    ...stay('AWAITING_DOWNLOAD'),
  },
  COMPLETED: { ...reopen, ...stay('COMPLETED') },
  DENIED: { ...reopen, ...stay('DENIED') },
  WITHDRAWN: stay('WITHDRAWN'),
  DUPLICATE: stay('DUPLICATE'),
}

/** States that nothing leaves but a reopening. */
export const closedStates: readonly RequestState[] = ['DENIED', 'COMPLETED', 'WITHDRAWN', 'DUPLICATE']

/** Where an event leads from a state, or why it may not happen there. */
export function step(from: RequestState | 'NEW', event: RequestEvent, facts: Facts): Transition | { refusal: string } {
  const transition = transitions[from][event]
  if (!transition) return { refusal: `A request that is ${stateWords[from]} ${eventWords[event]}.` }
  const broken = transition.guards.find((guard) => !guard.holds(facts))
  return broken ? { refusal: broken.otherwise } : transition
}

const stateWords: Readonly<Record<RequestState | 'NEW', string>> = {
  NEW: 'not there yet',
  RECEIVED: 'just received',
  ACKNOWLEDGED: 'acknowledged',
  AWAITING_IDENTITY: 'waiting for proof of who asks',
  IN_ASSESSMENT: 'being assessed',
  APPROVED: 'approved',
  PARTIALLY_APPROVED: 'approved in part',
  DENIED: 'refused',
  EXECUTING: 'being carried out',
  EXECUTION_FAILED: 'stuck in being carried out',
  AWAITING_DOWNLOAD: 'waiting to be downloaded',
  COMPLETED: 'completed',
  WITHDRAWN: 'withdrawn',
  DUPLICATE: 'a duplicate of another',
}

const eventWords: Readonly<Record<RequestEvent, string>> = {
  submit: 'cannot be submitted again',
  acknowledge: 'cannot be acknowledged',
  duplicate: 'cannot be called a duplicate',
  askIdentity: 'needs no proof of who asks',
  verify: 'waits for no proof of who asks',
  failIdentity: 'waits for no proof of who asks',
  fallBack: 'cannot fall back to categories',
  extend: 'cannot take more time',
  approve: 'cannot be approved',
  approvePart: 'cannot be approved',
  deny: 'cannot be refused',
  execute: 'cannot be carried out',
  failStep: 'is not being carried out',
  retry: 'cannot be tried again',
  offerDownload: 'has nothing to download',
  download: 'has nothing to download',
  expireDownload: 'has nothing to download',
  complete: 'cannot be completed',
  withdraw: 'cannot be withdrawn any more',
  reopen: 'cannot be reopened',
  note: 'takes no notes',
}
