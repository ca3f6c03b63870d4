import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Browser, locationOf, openBrowser, type WebApp, webApp } from '../support/web.ts'

let kith: WebApp
let browser: Browser
let people = 0

beforeAll(async () => {
  kith = await webApp()
})
afterAll(() => kith.close())
beforeEach(() => {
  browser = openBrowser(kith.origin)
})

/** Signs in at Google as somebody new, having chosen a language on the start page; gives what comes back. */
const toWelcome = async (start: string): Promise<Response> => {
  const email = `new${(people += 1)}@example.test`
  kith.google.world.addAccount({ email, givenName: 'Ada', familyName: 'New' })
  const consent = await kith.google.consent(locationOf(await browser.open(start)), { account: email })
  return browser.open(consent.href)
}

test('[S-04] the start page, the sign-up and what is refused there are read in German, from the first page to the last', async () => {
  const start = await (await browser.open('/?lang=de')).text()
  expect(start).toContain('<html lang="de">')
  expect(start).toContain('Mit Google anmelden')
  const link = /href="(\/auth\/google[^"]*)"/.exec(start)?.[1] ?? expect.fail('There is no way to sign in.')
  const back = await toWelcome(link)
  expect(locationOf(back)).toBe('/welcome?lang=de')
  const welcome = await (await browser.open(locationOf(back))).text()
  expect(welcome).toContain('Willkommen')
  expect(welcome).toContain('>Deutschland</option>')
  expect(welcome).toContain('action="/welcome?lang=de"')
  for (const english of ['Date of birth', 'Make my account', 'Not now', 'Germany']) expect(welcome).not.toContain(english)
  const form = { birthDate: '1990-02-30', timeZone: 'Mars/Olympus', region: 'DE', locale: 'de-DE', decision: 'create' }
  const noDate = await browser.submit('/welcome?lang=de', form)
  expect([noDate.status, (await noDate.text()).includes('Bitte Tag, Monat und Jahr')]).toEqual([422, true])
  const noZone = await browser.submit('/welcome?lang=de', { ...form, birthDate: '1990-02-20' })
  expect([noZone.status, (await noZone.text()).includes('Bitte eine Zeitzone angeben')]).toEqual([422, true])
  expect((await browser.submit('/welcome?lang=de', { ...form, birthDate: '1990-02-20', timeZone: 'Europe/Berlin' })).status).toBe(303)
  const signedIn = await (await browser.open('/?lang=de')).text()
  expect(signedIn).toContain('Sie sind angemeldet')
})

test('[S-04] without a choice they are read as the browser prefers, in English where it asks for neither', async () => {
  for (const [header, said] of [
    ['de-AT,de;q=0.9', 'Mit Google anmelden'],
    ['fr', 'Sign in with Google'],
  ] as const)
    expect(await (await fetch(kith.origin, { headers: { 'accept-language': header } })).text()).toContain(said)
})

test('[S-53] [S-04] whoever is turned away reads so in their language, and nothing of why in either', async () => {
  await toWelcome('/auth/google?lang=de')
  const form = { birthDate: `${Temporal.Now.plainDateISO().year - 9}-01-01`, timeZone: 'UTC', region: 'DE', locale: 'de-DE', decision: 'create' }
  const answer = await (await browser.submit('/welcome?lang=de', form)).text()
  expect(answer).toContain('Wir können für Sie kein Konto anlegen')
  expect(/<main[^>]*>([^]*)<\/main>/.exec(answer)?.[1]).not.toMatch(/13|alt\b|jung|Jahre|young|age\b/)
  expect(await (await browser.open('/auth/google/callback?state=x&code=y')).text()).toContain('That sign-in cannot go on')
  expect(
    await (await fetch(`${kith.origin}/auth/google/callback?state=x&code=y`, { headers: { 'accept-language': 'de', accept: 'text/html' } })).text(),
  ).toContain('Diese Anmeldung kann nicht weitergehen')
})
