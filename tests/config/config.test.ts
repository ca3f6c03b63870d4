import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { demoClient as registered } from '../../dev/google/oauth/clients.ts'
import { openBlobs } from '../../src/blobs.ts'
import { ConfigError, configure, demoClient } from '../../src/config.ts'
import { readEnv } from '../../src/env.ts'
import { masterKeyFile, withMasterKey } from '../../src/masterKeyFile.ts'

const home = mkdtempSync(join(tmpdir(), 'kith-config-'))
afterAll(() => rmSync(home, { recursive: true }))

const key = randomBytes(32)
const production = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://kith.example.org',
  DATABASE_URL: 'postgresql://kith:one@db.example.org/kith',
  KEYS_DATABASE_URL: 'postgresql://keys:two@keys.example.org/keys',
  KITH_DATA_DIR: '/srv/kith',
  KITH_MASTER_KEY: key.toString('base64'),
  GOOGLE_CLIENT_ID: 'id.apps.example.org',
  GOOGLE_CLIENT_SECRET: 'a-client-secret',
  SMTP_URL: 'smtps://user:three@mail.example.org',
  KITH_CONTROLLER_NAME: 'Example GmbH',
  KITH_CONTROLLER_ADDRESS: 'Beispielweg 1, 10115 Berlin',
  KITH_CONTROLLER_EMAIL: 'privacy@example.org',
  KITH_CONTROLLER_COUNTRY: 'de',
  KITH_SUPERVISORY_AUTHORITY: 'Example Authority, https://authority.example.org',
  KITH_PROCESSING_COUNTRIES: 'fr, de',
} satisfies Record<string, string>

const decide = (source: Record<string, string | undefined>) => configure(readEnv(source as NodeJS.ProcessEnv))
function problemsOf(source: Record<string, string | undefined>): readonly string[] {
  try {
    decide(source)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

test('nothing is needed to try it: development has a default for everything', () => {
  const { config, warnings } = decide({})
  expect(config).toMatchObject({ host: '127.0.0.1', port: 4000, publicUrl: 'http://127.0.0.1:4000', databaseUrl: null, google: null, smtpUrl: null })
  expect(config.dataDir).toMatch(/\/\.data$/)
  expect(warnings).toEqual([])
})

test('production takes a complete configuration', () => {
  const { config, secrets } = decide(production)
  expect(config).toMatchObject({
    production: true,
    publicUrl: 'https://kith.example.org',
    metrics: false,
    google: { clientId: 'id.apps.example.org', origin: null },
  })
  expect(secrets.masterKeys).toEqual([new Uint8Array(key)])
})

test('the way around a pooler goes with the way through it', () => {
  const direct = 'postgres://u@database.example.org/kith'
  expect(decide({ ...production, KITH_DATABASE_DIRECT_URL: direct }).config.databaseDirectUrl).toBe(direct)
  expect(decide({}).config).not.toHaveProperty('databaseDirectUrl')
  expect(problemsOf({ KITH_DATABASE_DIRECT_URL: direct })).toEqual([expect.stringContaining('DATABASE_URL is missing')])
  expect(problemsOf({ KITH_DATABASE_DIRECT_URL: 'database.example.org' }).join()).toContain('KITH_DATABASE_DIRECT_URL is not a URL')
})

test('production without anything names all that is missing in one message', () => {
  try {
    decide({ NODE_ENV: 'production' })
    expect.unreachable()
  } catch (error) {
    for (const name of Object.keys(production).filter((name) => name !== 'NODE_ENV')) expect(String(error)).toContain(`${name} is missing`)
  }
})

test.each(Object.keys(production).filter((name) => name !== 'NODE_ENV'))('[S-05] [F-32] production does not start without %s', (name) => {
  const problems = problemsOf({ ...production, [name]: undefined })
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(`${name} is missing`)
  expect(problemsOf({ ...production, [name]: ' ' })).toEqual(problems)
})

test.each([
  ['a PUBLIC_URL without https', { PUBLIC_URL: 'http://kith.example.org' }, 'PUBLIC_URL'],
  ['a PUBLIC_URL with a path', { PUBLIC_URL: 'https://example.org/kith' }, 'PUBLIC_URL'],
  ['keys on the server of the data', { KEYS_DATABASE_URL: 'postgres://keys:two@DB.example.org:5432/keys' }, 'KEYS_DATABASE_URL'],
  ['a simulated Google', { GOOGLE_BASE_URL: 'http://127.0.0.1:4400' }, 'GOOGLE_BASE_URL'],
  ['a controller in no country', { KITH_CONTROLLER_COUNTRY: 'XX' }, 'KITH_CONTROLLER_COUNTRY'],
  ['data in no country', { KITH_PROCESSING_COUNTRIES: 'DE,Mars' }, 'KITH_PROCESSING_COUNTRIES'],
  ['an address of the controller that is none', { KITH_CONTROLLER_EMAIL: 'privacy' }, 'KITH_CONTROLLER_EMAIL'],
  ['a short key', { KITH_MASTER_KEY: randomBytes(16).toString('base64') }, 'KITH_MASTER_KEY'],
  ['a key from the keyboard', { KITH_MASTER_KEY: Buffer.from('this is a very secret sentence !').toString('base64') }, 'KITH_MASTER_KEY'],
  ['a key of zeros', { KITH_MASTER_KEY: '0'.repeat(64) }, 'KITH_MASTER_KEY'],
  ['one bad key among good ones', { KITH_MASTER_KEY: `${key.toString('hex')},oops` }, 'KITH_MASTER_KEY'],
  ['a mistyped name', { KITH_MAXCONNECTIONS: '20' }, 'KITH_MAX_CONNECTIONS'],
  ['a mistyped value', { KITH_METRICS: 'yep' }, 'KITH_METRICS'],
  ['a port that is none', { PORT: '70000' }, 'PORT'],
  ['a database that is none', { DATABASE_URL: 'mysql://db.example.org/kith' }, 'DATABASE_URL'],
])('production refuses %s', (_what, changed, named) => {
  const problems = problemsOf({ ...production, ...changed })
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(named)
})

test('everything that is wrong is said at once, and no secret with it', () => {
  const problems = problemsOf({
    ...production,
    PORT: 'x',
    PUBLIC_URL: 'nope',
    KITH_MASTER_KEY: 'hunter2',
    DATABASE_URL: 'hunter3',
    SMTP_URL: 'hunter4',
    KITH_BLOBS: 'ftp://x',
  })
  expect(problems.map((problem) => problem.split(' ')[0]).toSorted()).toEqual([
    'DATABASE_URL',
    'KITH_BLOBS',
    'KITH_MASTER_KEY',
    'PORT',
    'PUBLIC_URL',
    'SMTP_URL',
  ])
  expect(problems.join()).not.toMatch(/hunter/)
})

test('a mistyped NODE_ENV does not quietly mean development', () => {
  expect(problemsOf({ NODE_ENV: 'prod' }).join()).toContain('NODE_ENV')
})

test('in development a mistyped name is pointed out without stopping anything', () => {
  expect(decide({ KITH_TOKEN: 'kith_of-a-script' }).warnings).toEqual([])
  expect(decide({ KITH_DATADIR: '/tmp/x' }).warnings).toEqual(['KITH_DATADIR is not a setting of Kith; perhaps KITH_DATA_DIR is meant'])
})

test('the keys default to a database beside the data, in development only', () => {
  expect(decide({ DATABASE_URL: 'postgres://u:p@h:6432/kith?sslmode=require' }).config.keysDatabaseUrl).toBe('postgres://u:p@h:6432/kith_keys?sslmode=require')
  expect(problemsOf({ DATABASE_URL: 'postgres://u@h/kith', KEYS_DATABASE_URL: 'postgres://u@h/kith' }).join()).toContain('same database')
})

test('secrets may come from files, one source each', () => {
  const path = join(home, 'key')
  writeFileSync(path, `${key.toString('base64')}\n`)
  const { KITH_MASTER_KEY: _given, ...others } = production
  expect(decide({ ...others, KITH_MASTER_KEY_FILE: path }).secrets.masterKeys).toEqual([new Uint8Array(key)])
  expect(problemsOf({ ...production, KITH_MASTER_KEY_FILE: path }).join()).toContain('given twice')
  expect(problemsOf({ ...others, KITH_MASTER_KEY_FILE: join(home, 'absent') })).toEqual([
    expect.stringMatching(/KITH_MASTER_KEY cannot be read from the file .*absent.*ENOENT/),
  ])
})

test('of several master keys the first is the current one', () => {
  const older = randomBytes(32)
  expect(decide({ KITH_MASTER_KEY: `${key.toString('hex')}, ${older.toString('base64url')}` }).secrets.masterKeys).toEqual([
    new Uint8Array(key),
    new Uint8Array(older),
  ])
})

test('buckets are named by URL', () => {
  expect(decide({ KITH_BLOBS: 's3://pictures?region=eu-central-1&endpoint=https://s3.example.org' }).config.blobs).toEqual({
    driver: 's3',
    bucket: 'pictures',
    region: 'eu-central-1',
    endpoint: 'https://s3.example.org',
  })
  expect(decide({ KITH_BLOBS: 'gs://pictures' }).config.blobs).toEqual({ driver: 'gcs', bucket: 'pictures' })
  expect(problemsOf({ ...production, KITH_DATA_DIR: undefined, KITH_BLOBS: 'gs://pictures' })).toEqual([])
})

test('a bucket whose client is not installed stops the start and says what to install', () => {
  const { config, secrets } = decide({ KITH_BLOBS: 's3://pictures?region=eu-central-1' })
  expect(() => openBlobs(config, secrets)).toThrow('npm install @aws-sdk/client-s3 @aws-sdk/s3-request-presigner')
})

test('pictures are files of the data directory by default', async () => {
  const { config, secrets } = decide({ KITH_DATA_DIR: join(home, 'blobs-here') })
  await openBlobs(config, secrets).put('a/b', 'c')
  expect(readFileSync(join(home, 'blobs-here', 'blobs', 'a', 'b'), 'utf8')).toBe('c')
})

test('a configuration cannot be changed once it is decided', () => {
  const { config } = decide({})
  expect(Object.isFrozen(config) && Object.isFrozen(config.limits)).toBe(true)
})

test('development makes its own master key once, readable by its owner only, however many processes start at once', async () => {
  const dataDir = join(home, 'data')
  const made = await Promise.all(Array.from({ length: 8 }, () => withMasterKey(decide({ KITH_DATA_DIR: dataDir }))))
  expect(new Set(made.map(({ secrets }) => Buffer.from(secrets.masterKeys[0]!).toString('hex'))).size).toBe(1)
  expect(statSync(masterKeyFile(dataDir)).mode & 0o777).toBe(0o600)
  expect(readFileSync(masterKeyFile(dataDir), 'utf8')).toMatch(/^[\w+/]{43}=\n$/)
})

test('[S-27] production never makes a master key', async () => {
  const { config, secrets } = decide({ ...production, KITH_DATA_DIR: join(home, 'production') })
  await withMasterKey({ config, secrets: { ...secrets, masterKeys: [] }, warnings: [] })
  expect(() => statSync(join(home, 'production'))).toThrow('ENOENT')
})

test('Kith knows the client that the simulator has registered', () => {
  expect(demoClient).toEqual({ clientId: registered.id, clientSecret: registered.secret })
})
