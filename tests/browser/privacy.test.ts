import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest'
import { startSession } from '../../src/accounts/sessions.ts'
import { cookieName } from '../../src/http/cookies.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { draftPolicy, publishPolicy } from '../../src/policies/service.ts'
import { grantRole } from '../../src/privacy/roles.ts'
import { type Words, words } from '../../src/privacyCentre/words/words.ts'
import { unsubscribeLink } from '../../src/deliveries/unsubscribe.ts'
import { codeIn } from '../privacy/support.ts'
import { linkIn } from '../privacyCentre/support.ts'
import type { Person } from '../support/app.ts'
import { befriend } from '../support/crm.ts'
import { type WebApp, webApp } from '../support/web.ts'

let kith: WebApp
let chrome: Browser
let axe: string
let scratch: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'kith-browser-'))
  kith = await webApp()
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  chrome = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  })
  const text = await draftPolicy(kith.app)
  await publishPolicy(kith.app, { text, reason: 'The first version.', material: true })
  await publishPolicy(kith.app, { text: `${text}\nQuestions are answered by people.\n`, reason: 'It says who answers.', material: false })
})
afterAll(async () => {
  await chrome?.close()
  await kith?.close()
  await rm(scratch, { recursive: true, force: true })
})

let context: BrowserContext
let page: Page
let foreign: string[]
let pages: number

/** Opens a browser that reads in a language; scripts of pages are off, so that nothing can rest on one. */
async function open(language: string, who?: Person, width = 1280): Promise<void> {
  context = await chrome.newContext({ locale: language, javaScriptEnabled: false, viewport: { width, height: 900 }, acceptDownloads: true })
  const [name = '', value = ''] = who?.browser['cookie']?.split('=') ?? []
  if (who) await context.addCookies([{ name, value, url: kith.origin }])
  page = await context.newPage()
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol !== 'data:' && origin !== kith.origin) foreign.push(request.url())
  })
}

beforeEach(() => {
  foreign = []
  pages = 0
})
afterEach(async () => {
  expect(foreign).toEqual([])
  await context?.close()
})

/** Begins a session for the open browser, as signing in through Google would. */
async function signIn(ownerId: string): Promise<void> {
  const { secret } = await startSession(kith.app, ownerId, { userAgent: null })
  await context.addCookies([{ name: cookieName(kith.app, 'session'), value: secret, url: kith.origin }])
}

/** What axe-core finds against WCAG 2.2 A and AA on the page as it stands. Its script runs in a copy of the page, in a context where scripts may run. */
async function violations(colorScheme: 'light' | 'dark' = 'light'): Promise<string[]> {
  const twin = await chrome.newContext({ colorScheme, viewport: page.viewportSize() ?? { width: 1280, height: 900 }, bypassCSP: true })
  try {
    const copy = await twin.newPage()
    await copy.setContent(await page.content())
    await copy.evaluate(axe)
    const found = await copy.evaluate(async () => {
      const { axe: engine } = globalThis as unknown as {
        axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[]; passes: unknown[] }> }
      }
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
      const { violations: all, passes } = await engine.run({ runOnly: { type: 'tag', values: tags } })
      return { passes: passes.length, all: all.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`)) }
    })
    // A page on which nothing was looked at has no violations either.
    expect(found.passes).toBeGreaterThan(15)
    return found.all
  } finally {
    await twin.close()
  }
}

/** The page's heading is as expected, its language is said, and it can be used by everybody. */
async function stands(title: string, language: string): Promise<void> {
  expect(await page.locator('h1').first().innerText()).toBe(title)
  expect(await page.locator('html').getAttribute('lang')).toBe(language)
  expect(await violations()).toEqual([])
  pages += 1
}

/** Keeps a picture for the documentation, when asked for. */
async function picture(name: string): Promise<void> {
  if (process.env['KITH_PICTURES']) await page.screenshot({ path: join(process.env['KITH_PICTURES'], `${name}.png`), fullPage: true })
}

const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
const follow = (name: string) => page.getByRole('link', { name, exact: true }).first().click()
const go = (path: string) => page.goto(`${kith.origin}${path}`)

describe.each([
  ['en-GB', 'en'],
  ['de-DE', 'de'],
] as const)('without scripts, in %s', (locale, language) => {
  const said: Words = words[language]

  test('[S-42] [S-46] [S-47] [S-49] [S-59] a visitor decides about cookies, opts out of sale, and reads the policy and its history', async () => {
    await open(locale)
    await go('/')
    await page.locator('footer a[href="/privacy"]').click()
    await stands(said.centre, language)
    await picture(`privacy-${language}`)
    await follow(said.overview.cards.cookies.title)
    await stands(said.cookies.title, language)
    await picture(`cookies-${language}`)
    await press(said.cookies.rejectAll)
    await page.getByText(said.cookies.saved).waitFor()
    await stands(said.cookies.title, language)
    await follow(language === 'en' ? 'Do not sell or share my data' : 'Meine Daten nicht verkaufen oder weitergeben')
    await stands(said.sale.title, language)
    await press(said.sale.button)
    await stands(said.sale.doneTitle, language)
    await go('/privacy/policy')
    await stands('Privacy policy', language)
    await press(said.policy.compare)
    await stands(said.policy.compareTitle, language)
    await picture(`compare-${language}`)
    expect(await page.locator('ins').allInnerTexts()).toEqual([expect.stringContaining('Questions are answered by people.')])
    await follow(said.policy.title)
    await follow(said.policy.version(1))
    await stands('Privacy policy', language)
    await go('/privacy/data')
    await stands(said.held.title, language)
    await go('/privacy/consents')
    await stands(said.signInFirst.title, language)
    expect(pages).toBe(10)
  })

  test('[F-45] [S-24] somebody without an account asks, proves their address, follows and takes back', async () => {
    const mail = `visitor-${language}@example.test`
    await open(locale)
    await go('/privacy/requests/new')
    await stands(said.requests.newTitle, language)
    await follow(said.names.types.ERASURE.title)
    await stands(said.names.types.ERASURE.title, language)
    await page.getByLabel(said.requests.address).fill('nowhere@nothing')
    await page.getByLabel(said.requests.identifiers).fill('x')
    await press(said.requests.submit)
    await stands(said.names.types.ERASURE.title, language)
    await page.getByLabel(said.requests.address).fill(mail)
    await page.getByLabel(said.requests.identifiers).fill('+49 30 123456')
    await press(said.requests.submit)
    await stands(said.requests.title, language)
    await kith.runJobs()
    await page.goto(linkIn(kith, mail))
    await page.getByLabel(said.requests.code).fill('1')
    await press(said.requests.verify)
    await stands(said.requests.title, language)
    await page.getByLabel(said.requests.code).fill(codeIn(kith, mail))
    await press(said.requests.verify)
    await page.getByText(said.names.states.IN_ASSESSMENT, { exact: true }).first().waitFor()
    await picture(`follow-${language}`)
    await press(said.requests.withdraw)
    await page.getByText(said.names.states.WITHDRAWN, { exact: true }).first().waitFor()
    await stands(said.requests.title, language)
    await page.goto(`${kith.origin}/privacy/requests/follow?token=wrong`)
    await stands(said.requests.badToken.title, language)
  })

  test('[S-24] [S-55] [S-56] whoever asks for somebody else, and who reports a child, finds the way without an account and with one', async () => {
    await open(locale)
    await go('/privacy/requests/new')
    await follow(said.intake.asks.AGENT.title)
    await stands(said.requests.newTitle, language)
    await follow(said.names.types.ACCESS.title)
    await stands(said.names.types.ACCESS.title, language)
    await picture(`agent-${language}`)
    await page.getByLabel(said.intake.yourAddress).fill(`agent-${language}@example.test`)
    await press(said.requests.submit)
    await page.getByText(said.intake.noTheirs).first().waitFor()
    await stands(said.names.types.ACCESS.title, language)
    await page.getByLabel(said.intake.theirs.AGENT).fill('grace@example.test')
    await press(said.requests.submit)
    await stands(said.requests.title, language)
    await go('/privacy')
    await follow(said.overview.cards.children.title)
    await stands(said.intake.children.title, language)
    await picture(`children-${language}`)
    await follow(said.intake.children.guardianButton)
    await stands(said.names.types.MINOR_ERASURE.title, language)
    await page.getByLabel(said.intake.yourAddress).fill(`parent-${language}@example.test`)
    await page.getByLabel(said.intake.theirs.GUARDIAN).fill('child@example.test')
    await press(said.requests.submit)
    await stands(said.requests.title, language)
    await context.close()
    const olga = await kith.signUp()
    await grantRole(systemCtx(kith.app, olga.ownerId, 'test'), olga.ownerId, 'privacy-officer')
    await befriend(olga, 'Kim Young')
    await open(locale, olga)
    await go('/privacy/children')
    await page.getByLabel(said.intake.children.account).fill('nobody@example.test')
    await press(said.intake.children.accountButton)
    await page.getByText(said.intake.children.noAccount).waitFor()
    await stands(said.intake.children.title, language)
    await page.getByLabel(said.intake.children.name).fill('kim')
    await press(said.intake.children.find)
    await stands(said.intake.children.title, language)
    await press(said.intake.children.report)
    await page.getByText(said.intake.children.reported).waitFor()
    await stands(said.intake.children.title, language)
  })

  test('[S-02] [S-21] [S-51] [F-31] the holder of an account sees what is held, calls a deletion back, decides about consents, and leaves a list', async () => {
    const ada = await kith.signUp({ email: `ada-${language}@example.test` })
    await befriend(ada, 'Grace', { emails: [{ address: 'grace@example.test' }] })
    await open(locale, ada)
    await go('/privacy/data')
    await stands(said.held.title, language)
    await picture(`data-${language}`)
    await follow(said.held.erase)
    await stands(said.names.types.ERASURE.title, language)
    await page.getByRole('heading', { name: said.erasure.planTitle }).waitFor()
    await picture(`erasure-plan-${language}`)
    await press(said.requests.submit)
    await stands(said.requests.title, language)
    await picture(`erasure-${language}`)
    await press(said.requests.cancelErasure)
    await page.getByText(said.names.states.WITHDRAWN, { exact: true }).first().waitFor()
    // Whoever asked for a deletion was signed out by it.
    await go('/privacy/requests')
    await stands(said.signInFirst.title, language)
    await signIn(ada.ownerId)
    await go('/privacy/requests')
    await stands(said.requests.listTitle, language)
    await go('/privacy/consents')
    await stands(said.consents.title, language)
    const marketing = page.locator('fieldset', { has: page.locator('input[value="MARKETING"]') })
    await marketing.locator('button[value="give"]').click()
    await marketing.locator('button[value="withdraw"]').click()
    await page.getByText(said.names.consentStates.WITHDRAWN).first().waitFor()
    await stands(said.consents.title, language)
    await picture(`consents-${language}`)
    const receipt = page.waitForEvent('download')
    await page.getByRole('link', { name: 'ISO 27560' }).first().click()
    expect((await receipt).suggestedFilename()).toBe('consent-receipt.json')
    await page.goto(await unsubscribeLink(ada.ctx, 'NEWS'))
    await stands(said.unsubscribe.title, language)
    await press(said.unsubscribe.button)
    await stands(said.unsubscribe.doneTitle, language)
  })

  test('[S-21] [F-38] whoever had an account deleted reads what was done, and takes the certificate along', async () => {
    const ada = await kith.signUp({ email: `gone-${language}@example.test` })
    await befriend(ada, 'Grace', { emails: [{ address: 'grace@example.test' }] })
    await open(locale, ada)
    await go('/privacy/requests/new?type=ERASURE')
    await page.getByLabel(said.requests.delay).selectOption('0')
    await press(said.requests.submit)
    await kith.runJobs()
    await page.goto(linkIn(kith, ada.email))
    await page.getByRole('heading', { name: said.erasure.certificateTitle }).waitFor()
    await stands(said.requests.title, language)
    await picture(`certificate-${language}`)
    const certificate = page.waitForEvent('download')
    await follow(said.erasure.certificateGet)
    expect((await certificate).suggestedFilename()).toMatch(/^erasure-[0-9a-f-]{36}\.jws$/)
  })

  test('[S-25] an officer answers a request in part, with reasons', async () => {
    const ada = await kith.signUp()
    const olga = await kith.signUp()
    await grantRole(systemCtx(kith.app, olga.ownerId, 'test'), olga.ownerId, 'privacy-officer')
    await open(locale, ada)
    await go('/privacy/requests/new?type=RECTIFICATION')
    await page.getByLabel(said.requests.wrong).fill('My name is misspelled.')
    await press(said.requests.submit)
    await context.close()
    await open(locale, olga)
    await go('/privacy')
    await follow(said.overview.cards.officer.title)
    await stands(said.officer.title, language)
    await picture(`officer-${language}`)
    await follow(said.names.types.RECTIFICATION.title)
    await stands(said.officer.caseTitle, language)
    await page.locator('#outcome0').selectOption('REFUSED')
    await press(said.officer.sendDecision)
    await page.getByText(said.officer.problems).waitFor()
    await stands(said.officer.caseTitle, language)
    await page.locator('#reason0').selectOption('DATA_ACCURATE')
    await page.locator('#explanation0').fill('It says what your passport says.')
    await picture(`case-${language}`)
    await press(said.officer.sendDecision)
    await page.getByText(said.names.states.DENIED, { exact: true }).first().waitFor()
    await stands(said.officer.caseTitle, language)
  })
})

test('[S-46] [S-49] with the keyboard alone a visitor skips to the content, rejects cookies and opts out', async () => {
  await open('en-GB', undefined, 390)
  await go('/privacy/cookies')
  await page.keyboard.press('Tab')
  expect(await page.locator(':focus').innerText()).toBe('Skip to the content')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  expect(await page.locator(':focus').innerText()).toBe(words.en.cookies.rejectAll)
  await page.keyboard.press('Enter')
  await page.getByText(words.en.cookies.saved).waitFor()
  await go('/privacy/do-not-sell')
  for (let presses = 0; presses < 10 && (await page.locator(':focus').count()) >= 0; presses += 1) {
    await page.keyboard.press('Tab')
    if ((await page.locator(':focus').innerText()) === words.en.sale.button) break
  }
  await page.keyboard.press('Enter')
  await page.getByText(words.en.sale.done).waitFor()
  expect(await violations()).toEqual([])
})

test('[S-04] in the dark and on a small screen every open page can be read, and nothing sticks out', async () => {
  context = await chrome.newContext({ colorScheme: 'dark', javaScriptEnabled: false, viewport: { width: 320, height: 800 } })
  page = await context.newPage()
  for (const path of ['/privacy', '/privacy/cookies', '/privacy/policy', '/privacy/requests/new', '/privacy/requests/new?type=OBJECTION', '/']) {
    await go(path)
    expect(await violations('dark')).toEqual([])
    const { width } = (await page.locator('body').boundingBox()) ?? { width: 0 }
    expect(width).toBeLessThanOrEqual(320)
    expect(await page.locator('html').evaluate((element) => element.scrollWidth)).toBeLessThanOrEqual(320)
  }
})
