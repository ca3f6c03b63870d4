import { readFileSync } from 'node:fs'

/** What may be set: each variable and what it says. The ones that are `secret` may come from a file named by `<NAME>_FILE`, and are never printed. */
export const variables = {
  NODE_ENV: { about: 'production, development or test' },
  HOST: { about: 'the address to listen on' },
  PORT: { about: 'the port to listen on' },
  PUBLIC_URL: { about: 'the origin that browsers use, such as https://kith.example.org' },
  DATABASE_URL: { about: 'the main database, such as postgresql://kith:password@db.example.org/kith', secret: true },
  KITH_DATABASE_DIRECT_URL: { about: 'the main database without the pooler that DATABASE_URL leads through', secret: true },
  KEYS_DATABASE_URL: { about: 'the database of keys, on another server than the main one', secret: true },
  KITH_DATA_DIR: { about: 'the directory for files, such as /var/lib/kith/data' },
  KITH_MASTER_KEY: { about: 'the master key, made by "kith keys generate"; older keys may follow it, separated by commas', secret: true },
  GOOGLE_CLIENT_ID: { about: "the OAuth client's id, from Google's console" },
  GOOGLE_CLIENT_SECRET: { about: "the OAuth client's secret, from Google's console", secret: true },
  GOOGLE_BASE_URL: { about: 'the origin of a Google simulator' },
  KITH_GOOGLE_QUOTA: { about: 'what Google lets the project ask for: new, legacy (projects from before May 2026) or off' },
  KITH_GOOGLE_PUBSUB_TOPIC: { about: "the Pub/Sub topic that Gmail's notices go to, such as projects/kith/topics/gmail" },
  KITH_GOOGLE_PUBSUB_AUDIENCE: { about: "the audience that the topic's push subscription signs for" },
  KITH_GOOGLE_PUBSUB_ACCOUNT: { about: "the service account that the topic's push subscription signs as, such as push@kith.iam.gserviceaccount.com" },
  SMTP_URL: { about: 'the mail server, such as smtps://user:password@mail.example.org', secret: true },
  KITH_MAIL_FROM: { about: "the sender of Kith's messages, such as Kith <kith@example.org>" },
  KITH_TIME_ZONE: { about: 'the IANA time zone of whoever runs this server, in which the last days of privacy requests end, such as Europe/Berlin' },
  KITH_CONTROLLER_NAME: { about: 'who answers for the personal data, such as Example GmbH' },
  KITH_CONTROLLER_ADDRESS: { about: 'their postal address, in one line' },
  KITH_CONTROLLER_EMAIL: { about: 'where people write about their data, such as privacy@example.org' },
  KITH_CONTROLLER_COUNTRY: { about: 'the country they are established in, by its two letters, such as DE' },
  KITH_SUPERVISORY_AUTHORITY: { about: 'the authority that people may complain to, such as its name and web address' },
  KITH_PROCESSING_COUNTRIES: { about: 'the countries in which the data are stored and processed, by two letters and separated by commas, such as DE,FR' },
  KITH_DPO: { about: 'how to reach the data protection officer, where there is one' },
  KITH_REPRESENTATIVE: { about: 'the representative in the Union of a controller outside it (GDPR, Article 27)' },
  KITH_BLOBS: { about: 'where pictures and files lie: fs, s3://bucket?region=eu-central-1 or gs://bucket' },
  AWS_ACCESS_KEY_ID: { about: 'the id of the access key to the S3 bucket' },
  AWS_SECRET_ACCESS_KEY: { about: 'the access key to the S3 bucket', secret: true },
  KITH_METRICS: { about: 'whether /metrics answers: on or off' },
  KITH_LOG_LEVEL: { about: 'silent, error, warn, info or debug' },
  KITH_MAX_CONNECTIONS: { about: 'the most connections to the main database' },
  KITH_PREPARED_STATEMENTS: { about: 'whether statements are prepared by name, which PgBouncer below 1.21 cannot keep: on or off' },
  KITH_STATEMENT_TIMEOUT: { about: 'the seconds after which the database gives up a statement; 0: never' },
  KITH_COST_CAPACITY: { about: 'the points that an account can save up' },
  KITH_COST_RESTORE: { about: 'the points that an account gets back each second' },
  KITH_ANONYMOUS_PER_MINUTE: { about: 'the requests a minute that one address may send without signing in' },
} as const satisfies Record<string, { about: string; secret?: true }>

/** The name of a variable that Kith reads. */
export type Variable = keyof typeof variables

/** The environment as strings; an empty value counts as none. */
export interface Env {
  readonly values: Readonly<Partial<Record<Variable, string>>>
  /** Names that begin like ours and are not. */
  readonly unknown: readonly string[]
  /** Files that could not be read, and values given twice; each begins with the variable's name. */
  readonly problems: readonly { name: Variable; message: string }[]
}

/** Reads the environment; nothing else in Kith does. */
export function readEnv(source: NodeJS.ProcessEnv = process.env): Env {
  const values: Partial<Record<Variable, string>> = {}
  const problems: { name: Variable; message: string }[] = []
  for (const name of names) {
    const value = source[name]?.trim()
    const path = isSecret(name) ? source[`${name}_FILE`]?.trim() : undefined
    if (value && path) problems.push({ name, message: `is given twice: by itself and by ${name}_FILE` })
    else if (value) values[name] = value
    else if (path) {
      const read = readSecret(path)
      if (read.value) values[name] = read.value
      else problems.push({ name, message: `cannot be read from the file ${path} that ${name}_FILE names: ${read.problem}` })
    }
  }
  const ours = new Set<string>(names.flatMap((name) => (isSecret(name) ? [name, `${name}_FILE`] : [name])))
  const unknown = Object.keys(source).filter((name) => name.startsWith('KITH_') && !ours.has(name) && name !== tokenOfScripts)
  return { values, unknown, problems }
}

/** Where scripts like to keep their API token: nothing to Kith, and no slip. */
const tokenOfScripts = 'KITH_TOKEN'

/** Every variable, in the order of the documentation. */
export const names = Object.keys(variables) as Variable[]

function isSecret(name: Variable): boolean {
  return 'secret' in variables[name]
}

function readSecret(path: string): { value: string; problem: string } {
  try {
    return { value: readFileSync(path, 'utf8').trim(), problem: 'it is empty' }
  } catch (error) {
    return { value: '', problem: error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be opened' }
  }
}
