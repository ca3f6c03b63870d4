import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { createMailer } from '../../src/deliveries/mailer.ts'
import { runDelivery } from '../../src/deliveries/send.ts'
import { fireReminder } from '../../src/reminders/fire.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { cloneDatabases, type TestDatabases } from '../support/postgres.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { ask, done } from '../support/crm.ts'
import { type MailServer, startMailServer } from '../support/smtp.ts'

const clock = fixedClock('2027-03-01T10:00:00Z')
let databases: TestDatabases
let dataDir: string
let server: MailServer
let apps: [TestApp, TestApp]
let overSmtp: [TestApp, TestApp]
let ada: Person

beforeAll(async () => {
  databases = await cloneDatabases()
  dataDir = await mkdtemp(join(tmpdir(), 'kith-once-'))
  server = await startMailServer()
  const settings = { mailFrom: 'Kith <kith@example.test>', dataDir }
  const start = (smtpUrl: string | null) => testApp({ clock, databases, mail: createMailer({ smtpUrl, ...settings }, clock) })
  apps = [await start(null), await start(null)]
  overSmtp = [await start(server.url), await start(server.url)]
  ada = await apps[0].signUp({ timeZone: 'UTC' })
})
afterAll(async () => {
  await Promise.all([...apps, ...overSmtp].map((app) => app.close()))
  await server.close()
  await databases.drop()
  await rm(dataDir, { recursive: true, force: true })
})

const remind = (title: string, more: object = {}) =>
  done(ada, 'reminderCreate', { input: { title, timeZone: 'UTC', dueAt: clock.now().toString().slice(0, 16), ...more } })
const files = async () => (await readdir(join(dataDir, 'outbox')).catch(() => [])).filter((name) => name.endsWith('.eml'))
const ids = async (where = `state = 'PENDING'`) =>
  (await apps[0].app.database.pool.query<{ id: string }>(`SELECT id FROM deliveries WHERE "ownerId" = $1 AND ${where}`, [ada.ownerId])).rows.map(({ id }) => id)
const dueReminders = async () =>
  (
    await apps[0].app.database.pool.query<{ id: string }>(`SELECT id FROM reminders WHERE "ownerId" = $1 AND "fireAt" <= $2`, [
      ada.ownerId,
      clock.now().toString(),
    ])
  ).rows.map(({ id }) => id)
const asWorker = ({ app }: TestApp) => systemCtx(app, ada.ownerId, 'test')

test('with two instances at work there is exactly one file per occurrence', async () => {
  for (let index = 0; index < 6; index += 1) await remind(`Every day ${index}`, { recurrence: 'FREQ=DAILY' })
  for (let day = 1; day <= 4; day += 1) {
    await Promise.all(apps.map((app) => app.runJobs()))
    await Promise.all(apps.map((app) => app.runJobs()))
    expect(await files()).toHaveLength(6 * day)
    clock.advance({ hours: 24 })
  }
  expect((await ask(ada, 'deliveries(first: 100) { nodes { state attempts } }')).nodes).toEqual(
    Array.from({ length: 24 }, () => ({ state: 'SENT', attempts: 1 })),
  )
})

test('the same reminder fired by two workers at once plans one message', async () => {
  const { id } = await remind('Together', { recurrence: 'FREQ=DAILY' })
  const row = Buffer.from(id, 'base64url').toString().replace('Reminder:', '')
  const before = (await ids('true')).length
  await Promise.all([...apps, ...apps].map((app) => fireReminder(asWorker(app), row)))
  expect((await ids('true')).length).toBe(before + 1)
  await Promise.all(apps.map((app) => app.runJobs()))
})

test('over SMTP too one of two workers sends, and the other does not wait for it', async () => {
  server.taken.length = 0
  await remind('Over the wire')
  await overSmtp[0].app.relay.drain()
  await overSmtp[0].app.handOutDue()
  for (const id of await dueReminders()) await fireReminder(asWorker(overSmtp[0]), id)
  const pending = await ids()
  expect(pending.length).toBeGreaterThan(0)
  let answer: () => void = () => {}
  const held = new Promise<void>((resolve) => (answer = resolve))
  server.beforeAnswer = () => held
  const [first = ''] = pending
  const one = runDelivery(asWorker(overSmtp[0]), first)
  await vi.waitFor(() => expect(server.taken).toHaveLength(1))
  await runDelivery(asWorker(overSmtp[1]), first)
  expect(server.taken, 'the second has left it to the first').toHaveLength(1)
  answer()
  await one
  server.beforeAnswer = async () => {}
  await Promise.all(overSmtp.map((app) => app.runJobs()))
  await Promise.all(overSmtp.map((app) => app.runJobs()))
  expect(new Set(server.taken.map(({ messageId }) => messageId)).size).toBe(server.taken.length)
  expect(server.taken).toHaveLength(pending.length)
})

test('what a server has taken is not sent again because the database failed to commit at first', async () => {
  server.taken.length = 0
  await remind('Committed at last')
  const [worker] = overSmtp
  await worker.app.relay.drain()
  for (const reminder of await dueReminders()) await fireReminder(asWorker(worker), reminder)
  const [id = ''] = await ids()
  // The connection that holds the lock is cut while the server has the message and has not answered yet.
  server.beforeAnswer = async () => {
    await apps[0].app.database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction' AND pid <> pg_backend_pid()`,
    )
    server.beforeAnswer = async () => {}
  }
  await runDelivery(asWorker(worker), id)
  expect(server.taken).toHaveLength(1)
  expect((await ask(ada, 'deliveries { nodes { state subject } }')).nodes).toContainEqual({ state: 'SENT', subject: 'Committed at last' })
  clock.advance({ hours: 1 })
  await Promise.all(overSmtp.map((app) => app.runJobs()))
  expect(server.taken).toHaveLength(1)
})
