/** A request as rules see it. */
export interface FaultRequest {
  method: string
  url: URL
  /** E-mail address of the account whose access token was sent. */
  account: string | null
}

/** When a fault strikes and what it does. All conditions that are given must hold. */
export interface FaultRule {
  method?: string
  /** The whole path, or a pattern over it. */
  path?: string | RegExp
  /** Query parameters with these values; null for a parameter that must be absent. */
  query?: Record<string, string | null>
  /** E-mail address of the account whose access token was sent. */
  account?: string
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
  /** Send only this many bytes of the real answer, then cut the connection. */
  truncateBytes?: number
  /** Do the work first, then fail: the client cannot know that it was done. */
  after?: boolean
  /** Leave these fields out of the JSON answer, such as `nextSyncToken`. */
  without?: string[]
  /** Answer a list with an empty page and a token for the page that should have been this one, as Google's APIs may at any time. */
  emptyPage?: boolean
  /**
   * What happens in the world while the request is served: `before` it is looked at, or `after` its answer is made and before it is sent.
   * A rule that does nothing else leaves the answer as it is and leaves room for other rules.
   */
  during?: { before?: Happening; after?: Happening }
}

/** What a rule lets happen in the world. */
export type Happening = (request: FaultRequest) => void | Promise<void>

/** A fault that is set. */
export interface Fault {
  readonly rule: FaultRule
  /** How many requests it has struck. */
  readonly hits: number
  remove(): void
}

/** The faults that are set. Of those that touch the answer the first that matches strikes; those that only let things happen all do. */
export interface Faults {
  add(rule: FaultRule): Fault
  clear(): void
  /** The rules that strike this request, in the order they were set: any number that only let things happen and at most one other. Counts them. */
  match(request: FaultRequest): FaultRule[]
}

/** No faults yet. */
export function createFaults(): Faults {
  const set: { rule: FaultRule; seen: number; hits: number }[] = []
  return {
    add: (rule) => {
      const state = { rule, seen: 0, hits: 0 }
      set.push(state)
      return {
        rule,
        get hits() {
          return state.hits
        },
        remove: () => void (set.includes(state) && set.splice(set.indexOf(state), 1)),
      }
    },
    clear: () => void set.splice(0),
    match: (request) => {
      const striking: FaultRule[] = []
      for (const state of set) {
        if (!applies(state.rule, request)) continue
        const touches = touchesAnswer(state.rule)
        if (touches && striking.some(touchesAnswer)) continue
        state.seen++
        const first = state.rule.nth ?? 1
        if (state.seen < first || state.seen >= first + (state.rule.times ?? 1)) continue
        state.hits++
        striking.push(state.rule)
      }
      return striking
    },
  }
}

/** Whether a rule does more than let things happen. */
export function touchesAnswer({ status, body, delayMs, reset, truncateBytes, without, emptyPage }: FaultRule): boolean {
  return [status, body, delayMs, reset, truncateBytes, without, emptyPage].some((effect) => effect !== undefined)
}

function applies(rule: FaultRule, request: FaultRequest): boolean {
  if (rule.method && rule.method !== request.method) return false
  if (typeof rule.path === 'string' && rule.path !== request.url.pathname) return false
  if (rule.path instanceof RegExp && !rule.path.test(request.url.pathname)) return false
  if (rule.account && rule.account !== request.account) return false
  return Object.entries(rule.query ?? {}).every(([name, value]) => request.url.searchParams.get(name) === value)
}
