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
  /** The fault that strikes this request, if any; counts it. */
  match(request: { method: string; url: URL; account: string | null }): FaultRule | undefined
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
      for (const state of set) {
        if (!applies(state.rule, request)) continue
        state.seen++
        const first = state.rule.nth ?? 1
        if (state.seen < first || state.seen >= first + (state.rule.times ?? 1)) continue
        state.hits++
        return state.rule
      }
      return undefined
    },
  }
}

function applies(rule: FaultRule, request: { method: string; url: URL; account: string | null }): boolean {
  if (rule.method && rule.method !== request.method) return false
  if (typeof rule.path === 'string' && rule.path !== request.url.pathname) return false
  if (rule.path instanceof RegExp && !rule.path.test(request.url.pathname)) return false
  if (rule.account && rule.account !== request.account) return false
  return Object.entries(rule.query ?? {}).every(([name, value]) => request.url.searchParams.get(name) === value)
}
