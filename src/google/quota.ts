/** What is called at Google, each with a quota of its own. */
export type Api = 'people' | 'gmail' | 'calendar'

/** How much an account, and all accounts together, may ask of an API in a minute, in its units; null: as much as they like. */
export interface Allowance {
  perUserMinute: number
  perProjectMinute: number
}

/** What Google lets a project do. */
export interface GoogleQuota {
  allowance: Readonly<Record<Api, Allowance>> | null
  /** Units of Gmail's methods (developers.google.com/workspace/gmail/api/reference/quota). */
  gmail: { getMessage: number; getThread: number; listMessages: number; listHistory: number; getProfile: number; watch: number }
}

/** The quotas that a server can be told it has: `new` since 2026-05-01, `legacy` for projects from before, `off` where nobody counts, as in the simulator. */
export const quotas = {
  new: {
    allowance: {
      people: { perUserMinute: 90, perProjectMinute: 3000 },
      gmail: { perUserMinute: 6000, perProjectMinute: 1_200_000 },
      calendar: { perUserMinute: 600, perProjectMinute: 10_000 },
    },
    gmail: { getMessage: 20, getThread: 40, listMessages: 5, listHistory: 2, getProfile: 1, watch: 100 },
  },
  legacy: {
    allowance: {
      people: { perUserMinute: 90, perProjectMinute: 3000 },
      gmail: { perUserMinute: 15_000, perProjectMinute: 1_200_000 },
      calendar: { perUserMinute: 600, perProjectMinute: 10_000 },
    },
    gmail: { getMessage: 5, getThread: 10, listMessages: 5, listHistory: 2, getProfile: 1, watch: 100 },
  },
  off: { allowance: null, gmail: { getMessage: 20, getThread: 40, listMessages: 5, listHistory: 2, getProfile: 1, watch: 100 } },
} as const satisfies Record<string, GoogleQuota>

/** A quota by its name. */
export type QuotaName = keyof typeof quotas
