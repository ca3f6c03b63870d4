import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { quotaExceeded } from '../../dev/google/errors.ts'
import { claimRun } from '../../src/google/run.ts'
import { testApp } from '../support/app.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { addBook, connectedOwner, contactsFeature, contactsScope, countOf, movableClock, syncContacts } from './support.ts'

const clock = movableClock()
let kith: WebApp
let books = 0

beforeAll(async () => {
  kith = await webApp({ clock })
})
afterAll(() => kith.close())
beforeEach(() => {
  clock.reset()
  kith.google.faults.clear()
  kith.google.ledger.clear()
})

const list = '/v1/people/me/connections'

/** An owner with so many plain contacts at Google, connected. */
async function someone(count: number) {
  const email = `book${(books += 1)}@example.test`
  addBook(kith, email, count)
  return { email, ...(await connectedOwner(kith, email)) }
}

describe('an import that is disturbed', () => {
  const small = { pageSize: 10 }

  test('goes on where it was after a failure between pages, with progress that its owner sees', async () => {
    const { ctx, stateId } = await someone(35)
    kith.google.faults.add({ path: list, nth: 3, status: 503 })
    await syncContacts(ctx, stateId, small)
    expect(await contactsFeature(ctx)).toMatchObject({
      status: 'PENDING',
      processed: 20,
      total: 35,
      errorCode: 'UNAVAILABLE',
      errorMessage: expect.stringContaining('by itself'),
    })
    expect(await countOf(ctx)).toBe(20)
    clock.advance({ minutes: 1 })
    kith.google.ledger.clear()
    await syncContacts(ctx, stateId, small)
    expect(await contactsFeature(ctx)).toMatchObject({ status: 'IDLE', processed: 35, total: 35, errorCode: null })
    expect(kith.google.ledger.of('people.connections.list').map(({ query }) => 'pageToken' in query)).toEqual([true, true])
    expect([await countOf(ctx), await countOf(ctx, 'contact_sources')]).toEqual([35, 35])
  })

  test('row 2: is taken over by another process once its worker is silent; what the first still brings is not written', async () => {
    const { ctx, stateId } = await someone(25)
    // The first worker hangs in its second page until the other is done.
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const slow = await testApp({ databases: kith.databases, clock, config: { google: kith.app.config.google, publicUrl: kith.origin } })
    const google = kith.app.google
    Object.assign(slow.app, {
      google: {
        ...google,
        oauth: () => {
          const client = google.oauth()
          const request = client.request.bind(client)
          client.request = (async (options: Parameters<typeof request>[0]) => {
            const answer = await request(options)
            if (String(options.url).includes('pageToken') || 'pageToken' in ((options.params as object | undefined) ?? {})) await held
            return answer
          }) as typeof client.request
          return client
        },
      },
    })
    const first = syncContacts({ ...ctx, app: slow.app, db: slow.app.database.prisma }, stateId, small)
    await expect.poll(() => contactsFeature(ctx)).toMatchObject({ status: 'SYNCING', phase: 'list', processed: 10 })
    await syncContacts(ctx, stateId, small)
    expect(await contactsFeature(ctx)).toMatchObject({ status: 'SYNCING', processed: 10 })
    clock.advance({ minutes: 3 })
    // Another worker takes the run over and is silent in its turn when the first wakes up.
    expect(await claimRun(ctx, stateId)).toMatchObject({ processed: 10 })
    const events = await countOf(ctx, 'events')
    release()
    await first
    expect(await contactsFeature(ctx)).toMatchObject({ status: 'SYNCING', processed: 10 })
    expect([await countOf(ctx), await countOf(ctx, 'events')]).toEqual([10, events])
    clock.advance({ minutes: 3 })
    await syncContacts(ctx, stateId, small)
    expect(await contactsFeature(ctx)).toMatchObject({ status: 'IDLE', processed: 25 })
    expect([await countOf(ctx), await countOf(ctx, 'contact_sources')]).toEqual([25, 25])
    await slow.close()
  })

  test('begins anew when Google does not know the place in the list any more', async () => {
    const { ctx, stateId } = await someone(25)
    kith.google.faults.add({ path: list, nth: 2, status: 400, body: { error: { code: 400, status: 'INVALID_ARGUMENT', message: 'Page token is invalid.' } } })
    await syncContacts(ctx, stateId, small)
    expect(await contactsFeature(ctx)).toMatchObject({ status: 'PENDING', processed: 0 })
    clock.advance({ minutes: 1 })
    await syncContacts(ctx, stateId, small)
    expect(await contactsFeature(ctx)).toMatchObject({ status: 'IDLE', processed: 25 })
    expect(await countOf(ctx)).toBe(25)
  })

  test('row 23: waits as long as Google asks, and a minute at least before a first page is asked for again', async () => {
    const { ctx, stateId } = await someone(3)
    kith.google.faults.add({ path: list, ...quotaExceeded() })
    await syncContacts(ctx, stateId)
    const { nextRunAt } = await contactsFeature(ctx)
    expect(nextRunAt!.getTime() - clock.now().epochMilliseconds).toBeGreaterThan(55_000)
    expect(await contactsFeature(ctx)).toMatchObject({ status: 'PENDING', errorCode: 'RATE_LIMITED' })
    kith.google.ledger.clear()
    await syncContacts(ctx, stateId)
    expect(kith.google.ledger.entries).toEqual([])
    clock.advance({ minutes: 2 })
    kith.google.faults.add({ path: list, ...quotaExceeded(), headers: { 'retry-after': '600' } })
    await syncContacts(ctx, stateId)
    expect((await contactsFeature(ctx)).nextRunAt!.getTime() - clock.now().epochMilliseconds).toBeGreaterThan(590_000)
    clock.advance({ minutes: 11 })
    await syncContacts(ctx, stateId)
    expect(await contactsFeature(ctx)).toMatchObject({ status: 'IDLE', errorCode: null })
  })

  test('row 13: survives whatever a network does, and shows a failure only after several in a row', async () => {
    const { ctx, stateId } = await someone(3)
    const faults = [
      { reset: true },
      { truncateBytes: 50 },
      { status: 200, body: '<html>proxy</html>' },
      { status: 200, body: {} },
      { status: 502, body: 'bad' },
    ]
    for (const [index, fault] of faults.entries()) {
      kith.google.faults.add({ path: list, ...fault })
      await syncContacts(ctx, stateId)
      expect(await contactsFeature(ctx)).toMatchObject({ status: index < 4 ? 'PENDING' : 'FAILED', errorCode: 'UNAVAILABLE', nextRunAt: expect.any(Date) })
      clock.advance({ hours: 1 })
    }
    await syncContacts(ctx, stateId)
    expect(await contactsFeature(ctx)).toMatchObject({ status: 'IDLE', processed: 3 })
  })

  test('does not end without the token from which the next one goes on', async () => {
    const { ctx, stateId } = await someone(3)
    kith.google.faults.add({ path: list, status: 200, body: { connections: [], totalItems: 0 } })
    await syncContacts(ctx, stateId)
    expect(await contactsFeature(ctx)).toMatchObject({ status: 'PENDING', errorCode: 'UNAVAILABLE', lastSuccessAt: null })
  })

  test('is run by the worker from connecting to the end, failures included', async () => {
    const { ctx } = await someone(5)
    kith.google.faults.add({ path: list, status: 500 })
    await kith.runJobs()
    expect(await contactsFeature(ctx)).toMatchObject({ status: 'PENDING', errorCode: 'UNAVAILABLE' })
    clock.advance({ minutes: 1 })
    await kith.runJobs()
    expect(await contactsFeature(ctx)).toMatchObject({ status: 'IDLE', processed: 5 })
  })
})

describe('access', () => {
  test('row 14: a token that runs out in the middle is refreshed once, by one of all who want it', async () => {
    const { email, ctx, stateId } = await someone(25)
    kith.google.tokens.expireAccessTokens(email)
    await syncContacts(ctx, stateId, { pageSize: 10 })
    expect(await contactsFeature(ctx)).toMatchObject({ status: 'IDLE', processed: 25 })
    expect(kith.google.ledger.of('token.refresh_token')).toHaveLength(1)

    kith.google.tokens.expireAccessTokens(email)
    kith.google.ledger.clear()
    const { listGroups } = await import('../../src/google/contacts/people.ts')
    const other = await testApp({ databases: kith.databases, clock, config: { google: kith.app.config.google } })
    const otherCtx = { ...ctx, app: other.app, db: other.app.database.prisma }
    await Promise.all(Array.from({ length: 8 }, (_, index) => listGroups(index % 2 ? ctx : otherCtx, { pageToken: null, syncToken: null })))
    expect(kith.google.ledger.of('token.refresh_token')).toHaveLength(1)
    await other.close()
  })

  test('row 16: a grant that was taken back stops the import, asks its owner to connect again, and keeps what came in', async () => {
    const { email, ctx, stateId } = await someone(25)
    kith.google.faults.add({ path: list, nth: 2, status: 503 })
    await syncContacts(ctx, stateId, { pageSize: 10 })
    clock.advance({ minutes: 2 })
    kith.google.tokens.revokeAccount(email)
    await syncContacts(ctx, stateId, { pageSize: 10 })
    expect(await contactsFeature(ctx)).toMatchObject({
      status: 'NEEDS_REAUTHORIZATION',
      errorCode: 'NEEDS_REAUTHORIZATION',
      nextRunAt: null,
      errorMessage: expect.stringContaining('Connect again'),
    })
    expect(await countOf(ctx)).toBe(10)
    kith.google.ledger.clear()
    clock.advance({ hours: 2 })
    await kith.runJobs()
    expect(kith.google.ledger.entries.filter(({ account }) => account === email)).toEqual([])
    await connectedOwner(kith, email)
    await kith.runJobs()
    expect(await contactsFeature(ctx)).toMatchObject({ status: 'IDLE', processed: 25 })
    expect(await countOf(ctx)).toBe(25)
  })

  test('row 17: a server whose credentials Google refuses marks nobody', async () => {
    const { email, ctx, stateId } = await someone(3)
    kith.google.tokens.expireAccessTokens(email)
    const fault = kith.google.faults.add({ path: '/token', times: Infinity, status: 401, body: { error: 'invalid_client' } })
    await syncContacts(ctx, stateId)
    expect(await contactsFeature(ctx)).toMatchObject({ status: 'PENDING', errorCode: 'CLIENT_REJECTED', nextRunAt: expect.any(Date) })
    expect((await ctx.db.googleGrant.findFirstOrThrow({ where: { email } })).status).toBe('ACTIVE')
    fault.remove()
    clock.advance({ hours: 2 })
    await syncContacts(ctx, stateId)
    expect(await contactsFeature(ctx)).toMatchObject({ status: 'IDLE' })
  })

  test('row 21: a scope that was taken back later is said so', async () => {
    const { email, ctx, stateId } = await someone(3)
    kith.google.tokens.withdrawScopes(email, [contactsScope])
    await syncContacts(ctx, stateId)
    expect(await contactsFeature(ctx)).toMatchObject({ status: 'SCOPE_MISSING', nextRunAt: null })
    expect((await ctx.db.googleGrant.findFirstOrThrow({ where: { email } })).grantedScopes).toEqual(['openid'])
  })
})
