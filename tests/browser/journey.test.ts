import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePorts, type RunningKith, serve } from '../process/kith.ts'

let dataDir: string
let kith: RunningKith
let browser: Browser
let page: Page
const foreign: string[] = []
const complaints: string[] = []

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kith-browser-'))
  const [port = 0] = await freePorts(1)
  kith = await serve({ PORT: String(port), KITH_DATA_DIR: dataDir })
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  })
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url())
    if (!['data:', 'blob:'].includes(protocol) && hostname !== '127.0.0.1') foreign.push(request.url())
  })
  page.on('console', (message) => {
    if (message.type() === 'error' && message.location().url.startsWith(kith.url)) complaints.push(message.text())
  })
})

afterAll(async () => {
  await browser?.close()
  kith?.child.kill('SIGTERM')
  await kith?.ended
  await rm(dataDir, { recursive: true, force: true })
})

/** Keeps a picture for the documentation, when asked for. */
async function picture(name: string): Promise<void> {
  if (process.env['KITH_PICTURES']) await page.screenshot({ path: join(process.env['KITH_PICTURES'], `${name}.png`) })
}

test('a new user signs in through Google, makes an account and is asked for a date of birth and nothing more', async () => {
  await page.goto(kith.url)
  await page.getByRole('link', { name: 'Sign in with Google' }).click()
  await page.getByText('grace@example.test').click()
  await page.getByRole('button', { name: 'Allow' }).click()
  await expect.poll(() => page.title()).toContain('Welcome')
  await picture('welcome')
  await page.getByLabel('Date of birth').fill('1990-12-10')
  await page.getByRole('button', { name: 'Make my account' }).click()
  await page.getByText('You are signed in').waitFor()
  expect(await page.getByText('grace@example.test').count()).toBe(1)
})

test('the signed-in user runs an example query in GraphiQL, and the page asks nobody but us', async () => {
  await page.goto(`${kith.url}/graphql`)
  await page.getByRole('button', { name: /execute query/i }).waitFor()
  await page.getByRole('button', { name: /execute query/i }).click()
  const answer = page.locator('.result-window')
  await expect.poll(() => answer.innerText(), { timeout: 30_000 }).toContain('"data"')
  expect(await answer.innerText()).not.toContain('"errors"')
  await picture('graphiql')
  expect(foreign).toEqual([])
  expect(complaints).toEqual([])
})

test('after signing out the browser is nobody', async () => {
  await page.goto(kith.url)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('link', { name: 'Sign in with Google' }).waitFor()
})
