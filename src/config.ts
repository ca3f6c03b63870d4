import type { QuotaName } from './google/quota.ts'
import { resolve } from 'node:path'
import { z } from 'zod'
import { type Env, names, type Variable, variables } from './env.ts'
import { closest } from './closest.ts'
import { isTimeZone } from './core/wallTime.ts'
import { isRegion } from './core/region.ts'

/** What the server was told to be; decided once at the start and frozen. Secrets are apart, in `Secrets`. */
export interface Config {
  readonly production: boolean
  readonly host: string
  readonly port: number
  /** The origin that browsers see; https in production. */
  readonly publicUrl: string
  readonly dataDir: string
  /** Null: the embedded PostgreSQL. */
  readonly databaseUrl: string | null
  /** The way to the main database around a pooler, for what needs a session: migrations and notices. Without it `databaseUrl` is one. */
  readonly databaseDirectUrl?: string
  readonly keysDatabaseUrl: string | null
  readonly maxConnections: number
  /** False behind a PgBouncer that cannot keep named statements. */
  readonly preparedStatements: boolean
  /** After so long the database gives a request's statement up; 0: never. Jobs and migrations may take what they take. */
  readonly statementTimeoutMs: number
  /** Null: the simulator, which is started beside the server. */
  readonly google: { readonly clientId: string; readonly origin: string | null } | null
  /** What Google lets this server's project ask for. */
  readonly googleQuota: QuotaName
  /** Where Gmail sends notices of new mail, and how they are known to be from there; null: mailboxes are only polled. */
  readonly gmailPush: { readonly topic: string; readonly audience: string; readonly account: string } | null
  /** Null: messages are written as .eml files into the outbox folder of the data directory. */
  readonly smtpUrl: string | null
  readonly mailFrom: string
  /** Where the days of the controller end. */
  readonly timeZone: string
  readonly controller: Controller
  /** Where blobs lie: a folder of the data directory, or a bucket. */
  readonly blobs:
    | { readonly driver: 'fs' }
    | { readonly driver: 's3'; readonly bucket: string; readonly region: string; readonly endpoint: string | null }
    | { readonly driver: 'gcs'; readonly bucket: string }
  readonly limits: { readonly costCapacity: number; readonly costRestorePerSecond: number; readonly anonymousPerMinute: number }
  readonly metrics: boolean
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug'
}

/** Who answers for the personal data, as the law wants it told (GDPR, Articles 13 and 30). */
export interface Controller {
  readonly name: string
  readonly address: string
  readonly email: string
  /** ISO 3166, two letters. */
  readonly country: string
  /** The authority that people may complain to. */
  readonly authority: string
  readonly dpo: string | null
  readonly representative: string | null
  /** Where data are stored and processed, ISO 3166, two letters each. */
  readonly processingCountries: readonly string[]
}

/** What must never be printed. */
export interface Secrets {
  /** The current master key first, then older ones that still unwrap; 32 bytes each. Empty in development until one is generated. */
  readonly masterKeys: readonly Uint8Array[]
  readonly googleClientSecret: string | null
  readonly s3?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** A decided configuration, and what is odd about it without being wrong. */
export interface Configuration {
  readonly config: Config
  readonly secrets: Secrets
  readonly warnings: readonly string[]
}

/** As whom Kith is registered with the Google simulator; nobody's secret. */
export const demoClient = { clientId: 'kith-demo.apps.googleusercontent.test', clientSecret: 'simulator-client-secret' } as const

/** Something about the settings is wrong; the message lists all of it. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(
      `Kith cannot run with these settings:\n${problems.map((problem) => `  - ${problem}`).join('\n')}\nREADME.md, "Configuration", says what each of them means.`,
    )
    this.problems = problems
  }
}

/** Decides what the server is to be. In production nothing defaults that matters to somebody's data. @throws ConfigError listing everything that is wrong */
export function configure(env: Env): Configuration {
  const warnings: string[] = []
  const problems = env.problems.map(({ name, message }) => `${name} ${message}`)
  const unreadable = new Set(env.problems.map(({ name }) => name))
  const read = <Schema extends z.ZodType>(name: Variable, schema: Schema): z.output<Schema> | undefined => {
    const value = env.values[name]
    if (value === undefined) return undefined
    const parsed = schema.safeParse(value)
    if (parsed.success) return parsed.data
    problems.push(`${name} ${parsed.error.issues[0]?.message ?? 'is wrong'}`)
    unreadable.add(name)
    return undefined
  }

  const production = read('NODE_ENV', nodeEnv) === 'production'
  const host = read('HOST', z.string()) ?? '127.0.0.1'
  const port = read('PORT', whole(1, 65_535)) ?? 4000
  const publicUrl = read('PUBLIC_URL', origin)
  const databaseUrl = read('DATABASE_URL', postgresUrl) ?? null
  const databaseDirectUrl = read('KITH_DATABASE_DIRECT_URL', postgresUrl) ?? null
  const keysDatabaseUrl = read('KEYS_DATABASE_URL', postgresUrl) ?? null
  const dataDir = resolve(read('KITH_DATA_DIR', z.string()) ?? '.data')
  const masterKeys = read('KITH_MASTER_KEY', keyList) ?? []
  const clientId = read('GOOGLE_CLIENT_ID', z.string())
  const googleClientSecret = read('GOOGLE_CLIENT_SECRET', z.string()) ?? null
  const googleOrigin = read('GOOGLE_BASE_URL', origin) ?? null
  const topic = read('KITH_GOOGLE_PUBSUB_TOPIC', topicName)
  const audience = read('KITH_GOOGLE_PUBSUB_AUDIENCE', z.string())
  const account = read('KITH_GOOGLE_PUBSUB_ACCOUNT', z.email(refuse('is not the address of a service account')))
  const smtpUrl = read('SMTP_URL', mailUrl) ?? null
  const mailFrom = read('KITH_MAIL_FROM', sender)
  const controller: Controller = {
    name: read('KITH_CONTROLLER_NAME', z.string()) ?? 'Whoever runs this copy of Kith',
    address: read('KITH_CONTROLLER_ADDRESS', z.string()) ?? 'not set',
    email: read('KITH_CONTROLLER_EMAIL', z.email(refuse('is not an e-mail address'))) ?? 'privacy@example.test',
    country: read('KITH_CONTROLLER_COUNTRY', country) ?? 'DE',
    authority: read('KITH_SUPERVISORY_AUTHORITY', z.string()) ?? 'not set',
    dpo: read('KITH_DPO', z.string()) ?? null,
    representative: read('KITH_REPRESENTATIVE', z.string()) ?? null,
    processingCountries: read('KITH_PROCESSING_COUNTRIES', countries) ?? ['DE'],
  }
  const blobs = read('KITH_BLOBS', blobStore) ?? { driver: 'fs' as const }
  const accessKeyId = read('AWS_ACCESS_KEY_ID', z.string())
  const secretAccessKey = read('AWS_SECRET_ACCESS_KEY', z.string())

  const missing = (...wanted: Variable[]): void => {
    for (const name of wanted) if (env.values[name] === undefined && !unreadable.has(name)) problems.push(`${name} is missing: ${variables[name].about}`)
  }
  if (production) {
    missing('PUBLIC_URL', 'DATABASE_URL', 'KEYS_DATABASE_URL', 'KITH_MASTER_KEY', 'GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET', 'SMTP_URL')
    missing('KITH_CONTROLLER_NAME', 'KITH_CONTROLLER_ADDRESS', 'KITH_CONTROLLER_EMAIL', 'KITH_CONTROLLER_COUNTRY', 'KITH_SUPERVISORY_AUTHORITY')
    missing('KITH_PROCESSING_COUNTRIES')
    if (blobs.driver === 'fs') missing('KITH_DATA_DIR')
    if (publicUrl?.startsWith('http:')) problems.push('PUBLIC_URL begins with http: in production, where sessions need https')
    if (databaseUrl && keysDatabaseUrl && serverOf(databaseUrl) === serverOf(keysDatabaseUrl))
      problems.push('KEYS_DATABASE_URL names the server of DATABASE_URL: who got at the one would have the other')
    if (env.values.GOOGLE_BASE_URL) problems.push('GOOGLE_BASE_URL is for development: production talks to Google itself')
    if (masterKeys.some(isWeak)) problems.push(`KITH_MASTER_KEY ${weakKey}`)
    problems.push(...env.unknown.map(unknownVariable))
  } else {
    warnings.push(...env.unknown.map(unknownVariable))
    if (masterKeys.some(isWeak)) warnings.push(`KITH_MASTER_KEY ${weakKey}`)
    if (Boolean(clientId) !== Boolean(googleClientSecret)) missing('GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET')
    if (keysDatabaseUrl && !databaseUrl) missing('DATABASE_URL')
  }
  if (databaseDirectUrl && !databaseUrl && !production) missing('DATABASE_URL')
  if (topic ?? audience ?? account) missing('KITH_GOOGLE_PUBSUB_TOPIC', 'KITH_GOOGLE_PUBSUB_AUDIENCE', 'KITH_GOOGLE_PUBSUB_ACCOUNT')
  if (databaseUrl && keysDatabaseUrl && databaseOf(databaseUrl) === databaseOf(keysDatabaseUrl))
    problems.push('KEYS_DATABASE_URL names the same database as DATABASE_URL: the keys live in one of their own')
  if (blobs.driver === 's3' && Boolean(accessKeyId) !== Boolean(secretAccessKey)) missing('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY')

  const publicOrigin = publicUrl ?? `http://${urlHost(host)}:${port}`
  const config: Config = {
    production,
    host,
    port,
    publicUrl: publicOrigin,
    dataDir,
    databaseUrl,
    ...(databaseDirectUrl !== null && { databaseDirectUrl }),
    keysDatabaseUrl: keysDatabaseUrl ?? (databaseUrl && besideOf(databaseUrl)),
    maxConnections: read('KITH_MAX_CONNECTIONS', whole(6, 1000)) ?? 10,
    preparedStatements: read('KITH_PREPARED_STATEMENTS', toggle) ?? true,
    statementTimeoutMs: (read('KITH_STATEMENT_TIMEOUT', whole(0, 3600)) ?? 15) * 1000,
    google: clientId ? { clientId, origin: googleOrigin } : googleOrigin ? { clientId: demoClient.clientId, origin: googleOrigin } : null,
    googleQuota: read('KITH_GOOGLE_QUOTA', quotaName) ?? (clientId && !googleOrigin ? 'new' : 'off'),
    gmailPush: topic && audience && account ? { topic, audience, account } : null,
    smtpUrl,
    mailFrom: mailFrom ?? `Kith <kith@${production ? (URL.parse(publicOrigin)?.hostname ?? 'example.test') : 'example.test'}>`,
    timeZone: read('KITH_TIME_ZONE', zone) ?? 'UTC',
    controller,
    blobs,
    limits: {
      costCapacity: read('KITH_COST_CAPACITY', whole(100, 100_000_000)) ?? 20_000,
      costRestorePerSecond: read('KITH_COST_RESTORE', whole(1, 10_000_000)) ?? 1000,
      anonymousPerMinute: read('KITH_ANONYMOUS_PER_MINUTE', whole(1, 1_000_000)) ?? 60,
    },
    metrics: read('KITH_METRICS', toggle) ?? !production,
    logLevel: read('KITH_LOG_LEVEL', logLevel) ?? (production ? 'info' : 'warn'),
  }
  if (problems.length > 0) throw new ConfigError(problems)
  const secrets: Secrets = {
    masterKeys,
    googleClientSecret: googleClientSecret ?? (googleOrigin && demoClient.clientSecret),
    ...(accessKeyId && secretAccessKey && { s3: { accessKeyId, secretAccessKey } }),
  }
  return { config: freeze(config), secrets: Object.freeze(secrets), warnings }
}

/** A master key: 32 bytes in base64, base64url or hexadecimal; undefined for anything else. */
export function parseMasterKey(text: string): Uint8Array | undefined {
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : /^[\w+/-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : undefined
  return bytes?.length === 32 ? new Uint8Array(bytes) : undefined
}

const refuse = (message: string): { error: () => string } => ({ error: () => message })
const nodeEnv = z.enum(['production', 'development', 'test'], refuse(`is none of production, development, test`))
const logLevel = z.enum(['silent', 'error', 'warn', 'info', 'debug'], refuse('is none of silent, error, warn, info, debug'))
const quotaName = z.enum(['new', 'legacy', 'off'], refuse('is none of new, legacy, off'))
const topicName = z.string().regex(/^projects\/[^/\s]+\/topics\/[^/\s]+$/, refuse('is not a topic such as projects/kith/topics/gmail'))
const toggle = z.enum(['on', 'off', 'true', 'false', '1', '0'], refuse('is neither on nor off')).transform((value) => ['on', 'true', '1'].includes(value))
const whole = (least: number, most: number): z.ZodType<number> =>
  z
    .string()
    .regex(/^\d{1,9}$/, refuse(`is not a whole number from ${least} to ${most}`))
    .transform(Number)
    .refine((value) => value >= least && value <= most, refuse(`is not a whole number from ${least} to ${most}`))

const notACountry = refuse('names something that is no country by its two letters (ISO 3166-1)')
const country = z
  .string()
  .transform((value) => value.toUpperCase())
  .refine(isRegion, notACountry)
const countries = z
  .string()
  .transform((value) => [...new Set(value.split(',').map((part) => part.trim().toUpperCase()))].toSorted())
  .refine((list) => list.every(isRegion), notACountry)

const origin = z
  .string()
  .refine((value) => {
    const url = URL.parse(value)
    return url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.hash && !url.username
  }, refuse('is not an origin such as https://kith.example.org, without a path'))
  .transform((value) => new URL(value).origin)

const postgresUrl = z.string().refine((value) => {
  const url = URL.parse(value)
  return url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1
}, refuse('is not a URL of a PostgreSQL database, such as postgresql://user:password@host:5432/database'))

const mailUrl = z
  .string()
  .refine(
    (value) => /^smtps?:$/.test(URL.parse(value)?.protocol ?? '') && Boolean(URL.parse(value)?.hostname),
    refuse('is not a URL of a mail server, such as smtps://user:password@mail.example.org'),
  )

const sender = z.string().regex(/^[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>$|^[^<>@\s]+@[^<>@\s]+$/, refuse('is not a sender such as Kith <kith@example.org>'))

const zone = z.string().refine(isTimeZone, refuse('is not an IANA time zone such as Europe/Berlin'))

const keyList = z.string().transform((value, context) => {
  const keys = value.split(',').map((part) => parseMasterKey(part.trim()))
  const good = keys.filter((key) => key !== undefined)
  if (good.length < keys.length) context.addIssue('holds a key that is not 32 bytes in base64 or hexadecimal; "kith keys generate" prints one')
  else if (new Set(good.map((key) => Buffer.from(key).toString('hex'))).size < good.length) context.addIssue('holds a key twice')
  return good
})

const weakKey = 'holds a key that is not random; "kith keys generate" prints one that is'

/** Whether chance would hardly have made the key: text from a keyboard (1 in 10^13), or fewer than 18 different bytes of 32 (1 in 10^8). */
function isWeak(key: Uint8Array): boolean {
  return new Set(key).size < 18 || key.every((byte) => byte >= 0x20 && byte < 0x7f)
}

const blobStore = z.string().transform((value, context): Config['blobs'] => {
  const url = URL.parse(value)
  const region = url?.searchParams.get('region')
  if (value === 'fs') return { driver: 'fs' }
  if (url?.protocol === 's3:' && url.hostname && region) return { driver: 's3', bucket: url.hostname, region, endpoint: url.searchParams.get('endpoint') }
  if (url?.protocol === 'gs:' && url.hostname) return { driver: 'gcs', bucket: url.hostname }
  context.addIssue('is none of fs, s3://bucket?region=eu-central-1, gs://bucket')
  return z.NEVER
})

function serverOf(url: string): string {
  const { hostname, port, searchParams } = new URL(url)
  return `${(searchParams.get('host') ?? decodeURIComponent(hostname)).toLowerCase()}:${searchParams.get('port') ?? (port || '5432')}`
}

function databaseOf(url: string): string {
  return `${serverOf(url)}${new URL(url).pathname}`
}

function besideOf(url: string): string {
  const beside = new URL(url)
  beside.pathname += '_keys'
  return beside.href
}

/** The name by which a browser on this machine reaches a server that listens on this address. */
function urlHost(host: string): string {
  if (['0.0.0.0', '::', '*'].includes(host)) return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

function unknownVariable(name: string): string {
  const meant = closest(name, names)
  return `${name} is not a setting of Kith${meant ? `; perhaps ${meant} is meant` : ''}`
}

function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) freeze(inner)
  return Object.freeze(value)
}
