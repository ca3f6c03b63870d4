import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { erasurePlan, standing, verifyCertificate } from '../../src/erasure/service.ts'
import { outcomes } from '../../src/erasure/outcome.ts'
import { retentionText } from '../../src/policy/dataMap.ts'
import type { AnyPolicy } from '../../src/policy/policy.ts'
import { tablesOf } from '../../src/policy/tables.ts'
import { words } from '../../src/privacyCentre/words/words.ts'
import type { PublicJwk } from '../../src/vault/jws.ts'
import type { Person } from '../support/app.ts'
import { webApp } from '../support/web.ts'
import { makeWorld } from '../support/world.ts'
import { browserOf, hidden, type Kith, linkIn, look, send } from './support.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
let kith: Kith
let ada: Person

beforeAll(async () => {
  kith = Object.assign(await webApp({ clock }), { clock })
})
afterAll(() => kith.close())
beforeEach(async () => {
  clock.advance({ hours: 24 * 30 })
  ada = await kith.signUp()
})

/** The rows of a page's tables: what the first cell says, and the others. */
const rowsIn = (text: string): Map<string, string[]> =>
  new Map(
    [...text.matchAll(/<tr>\s*<th scope="row">([^<]*)<\/th>((?:\s*<td>[^<]*<\/td>)*)/g)].map(([, name = '', cells = '']) => [
      name,
      [...cells.matchAll(/<td>([^<]*)<\/td>/g)].map(([, cell = '']) => cell),
    ]),
  )

test('[S-21] what a deletion will do is read before it is asked for: every count of the plan that is carried out, what is kept, why and how long', async () => {
  await makeWorld(kith, ada)
  const form = '/privacy/requests/new?type=ERASURE'
  expect((await look(browserOf(kith), form)).text).not.toContain(words.en.erasure.planTitle)
  for (const language of ['en', 'de'] as const) {
    const { text } = await look(browserOf(kith, ada), `${form}&lang=${language}`)
    const { items, version } = await erasurePlan(ada.ctx)
    const rows = rowsIn(text.replaceAll('&#39;', "'"))
    const { names, erasure } = words[language]
    for (const { name, about, count, what, kept } of items) {
      const said = (erasure.copies as Record<string, string>)[name] ?? names.models?.[name as 'Note'] ?? about
      if (count === 0) {
        expect(rows.has(said), said).toBe(false)
        if (what !== 'EVIDENCE') expect(text.replaceAll('&#39;', "'"), said).toContain(`<li>${said}</li>`)
        continue
      }
      const cells = rows.get(said) ?? expect.fail(`${name} is not on the page.`)
      // Holding the page open is itself counted: sessions and events go on.
      if (!['Session', 'Event', 'RateLimit'].includes(name)) expect(cells[0], name).toBe(new Intl.NumberFormat(language).format(count))
      if (what === 'EVIDENCE') for (const { ground } of kept) expect(cells[1]).toContain(names.bases[ground])
    }
    for (const { name, what } of standing) expect(rows.has(names.kept?.[name]?.what ?? what)).toBe(true)
    expect(text).toContain(version.slice(0, 16))
    expect(text.indexOf(erasure.planTitle)).toBeLessThan(text.indexOf(words[language].requests.submit))
  }
})

test('[S-21] who has to sign in once more reads the plan where they confirm', async () => {
  clock.advance({ minutes: 11 })
  const asked = await send(browserOf(kith, ada), '/privacy/requests/new', { type: 'ERASURE', regime: 'GDPR', delayHours: '24' })
  expect(asked.text).toContain(words.en.requests.confirm)
  expect(asked.text).toContain(words.en.erasure.planTitle)
})

test('[S-21] [S-04] everything that an erasure may keep is explained in German too', () => {
  const { whys, kept, models } = words.de.names
  for (const { model, what, kept: columns } of outcomes(kith.app.policies, tablesOf(kith.app))) {
    if (what !== 'EVIDENCE') continue
    expect(models?.[model], model).toBeTruthy()
    const policy = kith.app.policies[model] as AnyPolicy
    for (const { name } of columns) {
      const retention = policy.columns[name]?.retention ?? policy.retention
      if (retention !== 'ACCOUNT') expect(whys, retentionText(retention)).toHaveProperty([retention.why])
    }
  }
  for (const { name } of standing) expect(kept, name).toHaveProperty([name])
})

test('[S-21] [F-38] the page of a deletion that is done says what its certificate says, and hands it out, to be verified with the published keys', async () => {
  await makeWorld(kith, ada)
  const asked = await send(browserOf(kith, ada), '/privacy/requests/new', { type: 'ERASURE', regime: 'GDPR', delayHours: '0' })
  expect(asked.text).not.toContain(words.en.erasure.certificateTitle)
  const plan = /<code>([0-9a-f]{16})<\/code>/.exec((await look(browserOf(kith, await kith.signUp()), '/privacy/requests/new?type=ERASURE')).text)?.[1]
  clock.advance({ minutes: 1 })
  await kith.runJobs()
  for (const language of ['en', 'de'] as const) {
    const { text } = await look(browserOf(kith), `${linkIn(kith, ada.email)}&lang=${language}`)
    const { erasure, names } = words[language]
    expect(text).toContain(erasure.certificateTitle)
    const file = await look(browserOf(kith), /href="(\/privacy\/certificate\?token=[^"]*)"/.exec(text)?.[1] ?? expect.fail('There is no link.'))
    const { keys } = JSON.parse((await look(browserOf(kith), '/.well-known/jwks.json')).text) as { keys: PublicJwk[] }
    const body = verifyCertificate(file.text, keys)
    expect(body.plan.slice(0, 16)).toBe(plan)
    expect(text).toContain(erasure.records(new Intl.NumberFormat(language).format(body.erased.reduce((sum, { before }) => sum + before, 0))))
    expect(text).toContain(erasure.searchedIn(String(body.check.tables)))
    for (const { name } of body.retained) expect(text).toContain((names.models?.[name as 'Note'] ?? names.kept?.[name]?.what ?? '').replaceAll("'", '&#39;'))
    expect(file.headers.get('content-disposition')).toContain(`erasure-${body.request}.jws`)
    expect(text).toContain(`erasure-${body.request}.jws`)
    for (const secret of [ada.email, ada.ownerId]) expect(text).not.toContain(secret)
  }
  // What was withdrawn or is of another kind has none.
  const other = await send(browserOf(kith), '/privacy/requests/new', {
    type: 'COMPLAINT',
    address: 'q@example.test',
    requester: 'SELF',
    regime: 'GDPR',
    key: 'k'.repeat(20),
    text: 'Why?',
  })
  expect(hidden(other, 'token')).toBeTruthy()
  expect(other.text).not.toContain(words.en.erasure.certificateTitle)
})
