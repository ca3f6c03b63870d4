import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Config } from '../../src/config.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { stepNames } from '../../src/erasure/eraseAccount.ts'
import { outcomes } from '../../src/erasure/outcome.ts'
import { verifyCertificate } from '../../src/erasure/service.ts'
import { tablesOf } from '../../src/policy/tables.ts'
import { jwkOf } from '../../src/vault/signing.ts'
import { decodeId } from '../../src/graphql/globalIds.ts'
import { testApp } from '../support/app.ts'
import { makeWorld } from '../support/world.ts'
import { type Kith, submit } from '../privacy/support.ts'

/** What the child is told. */
export interface Stopping {
  config: Config & { databaseUrl: string; keysDatabaseUrl: string }
  masterKey: string
  now: string
  requestId: string
  moment: string
}

const clock = fixedClock('2026-06-01T10:00:00Z')
let kith: Kith

beforeAll(async () => {
  kith = Object.assign(await testApp({ clock }), { clock })
})
afterAll(() => kith.close())

const query = async (text: string, values: unknown[] = []) => (await kith.app.database.pool.query(text, values)).rows
const moments = [...stepNames.flatMap((step) => [`before ${step}`, `after ${step}`]), 'within rows: SearchTerm', 'within rows: Contact', 'within rows: Account']

async function killedAt(moment: string, requestId: string): Promise<void> {
  const told: Stopping = {
    config: kith.app.config as Stopping['config'],
    masterKey: Buffer.from(kith.app.secrets.masterKeys[0]!).toString('hex'),
    now: clock.now().toString(),
    requestId,
    moment,
  }
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('erasure-child.ts', import.meta.url)), JSON.stringify(told)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const ended = once(child, 'exit')
  const [said] = await once(child.stdout, 'data')
  expect(String(said)).toBe('stopped\n')
  child.kill('SIGKILL')
  await ended
}

/** The tables that still hold rows of an owner, but for those that the policies keep as evidence. */
const rowsOf = async (ownerId: string) => {
  const found: string[] = []
  const tables = outcomes(kith.app.policies, tablesOf(kith.app))
    .filter(({ what }) => what !== 'EVIDENCE')
    .map((each) => each.table)
  for (const { table, columns } of tables)
    if (columns.some(({ name }) => name === 'ownerId') && (await query(`SELECT 1 FROM ${table} WHERE "ownerId" = $1 LIMIT 1`, [ownerId])).length > 0)
      found.push(table)
  return found
}

test.each(moments)(
  '[S-21] an erasure whose worker is killed %s is not called done, goes on in another, and ends once',
  { timeout: 120_000 },
  async (moment) => {
    const ada = await kith.signUp()
    await makeWorld(kith, ada)
    const requestId = decodeId((await submit(kith, ada, { type: 'ERASURE' })).id)!.id
    const mailed = kith.mails.length
    await killedAt(moment, requestId)
    const state = async () => (await query('SELECT state FROM privacy_requests WHERE id = $1', [requestId]))[0].state as string
    expect(await state()).toBe('EXECUTING')
    const certificates = () => query('SELECT jws FROM erasure_certificates WHERE "requestId" = $1', [requestId])
    expect(await certificates()).toHaveLength(moment === 'after certificate' ? 1 : 0)
    const entries = async () => (await kith.app.keys.pool.query('SELECT "completedAt" FROM erasures WHERE "requestId" = $1', [requestId])).rows
    // Written down before anything was destroyed: that is what a restore goes by.
    expect(await entries()).toHaveLength(1)

    clock.advance({ minutes: 16 })
    await kith.runJobs()
    expect(await state()).toBe('COMPLETED')
    expect(await rowsOf(ada.ownerId)).toEqual([])
    const [certificate, ...more] = await certificates()
    expect(more).toEqual([])
    const body = verifyCertificate(certificate.jws, (await kith.app.signing.publicKeys()).map(jwkOf))
    expect(body.keysDestroyed).toHaveLength(6)
    expect(body.erased.find(({ name }) => name === 'Contact')).toEqual({ name: 'Contact', before: 5, after: 0 })
    expect(await entries()).toEqual([{ completedAt: expect.any(Date) }])
    expect(await query(`SELECT event FROM privacy_request_events WHERE "requestId" = $1 AND event = 'complete'`, [requestId])).toHaveLength(1)
    expect(kith.mails.slice(mailed).filter(({ subject, to }) => to === ada.email && subject.startsWith('Your request is done'))).toHaveLength(1)
  },
)
