import { afterAll, beforeAll, expect, test } from 'vitest'
import { giveConsent, withdrawConsent } from '../../src/consent/service.ts'
import { inTransaction } from '../../src/events/service.ts'
import { startSuggestions } from '../../src/google/contacts/suggestions.ts'
import { runSync } from '../../src/google/runSync.ts'
import { connectWithTokens, disconnect } from '../../src/google/service.ts'
import { gmailScope } from '../gmail/support.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { addBook, connectedOwner, contactsScope, syncContacts } from './support.ts'

const otherScope = 'https://www.googleapis.com/auth/contacts.other.readonly'
let kith: WebApp
let accounts = 0

beforeAll(async () => {
  kith = await webApp()
})
afterAll(() => kith.close())

/** An owner with contacts in sync and suggestions asked for, and whether Google still allows them. */
async function suggested({ allowed }: { allowed: boolean }) {
  const email = `suggested${(accounts += 1)}@example.test`
  addBook(kith, email, 1)
  const { ctx, ownerId, stateId } = await connectedOwner(kith, email)
  const scopes = ['openid', contactsScope, otherScope]
  const connect = async (reallyAllowed: boolean, features: ('CONTACTS' | 'GMAIL')[] = ['CONTACTS']) => {
    const all = features.includes('GMAIL') ? [...scopes, gmailScope] : scopes
    const tokens = kith.google.issueTokens({ account: email, scopes: all.filter((scope) => reallyAllowed || scope !== otherScope) })
    await connectWithTokens(kith.app, ownerId, { ...tokens, scopes: all }, features)
  }
  await connect(allowed)
  await inTransaction(ctx, startSuggestions)
  await syncContacts(ctx, stateId)
  const state = async () => ctx.db.googleSyncState.findFirstOrThrow({ where: { ownerId, resource: 'otherContacts' } })
  await runSync(ctx, (await state()).id)
  const granted = async () => (await ctx.db.googleGrant.findFirstOrThrow({ where: { ownerId } })).grantedScopes
  return { ctx, ownerId, stateId, connect, state, granted }
}

test('where Google refuses suggestions only their scope is forgotten, and they go on once it is granted again, contacts unmoved', async () => {
  const { ctx, ownerId, stateId, connect, state, granted } = await suggested({ allowed: false })
  expect(await state()).toMatchObject({ status: 'SCOPE_MISSING', nextRunAt: null })
  expect((await granted()).toSorted()).toEqual([contactsScope, 'openid'])
  await connect(true, ['GMAIL'])
  expect(await state()).toMatchObject({ status: 'PENDING', errorCode: null })
  expect(await ctx.db.googleSyncState.findFirstOrThrow({ where: { ownerId, id: stateId } })).toMatchObject({ status: 'IDLE', fullWanted: false })
})

test('suggestions stop with the consent to contacts and go on when it is given again', async () => {
  const { ctx, ownerId, state } = await suggested({ allowed: true })
  expect(await state()).toMatchObject({ status: 'IDLE' })
  await inTransaction(ctx, (tx) => withdrawConsent(tx, 'GOOGLE_CONTACTS'))
  await kith.app.relay.drain(ownerId)
  expect(await state()).toMatchObject({ status: 'OFF', nextRunAt: null })
  await inTransaction(ctx, (tx) => giveConsent(tx, 'GOOGLE_CONTACTS', { method: 'google' }))
  await kith.app.relay.drain(ownerId)
  expect(await state()).toMatchObject({ status: 'PENDING', nextRunAt: expect.any(Date) })
})

test('whoever disconnects contacts has granted suggestions no more either', async () => {
  const { ctx, connect, granted } = await suggested({ allowed: true })
  await connect(true, ['CONTACTS', 'GMAIL'])
  await disconnect(ctx, ['CONTACTS'], 'KEEP')
  expect((await granted()).toSorted()).toEqual([gmailScope, 'openid'].toSorted())
})
