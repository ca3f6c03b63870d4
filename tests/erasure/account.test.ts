import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAccount } from '../../src/accounts/service.ts'
import { signIn } from '../../src/accounts/signIn.ts'
import { connectWithTokens } from '../../src/google/service.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { verifyChains } from '../../src/events/verify.ts'
import { createContact } from '../../src/contacts/service.ts'
import { erasurePlan, verifyCertificate } from '../../src/erasure/service.ts'
import { decodeId } from '../../src/graphql/globalIds.ts'
import { tablesOf } from '../../src/policy/tables.ts'
import { jwkOf } from '../../src/vault/signing.ts'
import { type Person, testApp } from '../support/app.ts'
import { makeWorld } from '../support/world.ts'
import { type Kith, submit } from '../privacy/support.ts'
import { isEvidence } from './support.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
let kith: Kith
let ada: Person
const logged: string[] = []

beforeAll(async () => {
  kith = Object.assign(await testApp({ clock, log: pino({ level: 'error' }, { write: (line: string) => void logged.push(line) }) }), { clock })
})
afterAll(() => kith.close())
beforeEach(async () => {
  clock.advance({ hours: 1 })
  ada = await kith.signUp()
})

const query = async (text: string, values: unknown[] = []) => (await kith.app.database.pool.query(text, values)).rows
const mailsTo = (who: Person) => kith.mails.filter(({ to }) => to === who.email)
const linkIn = (who: Person, what: string): string => {
  const link = mailsTo(who)
    .map(({ text }) => new RegExp(`https?://\\S+/privacy/${what}\\?token=(\\S+)`).exec(text)?.[1])
    .findLast(Boolean)
  return link ?? expect.fail(`There is no link to ${what}.`)
}
const keys = async () => (await kith.app.signing.publicKeys()).map(jwkOf)
const certificate = async (who: Person) => {
  const [route] = kith.app.routes.map((routes) => routes(kith.app)).filter((routes) => routes.routes.some(({ path }) => path === '/privacy/certificate'))
  const answer = await route!.request(`/privacy/certificate?token=${linkIn(who, 'certificate')}`)
  expect(answer.status).toBe(200)
  return verifyCertificate(await answer.text(), await keys())
}

describe('the plan', () => {
  test('[S-02] [S-21] counts every model of the data model, in an order in which no row is left pointing at one that is gone', async () => {
    const plan = await erasurePlan(ada.ctx)
    const tables = tablesOf(kith.app)
    const held = tables.filter(({ columns }) => columns.some(({ name }) => name === 'ownerId')).map(({ model }) => model)
    const names = plan.items.map(({ name }) => name)
    expect(names.toSorted()).toEqual([...held, 'jobs', 'mail files', 'blobs'].toSorted())
    for (const { model, pointsAt } of tables) for (const other of pointsAt) expect(names.indexOf(model)).toBeLessThanOrEqual(names.indexOf(other))
    expect(names.at(-1)).toBe('Account')
  })

  test('[S-21] can be read by its holder before anything happens, and changes nothing', async () => {
    await makeWorld(kith, ada)
    const { data, errors } = await ada.graphql(
      '{ erasurePlan { items { name what count kept { columns ground until } } keysDestroyed recipients backupDays version } }',
    )
    expect(errors).toBeUndefined()
    const counts = new Map<string, { what: string; count: number }>(data.erasurePlan.items.map((item: { name: string }) => [item.name, item]))
    for (const { model, table, columns } of tablesOf(kith.app)) {
      if (
        !columns.some(({ name }) => name === 'ownerId') ||
        model.startsWith('Privacy') ||
        ['ApiToken', 'DirectoryCredential', 'Event', 'OutboxRow', 'DirectoryDue'].includes(model)
      )
        continue
      const [{ count }] = await query(`SELECT count(*)::int FROM ${table} WHERE "ownerId" = $1`, [ada.ownerId])
      expect(counts.get(model)?.count, model).toBe(count)
    }
    expect(counts.get('Note')).toMatchObject({ what: 'SHRED' })
    expect(data.erasurePlan.keysDestroyed).toContain('content')
    expect(await query('SELECT 1 FROM accounts WHERE "ownerId" = $1', [ada.ownerId])).toHaveLength(1)
  })
})

describe('an account whose holder wants it gone', () => {
  test('[F-36] [F-37] [S-21] [F-38] lets nobody in at once, and can be called back within the time its holder chose', async () => {
    await makeWorld(kith, ada)
    const token = await ada.token()
    const request = await submit(kith, ada, { type: 'ERASURE', delayHours: 24 })
    expect(request.state).toBe('APPROVED')
    expect((await kith.graphql('{ viewer { id } }', {}, { token })).status).toBe(401)
    expect((await kith.graphql('{ viewer { id } }', {}, { headers: ada.browser })).status).toBe(401)
    const back = () => signIn(kith.app, { subject: `subject of ${ada.email}`, email: ada.email }, { userAgent: null })
    await expect(back()).rejects.toThrow('closed')
    clock.advance({ hours: 20 })
    await kith.runJobs()
    // Who signs in is told where to call it back, and no more.
    await expect(back()).rejects.toMatchObject({ link: expect.stringContaining(linkIn(ada, 'requests/follow')) })
    expect(await query('SELECT 1 FROM contacts WHERE "ownerId" = $1', [ada.ownerId])).not.toHaveLength(0)

    const { withdrawOpenly } = await import('../../src/privacy/requests.ts')
    await withdrawOpenly(ada.ctx, linkIn(ada, 'requests/follow'))
    clock.advance({ hours: 48 })
    await kith.runJobs()
    expect(await back()).not.toBeNull()
    expect(await query('SELECT 1 FROM contacts WHERE "ownerId" = $1', [ada.ownerId])).not.toHaveLength(0)
  })

  test('[S-21] [F-38] [S-40] goes with all that was in it, leaves nobody else touched, and its certificate says so', { timeout: 60_000 }, async () => {
    const other = await kith.signUp()
    await makeWorld(kith, other)
    await makeWorld(kith, ada)
    const rest = async () => Object.fromEntries(await Promise.all(tablesOf(kith.app).filter(({ columns }) => columns.some(({ name }) => name === 'ownerId')).map(async ({ table }) => [table, await query(`SELECT t::text FROM ${table} AS t WHERE "ownerId" = $1 ORDER BY 1`, [other.ownerId])]))) // prettier-ignore
    const before = await rest()
    const complaint = await submit(kith, ada, { type: 'COMPLAINT', details: 'It was slow.' })
    await kith.runJobs()
    await submit(kith, ada, { type: 'ERASURE' })
    await kith.runJobs()
    for (const { table, columns } of tablesOf(kith.app))
      if (columns.some(({ name }) => name === 'ownerId') && !isEvidence(kith, table))
        expect(await query(`SELECT t::text FROM ${table} AS t WHERE "ownerId" = $1`, [ada.ownerId]), table).toEqual([])
    expect(await rest()).toEqual(before)
    const { rows: left } = await kith.app.keys.pool.query('SELECT class FROM data_keys WHERE "ownerId" = $1', [ada.ownerId])
    expect(left).toEqual([])
    // What was asked before is proof without words.
    const id = decodeId(complaint.id)?.id
    expect(await query('SELECT "replyTo", details, "subjectOwnerId" FROM privacy_requests WHERE id = $1', [id])).toEqual([
      { replyTo: null, details: null, subjectOwnerId: null },
    ])
    const [request] = await query(`SELECT state, "subjectOwnerId" FROM privacy_requests WHERE type = 'ERASURE' ORDER BY "createdAt" DESC LIMIT 1`)
    expect(request, logged.join('')).toEqual({ state: 'COMPLETED', subjectOwnerId: null })
    expect((await verifyChains(kith.app)).faults).toEqual([])

    const body = await certificate(ada)
    expect(body).toMatchObject({ scope: 'ACCOUNT', check: { found: 0 }, keysDestroyed: ['answer', 'content', 'delivery', 'google', 'search', 'source'] })
    expect(body.erased.find(({ name }) => name === 'Contact')).toMatchObject({ before: 5, after: 0 })
    expect(body.erased.every(({ after }) => after === 0)).toBe(true)
    expect(body.retained.map(({ name }) => name)).toContain('PrivacyRequestEvent')
    expect(JSON.stringify(body)).not.toMatch(new RegExp([ada.email, ada.ownerId, ada.accountId].join('|')))
  })

  test('[S-21] can be made anew by the same person, and is another one then', async () => {
    await submit(kith, ada, { type: 'ERASURE' })
    await kith.runJobs()
    const again = await createAccount(kith.app, {
      subject: `subject of ${ada.email}`,
      email: ada.email,
      name: 'Ada',
      locale: 'en-GB',
      timeZone: 'UTC',
      region: 'DE',
    })
    expect(again.ownerId).not.toBe(ada.ownerId)
    await kith.runJobs()
    expect(await query('SELECT 1 FROM accounts WHERE "ownerId" = $1', [again.ownerId])).toHaveLength(1)
  })

  test('[S-21] takes nothing in any more, whatever still runs for it', async () => {
    await submit(kith, ada, { type: 'ERASURE' })
    await kith.runJobs()
    await expect(createContact(ada.ctx, { displayName: 'Late' })).rejects.toThrow()
    await expect(kith.app.vault.of(ada.ownerId)).rejects.toThrow('gone for good')
    expect(await query('SELECT 1 FROM contacts WHERE "ownerId" = $1', [ada.ownerId])).toEqual([])
  })
})

describe('while Google does not answer', () => {
  test('[F-07] [S-21] an erasure is shown as failed and destroys nothing, then goes on without, and its certificate says so', { timeout: 60_000 }, async () => {
    await makeWorld(kith, ada)
    await connectWithTokens(kith.app, ada.ownerId, { accessToken: 'a', refreshToken: 'r' })
    const { revoke } = kith.app.google
    let asked = 0
    kith.app.google.revoke = async () => {
      asked += 1
      throw new Error('nobody answers')
    }
    await submit(kith, ada, { type: 'ERASURE' })
    await kith.runJobs({ mayFail: true })
    const state = async () => (await query(`SELECT state FROM privacy_requests WHERE type = 'ERASURE' ORDER BY "createdAt" DESC LIMIT 1`))[0].state
    expect(await state()).toBe('EXECUTION_FAILED')
    expect(await query('SELECT 1 FROM contacts WHERE "ownerId" = $1', [ada.ownerId])).toHaveLength(5)
    for (let hour = 0; hour < 6 && (await state()) === 'EXECUTION_FAILED'; hour += 1) {
      clock.advance({ hours: 1 })
      await kith.runJobs({ mayFail: true })
    }
    expect(await state()).toBe('COMPLETED')
    expect(asked).toBeGreaterThanOrEqual(5)
    expect((await certificate(ada)).recipients).toEqual([{ name: 'Google', outcome: expect.stringContaining('did not answer') }])
    kith.app.google.revoke = revoke
  })
})
