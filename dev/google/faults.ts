/** When a fault strikes and what it does. All conditions that are given must hold. */
export interface FaultRule {
  method?: string
  /** The whole path, or a pattern over it. */
  path?: string | RegExp
  /** Query parameters with these values; null for a parameter that must be absent. */
  query?: Record<string, string | null>
  /** E-mail address of the account whose access token was sent. */
  account?: string
  /** Only parts of batches (true), or only requests that come by themselves (false). */
  inBatch?: boolean
  /** Strikes from this matching request on, counted from 1. Default 1. */
  nth?: number
  /** How many matching requests it strikes. Default 1; Infinity for all. */
  times?: number
  /** Answer with this status instead. */
  status?: number
  /** Answer with this body: text and bytes as they are, anything else as JSON. */
  body?: unknown
  headers?: Record<string, string>
  /** Wait this long (real milliseconds) before anything else. */
  delayMs?: number
  /** Cut the connection without an answer. */
  reset?: boolean
  /** Never answer: the client must give up. */
  hang?: boolean
  /** Send only this many bytes of the answer, then cut the connection. Of a part of a batch only these bytes are in the answer. */
  truncateBytes?: number
  /** The bytes that are left claim to be all there are, so that only their content shows that something is missing. */
  truncateQuietly?: boolean
  /** Compress the answer (before it is truncated). */
  gzip?: boolean
  /** Do the work, then keep the answer back until this is settled. */
  holdUntil?: PromiseLike<unknown>
  /** Answer a list of people, groups or events with an empty page and a token for the page it should have been, as Google's APIs may at any time. */
  emptyPage?: boolean
  /** Changes the JSON of the answer: a token that is missing, a page that is empty. */
  rewriteJson?: (body: unknown) => unknown
  /** Reorders, drops or cuts the finished parts of a batch's answer: each is `headers, empty line, HTTP answer`. */
  rewriteParts?: (parts: string[]) => string[]
  /** Runs when the request has come, before it is looked at: what else happens in the world at that moment. */
  before?: () => unknown
  /** Runs when the answer is made and before it is sent. */
  afterwards?: () => unknown
  /** Do the work first, then fail: the client cannot know that it was done. */
  after?: boolean
}

/** A fault that is set. */
export interface Fault {
  readonly rule: FaultRule
  /** How many requests it has struck. */
  readonly hits: number
  remove(): void
}

/** The faults that are set; the first that matches strikes. */
export interface Faults {
  add(rule: FaultRule): Fault
  clear(): void
  /** Settles when a request that fits has its answer. Changes nothing, and keeps no fault from striking. */
  answered(rule: Omit<FaultRule, 'before' | 'afterwards'>): Promise<void>
  /** What strikes this request, counted: every rule that only runs something, and the first that does more. */
  match(request: FaultRequest): FaultRule[]
}

/** What of a request decides whether a fault strikes. */
export interface FaultRequest {
  method: string
  url: URL
  account: string | null
  inBatch: boolean
}

/** Whether a rule changes the answer, and does not only run something beside it. */
export function changesAnswer(rule: FaultRule): boolean {
  return [
    rule.status,
    rule.emptyPage,
    rule.body,
    rule.delayMs,
    rule.reset,
    rule.hang,
    rule.truncateBytes,
    rule.gzip,
    rule.holdUntil,
    rule.rewriteJson,
    rule.rewriteParts,
  ].some((effect) => effect !== undefined)
}

/** The answer lacks these fields: `faults.add({ path, ...missing('nextSyncToken') })`. */
export function missing(...fields: string[]): Required<Pick<FaultRule, 'rewriteJson'>> {
  return { rewriteJson: (body) => Object.fromEntries(Object.entries(body as object).filter(([field]) => !fields.includes(field))) }
}

/** No faults yet. */
export function createFaults(): Faults {
  const set: { rule: FaultRule; seen: number; hits: number }[] = []
  const add = (rule: FaultRule): Fault => {
    const state = { rule, seen: 0, hits: 0 }
    set.push(state)
    return {
      rule,
      get hits() {
        return state.hits
      },
      remove: () => void (set.includes(state) && set.splice(set.indexOf(state), 1)),
    }
  }
  return {
    add,
    clear: () => void set.splice(0),
    answered: (rule) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      add({ ...rule, afterwards: resolve })
      return promise
    },
    match: (request) => {
      const strikes: FaultRule[] = []
      for (const state of set) {
        const changes = changesAnswer(state.rule)
        if (changes && strikes.some(changesAnswer)) continue
        if (!applies(state.rule, request)) continue
        state.seen++
        const first = state.rule.nth ?? 1
        if (state.seen < first || state.seen >= first + (state.rule.times ?? 1)) continue
        state.hits++
        strikes.push(state.rule)
      }
      return strikes
    },
  }
}

function applies(rule: FaultRule, request: FaultRequest): boolean {
  if (rule.inBatch !== undefined && rule.inBatch !== request.inBatch) return false
  if (rule.method && rule.method !== request.method) return false
  if (typeof rule.path === 'string' && rule.path !== request.url.pathname) return false
  if (rule.path instanceof RegExp && !rule.path.test(request.url.pathname)) return false
  if (rule.account && rule.account !== request.account) return false
  return Object.entries(rule.query ?? {}).every(([name, value]) => request.url.searchParams.get(name) === value)
}
