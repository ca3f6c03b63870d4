import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld } from '../../dev/google/world.ts'
import { systemClock } from '../../src/core/clock.ts'
import { inTransaction } from '../../src/events/service.ts'
import { markDirty } from '../../src/google/schedule.ts'
import { meeting } from '../calendar/support.ts'
import { expected, known, type WholeOwner, wholeOwner } from '../google/whole.ts'
import { type WebApp, webApp } from '../support/web.ts'

const accounts = 50
/** So many of them have news all the time. */
const restless = 5
let kith: WebApp
const workers: ChildProcess[] = []

beforeAll(async () => {
  kith = await webApp({ simulator: { clock: systemClock, world: createWorld({ seed: 'many', clock: systemClock }) } })
})
afterAll(async () => {
  for (const worker of workers) if (worker.connected) worker.disconnect()
  await Promise.all(workers.map(async (worker) => void (worker.exitCode === null && (await once(worker, 'exit')))))
  await kith.close()
})

async function startWorkers(count: number): Promise<void> {
  const key = Buffer.from(kith.app.secrets.masterKeys[0]!).toString('base64')
  for (let number = 0; number < count; number += 1) {
    const said = JSON.stringify({ config: kith.app.config, key })
    workers.push(fork('tests/heavy/worker-child.ts', [said], { execArgv: ['--disable-warning=ExperimentalWarning'], execPath: process.execPath }))
  }
  await Promise.all(workers.map((worker) => once(worker, 'message')))
}

function fill(email: string): void {
  const { world } = kith.google
  world.addAccount({ email, givenName: 'Test', familyName: 'Example', timeZone: 'Europe/Berlin' })
  const today = systemClock.now().toZonedDateTimeISO('Europe/Berlin').toPlainDate()
  for (let index = 0; index < 20; index += 1) {
    const address = `person${index}@example.com`
    world.addPerson(email, { names: [{ givenName: `Person${index}` }], emailAddresses: [{ value: address }] })
    world.deliverMail(email, { from: address, to: email })
    if (index < 10) world.addEvent(email, meeting(`Meeting ${index}`, `${today.subtract({ days: index + 2 }).toString()}T10:00`, [address]))
  }
}

test(
  'fifty accounts under two workers: all come in once, none waits for the restless ones, and no transaction is open while Google is asked',
  { timeout: 480_000 },
  async () => {
    const owners: WholeOwner[] = []
    for (let number = 0; number < accounts; number += 1) {
      fill(`many${number}@example.test`)
      owners.push(await wholeOwner(kith, `many${number}@example.test`))
    }
    // From the first moment on Google keeps all its answers back.
    const gate = Promise.withResolvers<void>()
    let asked = 0
    const held = kith.google.faults.add({ times: Infinity, holdUntil: gate.promise, before: () => void (asked += 1) })
    await startWorkers(2)
    await expect.poll(() => asked, { timeout: 120_000 }).toBeGreaterThanOrEqual(6)
    await expect.poll(claimed, { timeout: 60_000 }).toBeGreaterThanOrEqual(6)
    // Whoever asks has let go of the database: what else is under way ends by itself, and then nothing is open. One that were open across a call would stay so until the gate opens.
    const open = async (): Promise<number> => {
      const text =
        'SELECT count(*)::int AS open FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL'
      return (await kith.app.database.pool.query<{ open: number }>(text)).rows[0]?.open ?? -1
    }
    await expect.poll(open, { timeout: 60_000, interval: 50 }).toBe(0)
    expect(await claimed()).toBeGreaterThanOrEqual(6)
    gate.resolve()
    held.remove()

    const begun = performance.now()
    let done = false
    const noise = (async () => {
      while (!done) {
        for (const { ctx } of owners.slice(0, restless)) await inTransaction(ctx, async (tx) => void (await markDirty(tx, 'contacts')))
        await sleep(300)
      }
    })()
    const waiting = () =>
      kith.app.database.prisma.googleSyncState.count({ where: { lastSuccessAt: null, resource: { in: ['contacts', 'groups', 'gmail', 'calendar'] } } })
    await expect.poll(waiting, { timeout: 300_000, interval: 500 }).toBe(0)
    const seconds = (performance.now() - begun) / 1000
    done = true
    await noise

    const { entries } = kith.google.ledger
    const firstOf = (email: string): number => entries.findIndex(({ account, status }) => account === email && status === 200)
    const quiet = owners.slice(restless)
    const last = Math.max(...quiet.map(({ email }) => firstOf(email)))
    const listings = owners.slice(0, restless).map(({ email }) => entries.slice(0, last).filter(({ account, operation }) => account === email && operation === 'people.connections.list').length) // prettier-ignore
    console.log(
      `${accounts} accounts in ${seconds.toFixed(1)} s; when the last one had its first answer, the restless ones had asked ${listings.join(', ')} times for contacts.`,
    )
    // Those who have news go behind those who wait.
    expect(Math.max(...listings)).toBeLessThanOrEqual(4)
    for (const owner of owners) {
      const { mail, meetings, people } = expected(kith, owner.email, systemClock)
      const { emails: _emails, groups: _groups, ...here } = await known(owner)
      expect([owner.email, here]).toEqual([owner.email, { mail, meetings, people }])
      const runs = await owner.ctx.db.googleSyncRun.groupBy({ by: ['resource'], where: { ownerId: owner.ownerId, mode: 'FULL' }, _count: true })
      expect(runs.map(({ resource, _count }) => [resource, _count]).toSorted()).toEqual([['calendar', 1], ['contacts', 1], ['gmail', 1], ['groups', 1]]) // prettier-ignore
    }
    // Two workers never asked for the same listing.
    for (const { email } of owners) {
      const full = entries.filter(
        ({ account, operation, query }) => account === email && operation === 'people.connections.list' && !query['syncToken'] && !query['pageToken'],
      )
      expect([email, full.length, entries.filter(({ account, operation }) => account === email && operation === 'gmail.getProfile').length]).toEqual([
        email,
        1,
        1,
      ])
    }
  },
)

/** How many runs are held at this moment. */
function claimed(): Promise<number> {
  return kith.app.database.prisma.googleSyncState.count({ where: { status: 'SYNCING', leaseOwner: { not: null } } })
}
