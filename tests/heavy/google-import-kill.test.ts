import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readFeatures } from '../../src/google/service.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { addBook, connectedOwner, movableClock, syncContacts } from '../google/support.ts'

const clock = movableClock()
let kith: WebApp

beforeAll(async () => {
  kith = await webApp({ clock })
})
afterAll(() => kith.close())

test(
  'row 1: an import whose worker is killed in the middle of a page goes on in another, with nobody missing and nobody twice',
  { timeout: 90_000 },
  async () => {
    const email = 'killed@example.test'
    addBook(kith, email, 230)
    const { ctx, ownerId, stateId } = await connectedOwner(kith, email)
    const contacts = async () => (await readFeatures(ctx)).find(({ feature }) => feature === 'CONTACTS')!
    const count = async (table: string) =>
      Number((await kith.app.database.pool.query(`SELECT count(*) FROM ${table} WHERE "ownerId" = $1`, [ownerId])).rows[0].count)
    // The fourth page hangs, so that the worker is surely in the middle when it is killed.
    kith.google.faults.add({ path: '/v1/people/me/connections', nth: 4, delayMs: 60_000 })
    const key = Buffer.from(kith.app.secrets.masterKeys[0]!).toString('base64')
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', 'tests/heavy/google-import-child.ts', JSON.stringify({ config: kith.app.config, key, ownerId, stateId })],
      { stdio: 'inherit' },
    )
    const ended = once(child, 'exit')
    await expect
      .poll(async () => (await contacts()).processed, { timeout: 60_000 })
      .toBe(150)
      .finally(() => child.kill('SIGKILL'))
    await ended
    expect(await contacts()).toMatchObject({ status: 'SYNCING', processed: 150, total: 230 })
    expect([await count('contacts'), await count('contact_sources')]).toEqual([150, 150])

    kith.google.faults.clear()
    kith.google.ledger.clear()
    clock.advance({ minutes: 3 })
    await syncContacts(ctx, stateId, { pageSize: 50 })
    expect(await contacts()).toMatchObject({ status: 'IDLE', processed: 230, total: 230 })
    expect(kith.google.ledger.of('people.connections.list')).toHaveLength(2)
    expect([await count('contacts'), await count('contact_sources')]).toEqual([230, 230])
  },
)
