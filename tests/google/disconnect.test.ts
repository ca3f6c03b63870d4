import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createContact, updateContact } from '../../src/contacts/service.ts'
import { createNote } from '../../src/notes/service.ts'
import { disconnect } from '../../src/google/service.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { runSync } from '../../src/google/runSync.ts'
import { addBook, connect, connectedOwner, makeAllDue, movableClock, shown, signUp, syncContacts } from './support.ts'

const clock = movableClock()
let kith: WebApp
let accounts = 0

beforeAll(async () => {
  kith = await webApp({ clock })
})
afterAll(() => kith.close())
beforeEach(() => {
  clock.reset()
  kith.google.ledger.clear()
  kith.google.faults.clear()
})

async function connected(count = 3) {
  const email = `leaver${(accounts += 1)}@example.test`
  addBook(kith, email, count)
  const browser = await signUp(kith, email)
  await connect(kith, browser, email)
  await kith.runJobs()
  const { ownerId } = await kith.app.database.prisma.googleGrant.findFirstOrThrow({ where: { email } })
  const ctx = systemCtx(kith.app, ownerId, 'test')
  return { email, browser, ownerId, ctx, contacts: await ctx.db.contact.findMany({ where: { ownerId }, orderBy: { sortName: 'asc' } }) }
}

/** Every row of the owner that holds something, by table; what proves consents stays, and so do the logs. */
async function rowsOf(ownerId: string): Promise<Record<string, number>> {
  const { rows: tables } = await kith.app.database.pool.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'ownerId' AND table_name NOT IN ('events', 'event_heads', 'outbox', 'rate_limits') AND table_name NOT LIKE 'consent_%'`,
  )
  const counts = await Promise.all(
    tables.map(async ({ name }) => {
      const { rows } = await kith.app.database.pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${name} WHERE "ownerId" = $1`, [ownerId])
      return [name, rows[0]?.count ?? 0] as const
    }),
  )
  return Object.fromEntries(counts.filter(([, count]) => count > 0))
}

const leave = (choice: string) =>
  `mutation { googleDisconnect(importedData: ${choice}) { ... on GoogleConnection { connected notice features { feature status } } } }`

describe('disconnecting', () => {
  test('[F-07] [F-10] with PURGE leaves not a row of what came from Google, and revokes the refresh token there', async () => {
    const email = `leaver${(accounts += 1)}@example.test`
    addBook(kith, email, 3)
    const group = kith.google.world.addGroup(email, 'Rowing')
    const [person] = kith.google.world.account(email).addressBook.people()
    kith.google.world.editPerson(email, person!.person.resourceName!, {
      memberships: [{ contactGroupMembership: { contactGroupResourceName: group } }],
      photos: [{ url: '/photos/p1=s100' }],
    })
    const browser = await signUp(kith, email)
    const { ownerId } = await kith.app.database.prisma.account.findFirstOrThrow({ where: { email } })
    const before = await rowsOf(ownerId)
    await connect(kith, browser, email)
    await kith.runJobs()
    expect(await systemCtx(kith.app, ownerId, 'test').db.avatar.count({ where: { ownerId } })).toBe(1)
    const { body } = await browser.graphql(leave('PURGE'))
    expect(body.data).toMatchObject({
      googleDisconnect: { connected: false, notice: null, features: [{ status: 'OFF' }, { status: 'OFF' }, { status: 'OFF' }] },
    })
    await kith.runJobs()
    expect(await rowsOf(ownerId)).toEqual(before)
    expect(kith.google.ledger.of('revoke')).toHaveLength(1)
  })

  test('[F-10] with PURGE keeps what the user wrote, edited and attached, and nothing that Google brought beside it', async () => {
    const { ctx, ownerId, contacts } = await connected()
    const [noted, edited, plain] = contacts
    await createNote(ctx, { contactId: noted!.id, body: 'Mine.' })
    await updateContact(ctx, edited!.id, { name: { given: 'Edited', family: 'Here' } })
    await disconnect(ctx, null, 'PURGE')
    const left = await ctx.db.contact.findMany({ where: { ownerId }, include: { notes: true, emails: true, sources: true } })
    expect(left.find(({ id }) => id === plain!.id)).toBeUndefined()
    expect(left.find(({ id }) => id === noted!.id)).toMatchObject({ notes: [{}], emails: [], nameGiven: null, displayName: 'Somebody' })
    expect(left.find(({ id }) => id === edited!.id)).toMatchObject({ displayName: 'Edited Here', emails: [], sources: [] })
  })

  test('[F-10] with PURGE keeps a label’s tag that the user has given to somebody, whoever has it now, or set a follow-up for', async () => {
    const email = `leaver${(accounts += 1)}@example.test`
    addBook(kith, email, 1)
    const groups = ['Rowing', 'Chess', 'Work'].map((name) => kith.google.world.addGroup(email, name))
    const [person] = kith.google.world.account(email).addressBook.people()
    kith.google.world.editPerson(email, person!.person.resourceName!, {
      memberships: groups.map((contactGroupResourceName) => ({ contactGroupMembership: { contactGroupResourceName } })),
    })
    const browser = await signUp(kith, email)
    await connect(kith, browser, email)
    await kith.runJobs()
    const { ownerId } = await kith.app.database.prisma.account.findFirstOrThrow({ where: { email } })
    const ctx = systemCtx(kith.app, ownerId, 'test')
    const tags = async () => (await ctx.db.tag.findMany({ where: { ownerId }, orderBy: { name: 'asc' } })).map(({ name }) => name)
    expect(await tags()).toEqual(['Chess', 'Rowing', 'Work'])
    const mine = await createContact(ctx, { displayName: 'Mine', tags: ['Rowing'] })
    await updateContact(ctx, mine, { tags: [] })
    await ctx.db.tag.updateMany({ where: { ownerId, name: 'Chess' }, data: { followUpEvery: 'P1M' } })
    await disconnect(ctx, null, 'PURGE')
    expect(await tags()).toEqual(['Chess', 'Rowing'])
  })

  test('[F-10] with PURGE leaves no tag of a label that Google calls otherwise by now, or that the user took away', async () => {
    const email = `leaver${(accounts += 1)}@example.test`
    addBook(kith, email, 1)
    const groups = ['Rowing', 'Chess'].map((name) => kith.google.world.addGroup(email, name))
    const [person] = kith.google.world.account(email).addressBook.people()
    kith.google.world.editPerson(email, person!.person.resourceName!, {
      memberships: groups.map((contactGroupResourceName) => ({ contactGroupMembership: { contactGroupResourceName } })),
    })
    const { ctx, ownerId, stateId } = await connectedOwner(kith, email)
    const sync = async () => {
      await makeAllDue(ctx)
      for (const { id } of await ctx.db.googleSyncState.findMany({ where: { ownerId, resource: 'groups' } })) await runSync(ctx, id)
      await syncContacts(ctx, stateId)
    }
    const tags = async () => (await ctx.db.tag.findMany({ where: { ownerId }, orderBy: { name: 'asc' } })).map(({ name }) => name)
    await sync()
    const contact = await ctx.db.contact.findFirstOrThrow({ where: { ownerId } })
    await updateContact(ctx, contact.id, { tags: ['Rowing'] })
    kith.google.world.renameGroup(email, groups[0]!, 'Boats')
    expect(await tags()).toEqual(['Chess', 'Rowing'])
    await sync()
    expect(await tags()).toEqual(['Boats'])
    await updateContact(ctx, contact.id, { tags: [] })
    await disconnect(ctx, null, 'PURGE')
    expect(await tags()).toEqual([])
  })

  test('[F-07] with KEEP leaves everything but the tokens, and nothing asks Google any more', async () => {
    const { email, browser, ctx, ownerId } = await connected()
    const before = await rowsOf(ownerId)
    await browser.graphql(leave('KEEP'))
    kith.google.ledger.clear()
    clock.advance({ hours: 24 })
    await kith.runJobs()
    expect(kith.google.ledger.entries).toEqual([])
    const { google_sync_states: _states, directory_due: _due, ...kept } = before
    expect(await rowsOf(ownerId)).toMatchObject(kept)
    expect(await ctx.db.googleGrant.findFirstOrThrow({ where: { email } })).toMatchObject({
      status: 'DISCONNECTED',
      refreshToken: null,
      accessToken: null,
      grantedScopes: [],
    })
    // Connecting again goes on, and doubles nothing.
    await connect(kith, browser, email)
    await kith.runJobs()
    expect((await shown(browser)).contacts).toMatchObject({ status: 'IDLE' })
    expect(await ctx.db.contact.count({ where: { ownerId } })).toBe(3)
  })

  test('the tokens go even when Google does not answer, and the owner is told what to do there', async () => {
    const { email, browser, ctx } = await connected()
    kith.google.faults.add({ path: '/revoke', times: Infinity, status: 503 })
    const { body } = await browser.graphql(leave('PURGE'))
    expect(body.data).toMatchObject({ googleDisconnect: { connected: false, notice: expect.stringContaining('myaccount.google.com') } })
    expect(await ctx.db.googleGrant.findFirstOrThrow({ where: { email } })).toMatchObject({ refreshToken: null, accessToken: null })
  })

  test('row 34: a run under way when its feature is disconnected writes nothing any more', async () => {
    const { ctx, ownerId } = await connected()
    const state = await ctx.db.googleSyncState.findFirstOrThrow({ where: { ownerId, resource: 'contacts' } })
    await ctx.db.googleSyncState.updateMany({ where: { ownerId }, data: { nextRunAt: new Date(clock.now().epochMilliseconds), fullWanted: true } })
    const release = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    const held = kith.google.faults.add({ path: '/v1/people/me/connections', holdUntil: release.promise, before: () => asked.resolve() })
    const running = syncContacts(ctx, state.id)
    await asked.promise
    expect((await ctx.db.googleSyncState.findFirst({ where: { id: state.id } }))?.status).toBe('SYNCING')
    await disconnect(ctx, null, 'PURGE')
    const { directory_due: _due, ...after } = await rowsOf(ownerId)
    release.resolve()
    await running
    expect(held.hits).toBe(1)
    const { directory_due: _later, ...left } = await rowsOf(ownerId)
    expect(left).toEqual(after)
    expect(after['contacts']).toBeUndefined()
  })

  test('row 16: a grant that Google ended is told by mail, once', async () => {
    const { email, ctx, ownerId } = await connected()
    kith.google.tokens.revokeAccount(email)
    clock.advance({ hours: 2 })
    await kith.runJobs()
    await kith.runJobs()
    expect(kith.mails.filter(({ to }) => to === email).map(({ subject }) => subject)).toEqual(['Kith cannot see your Google account any more'])
    expect(await ctx.db.contact.count({ where: { ownerId } })).toBe(3)
  })
})
