import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readAge } from '../../src/accounts/age.ts'
import { systemClock, type Clock } from '../../src/core/clock.ts'
import { type Browser, locationOf, openBrowser, type WebApp, webApp } from '../support/web.ts'

const today = Temporal.PlainDate.from('2026-06-15')

describe('[F-04] [S-53] thirteen by the calendar', () => {
  test.each([
    ['2013-06-14', '2026-06-15', 'OLD_ENOUGH'],
    ['2013-06-15', '2026-06-15', 'OLD_ENOUGH'],
    ['2013-06-16', '2026-06-15', 'TOO_YOUNG'],
    ['2012-02-29', '2025-02-28', 'TOO_YOUNG'],
    ['2012-02-29', '2025-03-01', 'OLD_ENOUGH'],
    ['2016-02-29', '2029-02-28', 'TOO_YOUNG'],
    ['2000-02-29', '2013-03-01', 'OLD_ENOUGH'],
    ['2011-12-31', '2024-12-30', 'TOO_YOUNG'],
    ['2011-12-31', '2024-12-31', 'OLD_ENOUGH'],
    ['2026-06-15', '2026-06-15', 'TOO_YOUNG'],
  ])('born on %s, on %s: %s', (born, on, answer) => {
    expect(readAge(born, Temporal.PlainDate.from(on))).toBe(answer)
  })

  test.each(['', '2013', '15.6.1990', '1990-02-30', '2013-02-29', '2026-06-16', '1890-01-01', '1990-06-15T00:00', '-001990-01-01'])(
    '%j is no date of birth',
    (text) => {
      expect(readAge(text, today)).toBe('NO_DATE')
    },
  )
})

describe('the question on the welcome page', () => {
  let offset = Temporal.Duration.from('PT0S')
  const clock: Clock = { now: () => systemClock.now().add(offset) }
  let kith: WebApp
  let browser: Browser
  let people = 0
  let person: string

  beforeAll(async () => {
    kith = await webApp({ clock })
  })
  afterAll(() => kith.close())
  beforeEach(() => {
    offset = Temporal.Duration.from('PT0S')
    browser = openBrowser(kith.origin)
    person = `young${(people += 1)}@example.test`
    kith.google.world.addAccount({ email: person, givenName: 'Young', familyName: 'Person' })
  })

  const toWelcome = async (who = person) => browser.open((await kith.google.consent(locationOf(await browser.open('/auth/google')), { account: who })).href)
  const birthday = (years: number, days: number) => clock.now().toZonedDateTimeISO('UTC').toPlainDate().subtract({ years }).add({ days }).toString()
  const answer = (birthDate: string) => browser.submit('/welcome', { birthDate, timeZone: 'Europe/Berlin', region: 'DE', locale: 'de-DE', decision: 'create' })
  const everything = async () => {
    const { rows } = await kith.app.database.pool.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'rate_limits'`,
    )
    return (
      await Promise.all(
        rows.map(async ({ name }) => (await kith.app.database.pool.query(`SELECT t::text AS row FROM ${name} AS t`)).rows.map(({ row }) => row as string)),
      )
    )
      .flat()
      .join('\n')
  }

  test('[F-04] [S-53] is neutral: neither it nor a refusal hints at the age that counts', async () => {
    await toWelcome()
    const question = await (await browser.open('/welcome')).text()
    const refusal = await answer(birthday(12, 0))
    expect(refusal.status).toBe(403)
    for (const said of [question, await refusal.text()])
      expect(said.replaceAll(/<style[\s\S]*?<\/style>|<svg[\s\S]*?<\/svg>|data:image[^"]*|<datalist[\s\S]*?<\/datalist>|nonce="[^"]*"/g, '')).not.toMatch(
        /\b1[2-8]\b|thirteen|child|young enough|old enough|minor|parent|min="/i,
      )
  })

  test('[F-04] [S-53] [S-54] turns away who is too young before anything of them is written down', async () => {
    const before = await everything()
    await toWelcome()
    expect((await answer(birthday(13, 1))).status).toBe(403)
    const after = await everything()
    expect(after).not.toContain(person)
    expect(after).not.toContain('Young Person')
    expect(after.length).toBe(before.length)
    expect([...browser.cookies.keys()].filter((name) => /session|welcome/.test(name))).toEqual([])
  })

  test('[F-04] lets in who is old enough on that day, and keeps no date', async () => {
    await toWelcome()
    const born = birthday(13, 0)
    expect(locationOf(await answer(born))).toBe('/')
    expect(await everything()).not.toContain(born)
  })

  test('[F-04] [S-53] gives no second try with another age, nor by signing in anew, until a day is over', async () => {
    await toWelcome()
    const pending = new Map(browser.cookies)
    await answer(birthday(12, 0))
    // With the cookie of the sign-up put back, too.
    for (const [name, value] of pending) browser.cookies.set(name, value)
    expect((await answer('1990-01-01')).status).toBe(403)
    await toWelcome()
    expect((await browser.open('/welcome')).status).toBe(403)
    await toWelcome()
    expect((await answer('1990-01-01')).status).toBe(403)
    expect(await everything()).not.toContain(person)
    const marker = [...browser.cookies].find(([name]) => name.includes('_age_'))?.[1] ?? ''
    expect(Buffer.from(marker, 'base64url').toString('latin1')).not.toContain(person)
    offset = Temporal.Duration.from({ hours: 24, seconds: 1 })
    await toWelcome()
    expect(locationOf(await answer('1990-01-01'))).toBe('/')
  })

  test('[F-04] does not stand in the way of who has an account', async () => {
    await toWelcome()
    await answer('1990-01-01')
    const other = `other${people}@example.test`
    kith.google.world.addAccount({ email: other, givenName: 'Other', familyName: 'Person' })
    await toWelcome(other)
    await answer(birthday(5, 0))
    expect(locationOf(await toWelcome())).toBe('/')
  })

  test('[F-04] without a date, asks again and keeps what was typed', async () => {
    await toWelcome()
    const again = await answer('1990-02-31')
    const page = await again.text()
    expect([again.status, page.includes('value="1990-02-31"'), page.includes('Give the day, month and year')]).toEqual([422, true, true])
  })
})
