import { existsSync } from 'node:fs'
import { access, constants, mkdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import pg from 'pg'
import { openBlobs } from '../blobs.ts'
import { type Config, type Configuration, configure } from '../config.ts'
import { type Databases, openDatabases, pendingIn } from '../db/databases.ts'
import { distributionOf } from '../db/distribution/plan.ts'
import { createNotices } from '../db/notices.ts'
import { readEnv } from '../env.ts'
import { masterKeyFile, withMasterKey } from '../masterKeyFile.ts'
import { distributable } from '../policy/tables.ts'
import { missingMasterKeys, outdatedDataKeys } from '../vault/fit.ts'
import { rememberedSimulator } from './simulator.ts'

/** What a check found: a fact when all is well, else what is wrong and what to do. */
type Finding = { ok: true; fact: string } | { ok: false; problem: string; advice: string }

const fine = (fact: string): Finding => ({ ok: true, fact })
const wrong = (problem: string, advice: string): Finding => ({ ok: false, problem, advice })

/** Below this much free space a database is about to stop, bytes. */
const leastFreeBytes = 1_000_000_000
/** How long Google, or a mail server, may take to answer, milliseconds. */
const patienceMs = 8000

/** Checks everything Kith stands on, says what to do about what is wrong, and ends with 1 if anything is. Changes nothing. */
export async function doctor(): Promise<void> {
  let problems = 0
  const check = async (what: string, find: () => Promise<Finding> | Finding): Promise<boolean> => {
    let finding: Finding
    try {
      finding = await find()
    } catch (error) {
      finding = wrong(error instanceof Error ? error.message : String(error), '')
    }
    process.stdout.write(
      finding.ok
        ? `ok       ${what.padEnd(12)} ${finding.fact}\n`
        : `PROBLEM  ${what.padEnd(12)} ${finding.problem}\n${finding.advice && `         ${' '.repeat(12)} → ${finding.advice}\n`}`,
    )
    if (!finding.ok) problems += 1
    return finding.ok
  }

  let configuration: Configuration | undefined
  await check('Settings', () => {
    configuration = configure(readEnv())
    const { config, warnings } = configuration
    return warnings.length > 0
      ? wrong(warnings.join('; '), 'Correct the name.')
      : fine(`${config.production ? 'production' : 'development'}, ${config.publicUrl}`)
  })
  if (configuration) {
    const { config } = configuration
    await check('Disk', () => disk(config))
    if (isFresh(config)) process.stdout.write(`ok       Database     none yet: the first "npm start" makes one in ${config.dataDir}\n`)
    else await checkDatabases(configuration, check)
    await check('Google', () => google(config))
    await check('Mail', () => mail(config))
    if (config.blobs.driver !== 'fs') await check('Blobs', () => blobs(configuration as Configuration))
  }
  process.stdout.write(problems === 0 ? '\nEverything is in order.\n' : `\n${problems} ${problems === 1 ? 'problem' : 'problems'}.\n`)
  if (problems > 0) process.exitCode = 1
}

async function checkDatabases(configuration: Configuration, check: (what: string, find: () => Promise<Finding>) => Promise<boolean>): Promise<void> {
  const { config } = configuration
  await using stack = new AsyncDisposableStack()
  let databases: Databases | undefined
  const pools: { main?: pg.Pool; keys?: pg.Pool } = {}
  let pending: string[] = []
  const reached = await check('Databases', async () => {
    const opened = (databases = await openDatabases(config))
    stack.defer(() => opened.stop())
    const found = await pendingIn(opened)
    pending = [...found.keys, ...found.main]
    for (const [name, url] of [
      ['main', opened.databaseUrl],
      ['keys', opened.keysDatabaseUrl],
    ] as const) {
      const pool = (pools[name] = new pg.Pool({ connectionString: url, max: 1 }))
      pool.on('error', () => {}) // a server that ends cuts off connections that are closing
      stack.defer(() => pool.end())
    }
    return fine(
      opened.embeddedIn === null ? `${shown(opened.databaseUrl)} and ${shown(opened.keysDatabaseUrl)}` : `embedded PostgreSQL in ${opened.embeddedIn}`,
    )
  })
  if (!reached || !databases || !pools.main || !pools.keys) return
  const { main, keys } = pools
  const current = await check('Migrations', async () =>
    pending.length === 0
      ? fine('none pending')
      : wrong(`${pending.length} pending: ${pending.join(', ')}`, 'Run "npx kith migrate", or start the server, which does it.'),
  )
  if (!current) return
  await check('Tables', () => tables(main, databases?.databaseUrl ?? ''))
  await check('Keys', () => masterKeys(configuration, keys))
  const direct = config.databaseDirectUrl ?? databases.databaseUrl
  await check('Notices', () => notices(direct, main))
  await check('Jobs', () => jobs(main))
  await check('Syncs', () => syncs(main))
}

async function tables(main: pg.Pool, url: string): Promise<Finding> {
  const [{ connect }, { policies }] = await Promise.all([import('../db/client.ts'), import('../domains.ts')])
  const names = connect({ url, maxConnections: 1, prepared: false, statementTimeoutMs: 0, onError: () => {} }) // for their names, which need no connection
  const found = distributable({ database: names }, policies)
  await names.close()
  const { by, parts, distributed, plain } = await distributionOf(main, found)
  if (distributed.length === 0) return fine(by === 'citus' ? 'not distributed, though Citus is there: "kith distribute" would do it' : 'not distributed')
  return plain.length > 0
    ? wrong(`${plain.length} owned tables do not lie where the others do: ${plain.join(', ')}`, 'Stop every server and worker, and run "npx kith distribute".')
    : fine(`${distributed.length} owned tables in ${parts} ${by === 'citus' ? 'shards of Citus' : 'hash partitions'} each`)
}

async function disk({ dataDir }: Config): Promise<Finding> {
  await mkdir(dataDir, { recursive: true })
  try {
    await access(dataDir, constants.W_OK)
  } catch {
    return wrong(`${dataDir} cannot be written to`, 'Give it to the user that runs Kith, or set KITH_DATA_DIR.')
  }
  const { bavail, bsize } = await statfs(dataDir)
  const free = `${((Number(bavail) * Number(bsize)) / 1e9).toFixed(1)} GB free for ${dataDir}`
  return Number(bavail) * Number(bsize) < leastFreeBytes ? wrong(free, 'Make room, or move KITH_DATA_DIR.') : fine(free)
}

async function masterKeys(configuration: Configuration, keys: pg.Pool): Promise<Finding> {
  const { config, secrets } = configuration
  if (secrets.masterKeys.length === 0 && !existsSync(masterKeyFile(config.dataDir)))
    return wrong(
      `There is no master key in ${masterKeyFile(config.dataDir)}`,
      'Bring the file back, or set KITH_MASTER_KEY; without it nothing sealed can be opened.',
    )
  const { masterKeys: known } = (await withMasterKey(configuration)).secrets
  const missing = await missingMasterKeys(keys, known)
  if (missing.length > 0)
    return wrong(
      `The master keys ${missing.map(({ id, owners }) => `${id} (of ${owners} accounts)`).join(', ')} are not configured`,
      'Add them to KITH_MASTER_KEY behind the current one, with commas.',
    )
  const outdated = await outdatedDataKeys(keys, known)
  return outdated > 0
    ? wrong(`${outdated} data keys are wrapped with an older master key`, 'Run "npx kith keys rotate".')
    : fine('the master key fits the data keys')
}

/** Whether what one process changes reaches another: sent the ordinary way, heard on a connection that stays. */
async function notices(direct: string, main: pg.Pool): Promise<Finding> {
  const heard = createNotices({ url: direct, pool: main, warn: () => {} })
  await heard.start()
  const well = heard.era() !== null
  await heard.stop()
  return well
    ? fine('what is revoked reaches every process at once')
    : wrong('Nothing that a process sends to others arrives', 'Behind a pooler, set KITH_DATABASE_DIRECT_URL to the way around it.')
}

async function jobs(main: pg.Pool): Promise<Finding> {
  const { rows: tables } = await main.query<{ there: boolean }>(`SELECT to_regclass('pgboss.job') IS NOT NULL AS there`)
  if (!tables[0]?.there) return fine('none yet')
  const { rows: failed } = await main.query<{ name: string; count: number }>(
    `SELECT name, count(*)::int AS count FROM pgboss.job WHERE state = 'failed' GROUP BY name ORDER BY name`,
  )
  const { rows: late } = await main.query<{ outbox: number; due: number }>(
    `SELECT (SELECT count(*)::int FROM outbox WHERE "createdAt" < now() - interval '5 minutes') AS outbox,
            (SELECT count(*)::int FROM directory_due WHERE "dueAt" < now() - interval '10 minutes') AS due`,
  )
  const [{ outbox, due } = { outbox: 0, due: 0 }] = late
  if (outbox + due > 0)
    return wrong(`${outbox} effects and ${due} due entries have been waiting for minutes`, 'Start a worker: "npx kith serve" or "npx kith worker".')
  if (failed.length > 0)
    return wrong(`Failed for good in the last day: ${failed.map(({ name, count }) => `${count} × ${name}`).join(', ')}`, 'The log says why.')
  return fine('nothing waits, nothing failed')
}

async function syncs(main: pg.Pool): Promise<Finding> {
  const { rows: counted } = await main.query<{ status: string; errorCode: string | null; count: number }>(
    `SELECT status, "errorCode", count(*)::int AS count FROM google_sync_states GROUP BY status, "errorCode" ORDER BY count(*) DESC`,
  )
  const total = counted.reduce((sum, { count }) => sum + count, 0)
  const failed = counted.filter(({ status }) => status === 'FAILED')
  const rejected = counted.find(({ errorCode }) => errorCode === 'CLIENT_REJECTED')
  if (rejected) return wrong('Google does not accept this server’s credentials', 'Check GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET against Google’s console.')
  if (failed.length > 0)
    return wrong(
      `${failed.reduce((sum, { count }) => sum + count, 0)} of ${total} syncs fail: ${failed.map(({ count, errorCode }) => `${count} × ${errorCode ?? 'INTERNAL'}`).join(', ')}`,
      'viewer.google.features of the accounts says more; the log has the reasons.',
    )
  const waiting = counted.filter(({ status }) => status === 'NEEDS_REAUTHORIZATION' || status === 'SCOPE_MISSING').reduce((sum, { count }) => sum + count, 0)
  return fine(
    total === 0 ? 'none connected yet' : `${total - waiting} run by themselves${waiting > 0 ? `, ${waiting} wait for their owners to connect again` : ''}`,
  )
}

async function google(config: Config): Promise<Finding> {
  const origin = config.google === null ? await rememberedSimulator(config.dataDir) : config.google.origin
  const simulated = config.google === null || config.google.origin !== null
  if (simulated && origin === null) return fine('a simulated one starts with the server')
  const url = simulated ? `${origin}/.well-known/openid-configuration` : 'https://accounts.google.com/.well-known/openid-configuration'
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(patienceMs) })
    return response.ok
      ? fine(`${simulated ? 'simulated, ' : ''}answers at ${new URL(url).origin}`)
      : wrong(`${url} answers ${response.status}`, 'Try again later.')
  } catch (error) {
    if (config.google === null) return fine('simulated; it runs while the server does')
    return wrong(
      `${url} does not answer: ${error instanceof Error ? error.message : String(error)}`,
      'Let this machine reach *.google.com and *.googleapis.com on port 443.',
    )
  }
}

async function mail({ smtpUrl, dataDir }: Config): Promise<Finding> {
  if (smtpUrl === null) return fine(`kept as files in ${join(dataDir, 'outbox')}`)
  const transport = createTransport({ url: smtpUrl, connectionTimeout: patienceMs, greetingTimeout: patienceMs, socketTimeout: patienceMs })
  try {
    await transport.verify()
    return fine(`${new URL(smtpUrl).host} takes messages`)
  } catch (error) {
    return wrong(`${new URL(smtpUrl).host} does not work: ${error instanceof Error ? error.message : String(error)}`, 'Correct SMTP_URL.')
  } finally {
    transport.close()
  }
}

async function blobs({ config, secrets }: Configuration): Promise<Finding> {
  await openBlobs(config, secrets).exists('doctor')
  return fine('the bucket answers')
}

function isFresh({ databaseUrl, dataDir }: Config): boolean {
  return databaseUrl === null && !existsSync(join(dataDir, 'postgres')) && !existsSync(join(dataDir, 'postgres-directory'))
}

function shown(url: string): string {
  const { host, pathname } = new URL(url)
  return `${host}${pathname}`
}
