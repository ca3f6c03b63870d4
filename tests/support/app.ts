import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAccount } from '../../src/accounts/service.ts'
import { startSession } from '../../src/accounts/sessions.ts'
import { type App, createApp, type Overrides } from '../../src/app.ts'
import type { Config, Secrets } from '../../src/config.ts'
import type { Clock } from '../../src/core/clock.ts'
import { type Ctx, type Scope } from '../../src/core/ctx.ts'
import { newId } from '../../src/core/ids.ts'
import type { Message } from '../../src/deliveries/mailer.ts'
import { jobs } from '../../src/domains.ts'
import type { GoogleClient } from '../../src/google/client.ts'
import { createGraphqlServer, type GraphqlServer } from '../../src/graphql/server.ts'
import { cookieName } from '../../src/http/cookies.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { allScopes } from '../../src/tokens/scopes.ts'
import { createToken } from '../../src/tokens/service.ts'
import { cloneDatabases, type TestDatabases } from './postgres.ts'

/** What a test may set; everything has a default. */
export interface TestAppOptions {
  clock?: Clock
  /** Sees the text of every statement. */
  onQuery?: (text: string) => void
  config?: Partial<Config>
  secrets?: Partial<Secrets>
  log?: Overrides['log']
  google?: GoogleClient
  mail?: Overrides['mail']
  /** Changes the app before any server is made of it. */
  onCreate?: (app: App) => void
  /** Databases of another test app: two processes on one database. */
  databases?: TestDatabases
}

/** An answer of the GraphQL endpoint. */
export interface Answer {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  data: any
  errors?: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[]
  extensions?: Record<string, unknown>
  status: number
  headers: Headers
}

/** Sends a document; the person's `graphql` sends their token along. */
export type Graphql = (document: string, variables?: Record<string, unknown>, options?: { token?: string; headers?: Record<string, string> }) => Promise<Answer>

/** Someone with an account and a browser that is signed in. */
export interface Person {
  ownerId: string
  accountId: string
  email: string
  /** What services take: the signed-in browser's ctx. */
  ctx: Ctx
  /** Makes an API token; all scopes when none are named. */
  token(scopes?: readonly Scope[]): Promise<string>
  /** What the signed-in browser sends with a request from one of our own pages. */
  browser: Record<string, string>
  /** As a program with a token of all scopes. */
  graphql: Graphql
}

/** What became of the work that was waiting. */
export interface JobsRun {
  /** Names of the jobs that were done, in order. */
  done: string[]
  failed: { name: string; error: unknown }[]
}

/** The application over databases of its own. Nothing happens by itself: the relay and the jobs run when `runJobs` is called. */
export interface TestApp {
  app: App
  databases: TestDatabases
  server: GraphqlServer
  /** The messages that were sent, unless `mail` was given. */
  mails: Message[]
  signUp(options?: { email?: string; name?: string; locale?: string; timeZone?: string; region?: string }): Promise<Person>
  /** Anonymous unless a token or headers say otherwise. */
  graphql: Graphql
  /** Drains the relay, hands out what is due and runs every queued job until nothing is left. A job that fails is not tried again. @throws AggregateError when jobs fail, unless `mayFail` */
  runJobs(options?: { mayFail?: boolean }): Promise<JobsRun>
  close(): Promise<void>
}

const rounds = 200

/** Starts the application on clones of the migrated databases, or on those of another test app. */
export async function testApp(options: TestAppOptions = {}): Promise<TestApp> {
  const databases = options.databases ?? (await cloneDatabases())
  const dataDir = await mkdtemp(join(tmpdir(), 'kith-test-'))
  const mails: Message[] = []
  const app = createApp(
    {
      ...testConfig(dataDir),
      ...options.config,
      databaseUrl: databases.url,
      keysDatabaseUrl: databases.keysUrl,
    },
    {
      masterKeys: [masterKeyOf(databases)],
      googleClientSecret: 'simulator-client-secret',
      ...options.secrets,
    },
    {
      mail: options.mail ?? { send: async (message) => void mails.push(message) },
      ...(options.clock ? { clock: options.clock } : {}),
      ...(options.onQuery ? { onQuery: options.onQuery } : {}),
      ...(options.log ? { log: options.log } : {}),
      ...(options.google ? { google: options.google } : {}),
    },
  )
  const waiting: { name: string; payload: Record<string, string> }[] = []
  Object.assign(app, {
    relay: { ...app.relay, nudge: () => {} },
    queue: {
      start: async () => {},
      work: async () => {},
      stop: async () => {},
      healthy: async () => true,
      send: async (name: string, payload: Record<string, string>) => void waiting.push({ name, payload }),
    },
  })
  options.onCreate?.(app)
  const server = createGraphqlServer(app)

  const graphql: Graphql = async (document, variables, { token, headers } = {}) => {
    const response = await server.fetch(
      new Request(`${app.config.publicUrl}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...headers,
        },
        body: JSON.stringify({ query: document, variables }),
      }),
    )
    return {
      ...((await response.json()) as Omit<Answer, 'status'>),
      status: response.status,
      headers: response.headers,
    }
  }

  const runOne = async (name: string, payload: Record<string, string>): Promise<void> => {
    const job = jobs.find((each) => each.name === name)
    if (!job) throw new Error(`There is no job ${name}.`)
    const parsed = job.payload.parse(payload) as { ownerId?: string }
    await job.run(systemCtx(app, parsed.ownerId ?? '00000000-0000-0000-0000-000000000000', `job ${name}`), parsed as never)
  }

  return {
    app,
    databases,
    server,
    mails,
    graphql,
    signUp: async ({
      email = `${randomUUID().slice(0, 8)}@example.test`,
      name = 'Ada Example',
      locale = 'en-GB',
      timeZone = 'Europe/Berlin',
      region = 'DE',
    } = {}) => {
      const { ownerId, accountId } = await createAccount(app, {
        subject: `subject of ${email}`,
        email,
        name,
        locale,
        timeZone,
        region,
      })
      const { sessionId, secret } = await startSession(app, ownerId, { userAgent: 'Test browser' })
      const ctx: Ctx = {
        app,
        db: app.database.prisma,
        clock: app.clock,
        actor: { kind: 'user', ownerId, sessionId },
        requestId: newId(app.clock),
      }
      const token = async (scopes: readonly Scope[] = allScopes) => (await createToken(ctx, { name: 'test', scopes: [...scopes] })).token
      let everything: Promise<string> | undefined
      return {
        ownerId,
        accountId,
        email,
        ctx,
        token,
        browser: {
          cookie: `${cookieName(app, 'session')}=${secret}`,
          'sec-fetch-site': 'same-origin',
        },
        graphql: async (document, variables, send = {}) => graphql(document, variables, { token: await (everything ??= token()), ...send }),
      }
    },
    runJobs: async ({ mayFail = false } = {}) => {
      const run: JobsRun = { done: [], failed: [] }
      for (let round = 0; ; round += 1) {
        if (round === rounds) throw new Error(`The jobs do not come to an end; the last were ${run.done.slice(-5).join(', ')}.`)
        const relayed = await app.relay.drain()
        const handedOut = await app.handOutDue()
        if (relayed + handedOut + waiting.length === 0) break
        for (const { name, payload } of waiting.splice(0)) {
          try {
            await runOne(name, payload)
            run.done.push(name)
          } catch (error) {
            run.failed.push({ name, error })
          }
        }
      }
      if (run.failed.length > 0 && !mayFail)
        throw new AggregateError(
          run.failed.map(({ error }) => error),
          `Jobs failed: ${run.failed.map(({ name, error }) => `${name} (${String(error)})`).join('; ')}`,
        )
      return run
    },
    close: async () => {
      await app.close()
      if (!options.databases) await databases.drop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** The configuration that tests start from. */
export function testConfig(dataDir: string): Config {
  return {
    production: false,
    host: '127.0.0.1',
    port: 4000,
    publicUrl: 'http://127.0.0.1:4000',
    dataDir,
    databaseUrl: null,
    keysDatabaseUrl: null,
    maxConnections: 8,
    preparedStatements: true,
    statementTimeoutMs: 15_000,
    google: null,
    googleQuota: 'off',
    smtpUrl: null,
    mailFrom: 'Kith <kith@example.test>',
    timeZone: 'UTC',
    controller: {
      name: 'Example Controller',
      address: 'Examplestreet 1, Exampletown',
      email: 'privacy@example.test',
      country: 'DE',
      authority: 'Example Authority',
      dpo: null,
      representative: null,
      processingCountries: ['DE', 'FR'],
    },
    blobs: { driver: 'fs' },
    limits: { costCapacity: 1_000_000, costRestorePerSecond: 100_000, anonymousPerMinute: 100_000 },
    metrics: true,
    logLevel: 'silent',
  }
}

const masterKeys = new WeakMap<TestDatabases, Uint8Array>()

// Two apps on the same databases share the key, as two processes do.
function masterKeyOf(databases: TestDatabases): Uint8Array {
  let key = masterKeys.get(databases)
  if (!key) masterKeys.set(databases, (key = randomBytes(32)))
  return key
}
