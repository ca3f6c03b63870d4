import { exchange } from './exchange/domain.ts'
import { deliveries } from './deliveries/domain.ts'
import { digest } from './digest/domain.ts'
import { erasure } from './erasure/domain.ts'
import { followUps } from './followUps/domain.ts'
import { interactions } from './interactions/domain.ts'
import { merges } from './merges/domain.ts'
import { notes } from './notes/domain.ts'
import { reminders } from './reminders/domain.ts'
import { search } from './search/domain.ts'
import { archive } from './archive/domain.ts'
import { accounts } from './accounts/domain.ts'
import { avatars } from './avatars/domain.ts'
import { calendar } from './calendar/domain.ts'
import { consent } from './consent/domain.ts'
import { contacts } from './contacts/domain.ts'
import type { Domain } from './domain.ts'
import { events } from './events/domain.ts'
import { google } from './google/domain.ts'
import { gmail } from './gmail/domain.ts'
import { graphql } from './graphql/domain.ts'
import type { Job } from './jobs/job.ts'
import type { DueSource } from './jobs/rebuild.ts'
import type { Relay } from './jobs/relay.ts'
import type { AnyPolicy, Model } from './policy/policy.ts'
import { privacy } from './privacy/domain.ts'
import { privacyCentre } from './privacyCentre/domain.ts'
import { policyVersions } from './policies/domain.ts'
import { signing } from './signing/domain.ts'
import { tokens } from './tokens/domain.ts'

/** Every domain, one line each. */
export const domains = [
  accounts,
  archive,
  avatars,
  calendar,
  consent,
  contacts,
  deliveries,
  digest,
  erasure,
  events,
  exchange,
  followUps,
  gmail,
  google,
  graphql,
  interactions,
  merges,
  notes,
  privacy,
  privacyCentre,
  policyVersions,
  reminders,
  search,
  signing,
  tokens,
] as const satisfies readonly Domain[] // prettier-ignore

type Policies<D> = D extends { policies: infer P } ? keyof P : never
type Uncovered = Exclude<Model, Policies<(typeof domains)[number]>>
/** Does not compile while a model has no policy; the error names the models. */
export const everyModelHasAPolicy: [Uncovered] extends [never] ? true : { 'these models have no policy': Uncovered } = true

const all: readonly Domain[] = domains

/** The rule of every column of every model. */
export const policies = Object.assign({}, ...all.map((domain) => domain.policies)) as Readonly<Record<Model, AnyPolicy>>
/** Every job of every domain. */
export const jobs: readonly Job[] = all.flatMap((domain) => domain.jobs ?? [])
/** What every kind of outbox row sets off. */
export const effects: Relay['handlers'] = Object.assign({}, ...all.map((domain) => domain.effects ?? {})) as Relay['handlers']
/** Which job does what falls due. */
export const dues: Readonly<Record<string, string>> = Object.assign({}, ...all.map((domain) => domain.dues ?? {})) as Record<string, string>
/** What the due directory is made from. */
export const dueSources: readonly DueSource[] = all.flatMap((domain) => domain.dueSources ?? [])
type AnySync = NonNullable<Domain['syncs']>[number]
/** What is kept in sync with Google, by resource. */
export const syncs: Readonly<Partial<Record<AnySync['resource'], AnySync>>> = Object.fromEntries(
  all.flatMap((domain) => domain.syncs ?? []).map((sync) => [sync.resource, sync]),
)
/** What carries out a privacy request of a type, of every domain that has a part in it. */
export const executorsOf = (type: keyof NonNullable<Domain['executes']>) => all.flatMap((domain) => domain.executes?.[type] ?? [])
/** What keeps data from being used, of every domain that holds some. */
export const restraints: readonly NonNullable<Domain['restraint']>[] = all.flatMap((domain) => domain.restraint ?? [])
/** The files that archives hold beside records, of every domain, by their places. */
export const renderings: readonly NonNullable<Domain['renders']>[number][] = all
  .flatMap((domain) => domain.renders ?? [])
  .toSorted((one, other) => (one.path < other.path ? -1 : 1))
/** The files that records name. */
export const attachments: readonly NonNullable<Domain['attaches']>[number][] = all.flatMap((domain) => domain.attaches ?? [])
/** How records become rows again. */
export const restorings: readonly NonNullable<Domain['restores']>[number][] = all.flatMap((domain) => domain.restores ?? [])
/** How answers that are files are fetched; null while no domain makes any. */
export const downloads: NonNullable<Domain['downloads']> | null = all.find((domain) => domain.downloads)?.downloads ?? null
/** The HTTP routes of every domain. */
export const routes: readonly NonNullable<Domain['routes']>[] = all.flatMap((domain) => domain.routes ?? [])
/** Says whether an owner is restricted to storage; one domain's word is enough. */
export const restrictions: readonly NonNullable<Domain['restricts']>[] = all.flatMap((domain) => domain.restricts ?? [])
