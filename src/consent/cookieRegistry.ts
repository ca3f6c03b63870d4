import type { PurposeKey } from './purposes.ts'

/** What a cookie is for, as the policy sorts them. */
export const cookieCategories = ['ESSENTIAL', 'FUNCTIONAL', 'ANALYTICAL', 'PERFORMANCE'] as const
/** What a cookie is for. */
export type CookieCategory = (typeof cookieCategories)[number]

interface Common {
  /** What it does, in a sentence for whoever is asked. */
  about: string
  /** How long a browser keeps it at most, seconds. */
  maxAgeSeconds: number
}
/** A cookie that Kith may set. One that needs no consent says why the service cannot be without it. */
export type CookieDefinition = Common & ({ category: 'ESSENTIAL'; justification: string } | { category: Exclude<CookieCategory, 'ESSENTIAL'> })

const tenMinutes = 600
const day = 24 * 3600

/** Every cookie that Kith may set; any other is taken out of the answer. Nothing else is stored in a browser: no local storage, no pixels, no scripts of others. */
export const cookieRegistry = {
  session: {
    category: 'ESSENTIAL',
    about: 'Keeps you signed in.',
    justification: 'without it a browser would have to sign in for every page',
    maxAgeSeconds: 90 * day,
  },
  flow: {
    category: 'ESSENTIAL',
    about: 'Makes sure that it is you who comes back from Google.',
    justification: 'without it another site could sign you in to an account of its choice',
    maxAgeSeconds: tenMinutes,
  },
  welcome: {
    category: 'ESSENTIAL',
    about: 'Holds what Google has said of you until you have an account or decide against it.',
    justification: 'without it the server would have to keep data of someone who has no account',
    maxAgeSeconds: tenMinutes,
  },
  age: {
    category: 'ESSENTIAL',
    about: 'Remembers for a day that no account can be made here. It says nothing of whose, and no more than that.',
    justification: 'without it the answer to a question that the law has us ask could be tried again with another',
    maxAgeSeconds: day,
  },
  choices: {
    category: 'ESSENTIAL',
    about: 'Remembers what you have decided about cookies. It holds no identifier, and is not there before you have.',
    justification: 'without it you would be asked again on every page',
    maxAgeSeconds: 400 * day,
  },
  language: { category: 'FUNCTIONAL', about: 'Remembers in which language you read the pages.', maxAgeSeconds: 180 * day },
} as const satisfies Record<string, CookieDefinition>

/** The name that a cookie has in the registry. */
export type CookieUse = keyof typeof cookieRegistry

/** The purpose that one consents to for a category; null for what needs no consent. */
export const purposeOfCategory = {
  ESSENTIAL: null,
  FUNCTIONAL: 'FUNCTIONAL_COOKIES',
  ANALYTICAL: 'ANALYTICAL_COOKIES',
  PERFORMANCE: 'PERFORMANCE_COOKIES',
} as const satisfies Record<CookieCategory, PurposeKey | null>
