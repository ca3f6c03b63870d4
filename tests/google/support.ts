import { type Clock, systemClock, toDate } from '../../src/core/clock.ts'
import { type Ctx, ownerOf } from '../../src/core/ctx.ts'
import { contactsSync } from '../../src/google/contacts/sync.ts'
import { runSync } from '../../src/google/runSync.ts'
import { connectWithTokens, readFeatures } from '../../src/google/service.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { type Browser, locationOf, openBrowser, type WebApp } from '../support/web.ts'
import { createAccount } from '../../src/accounts/service.ts'

export const contactsScope = 'https://www.googleapis.com/auth/contacts.readonly'

/** The machine's clock, by which the simulator goes too, until a test moves it. */
export function movableClock(): Clock & { advance(by: Temporal.DurationLike): void; reset(): void } {
  let offset = Temporal.Duration.from('PT0S')
  return {
    now: () => systemClock.now().add(offset),
    advance: (by) => void (offset = offset.add(by)),
    reset: () => void (offset = Temporal.Duration.from('PT0S')),
  }
}

/** Signs in through the pages, and up where there is no account yet. */
export async function signUp(kith: WebApp, account: string, browser = openBrowser(kith.origin)): Promise<Browser> {
  const callback = await kith.google.consent(locationOf(await browser.open('/auth/google')), { account })
  const back = await browser.open(callback.href)
  if (locationOf(back) === '/welcome')
    await browser.submit('/welcome', { birthDate: '1990-12-10', timeZone: 'Europe/Berlin', region: 'DE', locale: 'en-GB', decision: 'create' })
  return browser
}

export const connectMutation = 'mutation { googleConnect(features: [CONTACTS]) { ... on GoogleAuthorization { url } } }'
export const googleQuery =
  '{ viewer { google { connected email grantedScopes features { feature status phase processed total lastSuccessAt nextRunAt errorCode errorMessage } } } }'

/** What viewer.google says. */
export interface Shown {
  connected: boolean
  email: string | null
  grantedScopes: string[]
  features: {
    feature: string
    status: string
    phase: string | null
    processed: number
    total: number | null
    lastSuccessAt: string | null
    nextRunAt: string | null
    errorCode: string | null
    errorMessage: string | null
  }[]
}

export async function shown(browser: Browser): Promise<Shown & { contacts: Shown['features'][number] }> {
  const { body } = await browser.graphql(googleQuery)
  const { google } = (body.data as { viewer: { google: Shown } }).viewer
  return { ...google, contacts: google.features.find(({ feature }) => feature === 'CONTACTS')! }
}

/** Asks for a link to connect and opens it; answers where it leads. */
export async function beginConnect(browser: Browser): Promise<URL> {
  const { body } = await browser.graphql(connectMutation)
  const { url } = (body.data as { googleConnect: { url: string } }).googleConnect
  return new URL(locationOf(await browser.open(url)))
}

/** Connects through the pages; answers the page at the end. */
export async function connect(
  kith: WebApp,
  browser: Browser,
  account: string,
  { untick = [], deny = false }: { untick?: string[]; deny?: boolean } = {},
): Promise<{ status: number; text: string }> {
  const callback = await kith.google.consent((await beginConnect(browser)).href, { account, untick, deny })
  const response = await browser.open(callback.href)
  return { status: response.status, text: await response.text() }
}

/** An owner whose contacts are connected without a browser, as the demo does it. */
export async function connectedOwner(kith: WebApp, account: string): Promise<{ ownerId: string; ctx: Ctx; stateId: string }> {
  const { sub } = kith.google.world.account(account)
  const { ownerId } = await createAccount(kith.app, { subject: sub, email: account, name: 'Test', locale: 'en-GB', timeZone: 'Europe/Berlin', region: 'US' })
  await connectWithTokens(kith.app, ownerId, kith.google.issueTokens({ account, scopes: ['openid', contactsScope] }))
  const ctx = systemCtx(kith.app, ownerId, 'test')
  const state = await ctx.db.googleSyncState.findFirstOrThrow({ where: { ownerId, resource: 'contacts' } })
  return { ownerId, ctx, stateId: state.id }
}

/** A fresh Google account with so many plain contacts. */
export function addBook(kith: WebApp, email: string, count: number): void {
  kith.google.world.addAccount({ email, givenName: 'Test', familyName: 'Example' })
  for (let index = 0; index < count; index += 1)
    kith.google.world.addPerson(email, {
      names: [{ givenName: `Person${index}`, familyName: 'Example' }],
      emailAddresses: [{ value: `person${index}@example.com`, type: 'home' }],
    })
}

/** Runs the sync of contacts, in small pages where a test needs many of them. */
export async function syncContacts(ctx: Ctx, stateId: string, options: { pageSize?: number } = {}): Promise<void> {
  const app = { ...ctx.app, syncs: { ...ctx.app.syncs, contacts: contactsSync(options) } }
  // As the job takes it: what is refused is left undone.
  await runSync({ ...ctx, app }, stateId).catch((error: unknown) => {
    if (!(error instanceof Error && error.name === 'PurposeRefused')) throw error
  })
}

/** What the owner is told of their contacts at Google. */
export const contactsFeature = async (ctx: Ctx) => (await readFeatures(ctx)).find(({ feature }) => feature === 'CONTACTS')!

/** How many rows of a table are the owner's. */
export const countOf = async (ctx: Ctx, table = 'contacts') =>
  Number((await ctx.app.database.pool.query(`SELECT count(*) FROM ${table} WHERE "ownerId" = $1`, [ownerOf(ctx)])).rows[0].count)

/** Makes everything of the owner's due now. */
export const makeAllDue = (ctx: Ctx) => ctx.db.googleSyncState.updateMany({ where: { ownerId: ownerOf(ctx) }, data: { nextRunAt: toDate(ctx.clock.now()) } })
