import type { Disk } from 'flydrive'
import type { Logger } from 'pino'
import type { GraphQLSchema } from 'graphql'
import type { Clock } from './core/clock.ts'
import { systemClock } from './core/clock.ts'
import type { Config, Secrets } from './config.ts'
import { withPurpose } from './consent/service.ts'
import type { Ctx } from './core/ctx.ts'
import { connect, type Database } from './db/client.ts'
import { createNotices, type Notices } from './db/notices.ts'
import type { Domain } from './domain.ts'
import {
  attachments,
  downloads,
  dues,
  dueSources,
  effects,
  executorsOf,
  jobs,
  policies,
  renderings,
  restorings,
  restraints,
  restrictions,
  routes,
  syncs,
} from './domains.ts'
import type { GoogleClient } from './google/client.ts'
import type { Resource } from './google/features.ts'
import type { Sync } from './google/sync.ts'
import type { Attachments, Rendering, Restoring } from './archive/forms.ts'
import { createGoogleClient } from './google/client.ts'
import { handOutDue } from './jobs/due.ts'
import type { DueSource } from './jobs/rebuild.ts'
import { createQueue, type Queue } from './jobs/queue.ts'
import { createRelay, type Relay } from './jobs/relay.ts'
import { createLog } from './log.ts'
import type { Mailer } from './deliveries/mailer.ts'
import { createMailer } from './deliveries/mailer.ts'
import { openBlobs } from './blobs.ts'
import { schema } from './schema.ts'
import { sealedPlaces } from './policy/dataMap.ts'
import type { AnyPolicy } from './policy/policy.ts'
import type { Downloads, Executor, Restraint } from './privacy/execution.ts'
import type { RequestType } from './privacy/vocabulary.ts'
import { masterKey } from './vault/master.ts'
import { openSigningKeys, type SigningKeys } from './vault/signing.ts'
import { openVault, type Vault } from './vault/vault.ts'

/** Everything that lives as long as the process. */
export interface App {
  readonly config: Config
  readonly secrets: Secrets
  readonly clock: Clock
  readonly log: Logger
  readonly database: Database
  /** The keys database's connections. */
  readonly keys: Database
  /** What other processes have changed of what this one remembers; heard from `start` on. */
  readonly notices: Notices
  readonly vault: Vault
  readonly signing: SigningKeys
  readonly schema: GraphQLSchema
  /** The HTTP routes of every domain; the HTTP server serves them. */
  readonly routes: readonly NonNullable<Domain['routes']>[]
  /** What every column of the database is. */
  readonly policies: Readonly<Record<string, AnyPolicy>>
  /** What carries out a privacy request of a type. */
  readonly executorsOf: (type: RequestType) => readonly Executor[]
  /** How answers that are files are fetched; null while no domain makes any. */
  readonly downloads: Downloads | null
  /** What keeps data from being used that may only be stored, or not even be seen. */
  readonly restraints: readonly Restraint[]
  /** Whether the ctx's owner is restricted to storage. */
  isRestricted(ctx: Ctx): Promise<boolean>
  /** Does work on an owner's data for a purpose, outside of a request of theirs. @throws PurposeRefused */
  readonly withPurpose: typeof withPurpose
  /** What archives hold beside records, and how they come back. */
  readonly renderings: readonly Rendering[]
  readonly attachments: readonly Attachments[]
  readonly restorings: readonly Restoring[]
  /** The tables whose rows fall due. */
  readonly dueSources: readonly DueSource[]
  readonly relay: Relay
  readonly queue: Queue
  readonly blobs: Disk
  readonly mail: Mailer
  readonly google: GoogleClient
  /** What is kept in sync with Google, by resource. */
  readonly syncs: Readonly<Partial<Record<Resource, Sync>>>
  /** Told after every committed step of a sync; tests end the process there. */
  readonly afterStep?: (resource: Resource) => Promise<void> | void
  /** `stopping` turns true when the process was told to end: /ready says no, and requests that are there still finish. */
  readonly state: { stopping: boolean }
  /** Hands out what has fallen due; the worker calls it every few seconds. */
  handOutDue(): Promise<number>
  /** Lets go of everything, in the right order. */
  close(): Promise<void>
}

/** Parts that tests and tools replace. */
export interface Overrides {
  clock?: Clock
  log?: Logger
  mail?: Mailer
  google?: GoogleClient
  syncs?: App['syncs']
  afterStep?: App['afterStep']
  onQuery?: (text: string) => void
}

/** Wires the application together; the only place that constructs clients. The databases must be migrated (`kith migrate`, or `prepareDatabases`). */
export function createApp(config: Config & { databaseUrl: string; keysDatabaseUrl: string }, secrets: Secrets, overrides: Overrides = {}): App {
  const log = overrides.log ?? createLog(config)
  const clock = overrides.clock ?? systemClock
  const state = { stopping: false }
  const onError = (error: Error): void => {
    if (!state.stopping) log.error({ err: error }, 'A database connection was lost and will be made again.')
  }
  const database = connect({
    url: config.databaseUrl,
    maxConnections: config.maxConnections,
    prepared: config.preparedStatements,
    statementTimeoutMs: config.statementTimeoutMs,
    onError,
    ...(overrides.onQuery ? { onQuery: overrides.onQuery } : {}),
  })
  const keys = connect({
    url: config.keysDatabaseUrl,
    maxConnections: 3,
    prepared: config.preparedStatements,
    statementTimeoutMs: config.statementTimeoutMs,
    onError,
  })
  const master = masterKey(secrets.masterKeys)
  const notices = createNotices({
    url: config.databaseDirectUrl ?? config.databaseUrl,
    pool: database.pool,
    warn: (error, message) => log.warn({ err: error }, message),
  })
  const vault = openVault({ pool: keys.pool, master, classOf: sealedPlaces(policies), memory: { notices, clock } })
  const parts = {
    config,
    secrets,
    clock,
    log,
    database,
    keys,
    notices,
    vault,
    signing: openSigningKeys({ pool: keys.pool, master, clock }),
    schema,
    routes,
    policies,
    executorsOf,
    downloads,
    restraints,
    withPurpose,
    isRestricted: async (ctx: Ctx) => (await Promise.all(restrictions.map((restricts) => restricts(ctx)))).includes(true),
    renderings,
    attachments,
    restorings,
    dueSources,
    blobs: openBlobs(config, secrets),
    mail: overrides.mail ?? createMailer(config, clock),
    google: overrides.google ?? createGoogleClient(config, secrets),
    syncs: overrides.syncs ?? syncs,
    ...(overrides.afterStep ? { afterStep: overrides.afterStep } : {}),
    state,
  }
  const app: App = {
    ...parts,
    // The relay and the queue need the app that they are part of; they are set just below, before anything can call them.
    relay: undefined as never,
    queue: undefined as never,
    handOutDue: () => handOutDue(app, (kind) => dues[kind]),
    close: async () => {
      state.stopping = true
      await app.relay.stop()
      await app.queue.stop()
      await notices.stop()
      await Promise.all([database.close(), keys.close()])
    },
  }
  return Object.assign(app, { relay: createRelay(app, effects), queue: createQueue(app, jobs) })
}
