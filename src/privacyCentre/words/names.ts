import type { ConsentSource, ConsentState, CookieCategory, CookieUse, PurposeKey } from '../../consent/service.ts'
import type { Category, LegalBasis, Model, Purpose } from '../../policy/policy.ts'
import type { DenialReason, Regime, Requester, RequestState, RequestType } from '../../privacy/service.ts'

/** What pages call that for which the program has names of its own; a name without a word does not compile. */
export interface Names {
  types: Readonly<Record<RequestType, { title: string; about: string }>>
  states: Readonly<Record<RequestState, string>>
  regimes: Readonly<Record<Regime, string>>
  requesters: Readonly<Record<Requester, string>>
  denials: Readonly<Record<DenialReason, string>>
  /** Uses that one can object to. */
  uses: Readonly<Record<'MARKETING' | 'SECURITY' | 'CRM' | 'ACCOUNTABILITY' | 'OPERATION', string>>
  categories: Readonly<Record<Exclude<Category, `system.${string}`>, string>>
  purposes: Readonly<Record<Purpose, string>>
  bases: Readonly<Record<LegalBasis, string>>
  sources: Readonly<Record<'GOOGLE' | 'IMPORT' | 'DERIVED', string>>
  cookieKinds: Readonly<Record<CookieCategory, string>>
  consentStates: Readonly<Record<ConsentState, string>>
  consentSources: Readonly<Record<ConsentSource, string>>
  /** Translations of what the registry of cookies says; null: it is in this language. */
  cookies: Readonly<Record<CookieUse, string>> | null
  /** Translations of a purpose's title and of one version of its notice; null: they are in this language. */
  consents: Readonly<Record<PurposeKey, { title: string; version: string; notice: string }>> | null
  /** Translations of what each table holds; null: the policies say it in this language. */
  models: Readonly<Record<Model, string>> | null
  /** Translations of why evidence is kept, as the policies say it; null: it is in this language. */
  whys: Readonly<Record<string, string>> | null
  /** Translations of what stays of an erasure itself, by its name; null: it is in this language. */
  kept: Readonly<Record<string, { what: string; until: string }>> | null
}
