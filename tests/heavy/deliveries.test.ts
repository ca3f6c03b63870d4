import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Clock, fixedClock, systemClock } from '../../src/core/clock.ts'
import { createMailer } from '../../src/deliveries/mailer.ts'
import { runDelivery } from '../../src/deliveries/send.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { fireReminder } from '../../src/reminders/fire.ts'
import { launcher } from '../process/kith.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { ask, done } from '../support/crm.ts'
import { cloneDatabases, type TestDatabases } from '../support/postgres.ts'
import { type MailServer, startMailServer } from '../support/smtp.ts'

/** What the child is told. */
export interface Sending {
  url: string
  keysUrl: string
  masterKey: string
  dataDir: string
  smtpUrl: string | null
  now: string
  ownerId: string
  deliveryId: string
  stop: 'before sending' | 'after acceptance'
}

let server: MailServer
const opened: (() => Promise<void>)[] = []

beforeAll(async () => {
  server = await startMailServer()
})
afterAll(async () => {
  for (const close of opened.toReversed()) await close()
  await server.close()
})

interface Scene {
  databases: TestDatabases
  masterKey: Buffer
  dataDir: string
  kith: TestApp
  ada: Person
}

async function scene(clock: Clock, smtpUrl: string | null): Promise<Scene> {
  const databases = await cloneDatabases()
  const dataDir = await mkdtemp(join(tmpdir(), 'kith-heavy-'))
  const masterKey = randomBytes(32)
  const mail = createMailer({ smtpUrl, mailFrom: 'Kith <kith@example.test>', dataDir }, clock)
  const kith = await testApp({ clock, databases, mail, secrets: { masterKeys: [masterKey] } })
  opened.push(async () => {
    await kith.close()
    await databases.drop()
    await rm(dataDir, { recursive: true, force: true })
  })
  return { databases, masterKey, dataDir, kith, ada: await kith.signUp({ timeZone: 'UTC' }) }
}

const files = async (dataDir: string) => (await readdir(join(dataDir, 'outbox')).catch(() => [])).filter((name) => name.endsWith('.eml'))

async function killInTheMiddle({ databases, masterKey, dataDir, kith, ada }: Scene, now: string, smtpUrl: string | null, stop: Sending['stop']): Promise<void> {
  const { id } = await done(ada, 'reminderCreate', { input: { title: 'Ring', dueAt: now.slice(0, 19) } })
  await fireReminder(systemCtx(kith.app, ada.ownerId, 'test'), Buffer.from(id, 'base64url').toString().replace('Reminder:', ''))
  const { rows } = await kith.app.database.pool.query<{ id: string }>(`SELECT id FROM deliveries WHERE "ownerId" = $1 AND state = 'PENDING'`, [ada.ownerId])
  const [delivery] = rows
  const told: Sending = {
    ...databases,
    masterKey: masterKey.toString('hex'),
    dataDir,
    smtpUrl,
    now,
    ownerId: ada.ownerId,
    deliveryId: delivery?.id ?? '',
    stop,
  }
  const child = spawn(process.execPath, [fileURLToPath(new URL('delivery-child.ts', import.meta.url)), JSON.stringify(told)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const [said] = await once(child.stdout, 'data')
  expect(String(said)).toBe('stopped\n')
  const work = () => runDelivery(systemCtx(kith.app, ada.ownerId, 'test'), told.deliveryId)
  await work()
  expect(await states(ada), 'the living one has the message').toEqual([{ state: 'PENDING', attempts: 0 }])
  child.kill('SIGKILL')
  await ended
  // PostgreSQL lets go of the lock as soon as it notices that the connection is gone.
  for (let round = 0; round < 100 && (await states(ada))[0]?.state === 'PENDING'; round += 1) {
    await work()
    await sleep(100)
  }
  expect(await states(ada)).toEqual([{ state: 'SENT', attempts: 1 }])
}

const states = async (who: Person): Promise<{ state: string; attempts: number }[]> => (await ask(who, 'deliveries { nodes { state attempts } }')).nodes

const now = '2027-03-01T10:00:00Z'

test.each(['before sending', 'after acceptance'] as const)('killed %s, there is exactly one file', async (stop) => {
  const here = await scene(fixedClock(now), null)
  await killInTheMiddle(here, now, null, stop)
  expect(await files(here.dataDir)).toHaveLength(1)
})

test('killed before sending, a mail server gets the message once', async () => {
  server.taken.length = 0
  await killInTheMiddle(await scene(fixedClock(now), server.url), now, server.url, 'before sending')
  expect(server.taken).toHaveLength(1)
})

test('killed between acceptance and commit, a mail server gets the message again with the same Message-ID', async () => {
  server.taken.length = 0
  await killInTheMiddle(await scene(fixedClock(now), server.url), now, server.url, 'after acceptance')
  expect(server.taken).toHaveLength(2)
  expect(server.taken[0]?.messageId).toMatch(/^<[\w-]+@[\w.]+>$/)
  expect(server.taken[1]?.messageId).toBe(server.taken[0]?.messageId)
})

/** A worker process like any other. */
function startWorker({ databases, masterKey, dataDir }: Scene): ChildProcess {
  return spawn(process.execPath, [launcher, 'worker'], {
    cwd: '/',
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: databases.url,
      KEYS_DATABASE_URL: databases.keysUrl,
      KITH_MASTER_KEY: masterKey.toString('hex'),
      KITH_DATA_DIR: dataDir,
      KITH_LOG_LEVEL: 'silent',
      GOOGLE_CLIENT_ID: 'test',
      GOOGLE_CLIENT_SECRET: 'test',
    },
  })
}

test('with workers that are killed again and again there is exactly one file per occurrence', async () => {
  const here = await scene(systemClock, null)
  const { ada, dataDir } = here
  const titles = Array.from({ length: 80 }, (_, index) => `Reminder ${index}`)
  const soon = systemClock.now().toString().slice(0, 19)
  for (const title of titles) await done(ada, 'reminderCreate', { input: { title, dueAt: soon, recurrence: 'FREQ=YEARLY' } })
  const workers: ChildProcess[] = []
  const kill = async (worker: ChildProcess | undefined): Promise<void> => {
    if (!worker || worker.exitCode !== null || worker.signalCode !== null) return
    const ended = once(worker, 'exit')
    worker.kill('SIGKILL')
    await ended
  }
  try {
    workers.push(startWorker(here), startWorker(here))
    // As soon as some files are there, whoever has worked longest is killed and replaced.
    for (let kills = 0, seen = 0; kills < 6;) {
      await sleep(50)
      const count = (await files(dataDir)).length
      if (count < Math.min(seen + 5, titles.length - 5)) continue
      seen = count
      kills += 1
      await kill(workers.shift())
      workers.push(startWorker(here))
    }
    const sent = async (): Promise<number> => (await here.kith.app.database.pool.query(`SELECT 1 FROM deliveries WHERE state = 'SENT'`)).rows.length
    for (let seconds = 0; seconds < 400 && (await sent()) < titles.length; seconds += 1) await sleep(1000)
    expect(await sent()).toBe(titles.length)
  } finally {
    await Promise.all(workers.map(kill))
  }
  const subjects = await Promise.all(
    (await files(dataDir)).map(async (name) => /^Subject: (.*)$/m.exec(await readFile(join(dataDir, 'outbox', name), 'utf8'))?.[1]?.trim()),
  )
  expect(subjects.toSorted()).toEqual(titles.toSorted())
})
