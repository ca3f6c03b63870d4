import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { grantRole, revokeRole } from '../../src/privacy/roles.ts'
import type { Person } from '../support/app.ts'
import { type Browser, webApp } from '../support/web.ts'
import { browserOf, type Kith, linkIn, look, send } from './support.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
let kith: Kith
let ada: Person
let olga: Person
let holder: Browser
let officer: Browser

beforeAll(async () => {
  kith = Object.assign(await webApp({ clock }), { clock })
})
afterAll(() => kith.close())
beforeEach(async () => {
  clock.advance({ hours: 24 })
  ada = await kith.signUp()
  olga = await kith.signUp()
  await grantRole(systemCtx(kith.app, olga.ownerId, 'test'), olga.ownerId, 'privacy-officer')
  holder = browserOf(kith, ada)
  officer = browserOf(kith, olga)
})

/** A request that an officer decides on; gives the path of its case. */
const askForCorrection = async (text = 'My name is misspelled.'): Promise<string> => {
  const page = await send(holder, '/privacy/requests/new', { type: 'RECTIFICATION', regime: 'GDPR', text })
  const [, id] = /action="\/privacy\/requests\/([0-9a-f-]{36})"/.exec(page.text) ?? expect.fail('There is no request.')
  return `/privacy/officer/${id}`
}
const refusal = {
  do: 'decide',
  part0: 'everything',
  outcome0: 'REFUSED',
  reason0: 'DATA_ACCURATE',
  explanation0: 'It says what your passport says.',
  complaint0: 'The authority in Berlin.',
  remedy0: 'The courts.',
}
const lettersTo = (who: Person): string =>
  kith.mails
    .filter(({ to }) => to === who.email)
    .map(({ text }) => text)
    .join()

describe('an officer, with nothing but forms', () => {
  test('[S-25] [F-14] finds what is due, reads it, and that they did is written down', async () => {
    const path = await askForCorrection('<img src=x> My name & that.')
    const queue = await look(officer, '/privacy/officer')
    expect(queue.text).toContain(path)
    expect(queue.text).toMatch(/A correction[^]*being assessed[^]*July 2026/)
    const read = await look(officer, path)
    expect(read.text).toContain('&lt;img src=x&gt; My name &amp; that.')
    expect(read.text).not.toContain('<img src=x>')
    expect(read.text).toContain(ada.email)
    const { rows } = await kith.app.database.pool.query(`SELECT count(*)::int AS reads FROM events WHERE type = 'privacyRequest.read' AND "entityId" = $1`, [
      path.split('/').at(-1),
    ])
    expect(rows[0].reads).toBeGreaterThan(0)
    clock.advance({ hours: 24 * 60 })
    expect((await look(officer, '/privacy/officer?overdue')).text).toContain('late')
    await revokeRole(systemCtx(kith.app, olga.ownerId, 'test'), olga.ownerId, 'privacy-officer')
  })

  test('[S-25] refuses with reasons or not at all, and the person reads them in the letter and on their page', async () => {
    const path = await askForCorrection()
    const bare = await send(officer, `${path}?lang=de`, { ...refusal, explanation0: '', remedy0: '' })
    expect(bare.status).toBe(422)
    expect(bare.text).toContain('Erklären Sie die Ablehnung in Worten für die Person.')
    expect(bare.text).toContain('Sagen Sie, welcher Rechtsbehelf besteht.')
    const uncited = await send(officer, path, { ...refusal, reason0: 'LEGAL_OBLIGATION' })
    expect([uncited.status, uncited.text.includes('Cite what the refusal rests on.')]).toEqual([422, true])
    const done = await send(officer, path, refusal)
    expect(done.text).toContain('<strong>refused</strong>')
    await kith.runJobs()
    expect(lettersTo(ada)).toContain('It says what your passport says.')
    const own = await look(holder, path.replace('officer', 'requests'))
    expect(own.text).toContain('It says what your passport says.')
    expect(own.text).toContain('The authority in Berlin.')
    expect(own.text).toContain('The courts.')
  })

  test('[S-25] grants a part and refuses another, takes more time once with a reason, writes notes, and opens a closed one again', async () => {
    const path = await askForCorrection()
    expect((await send(officer, path, { do: 'extend', reason: ' ' })).status).toBe(422)
    const extended = await send(officer, path, { do: 'extend', reason: 'Many tables.' })
    expect(extended.text).not.toContain('value="extend"')
    expect((await send(officer, path, { do: 'extend', reason: 'Still more.' })).status).toBe(409)
    expect((await send(officer, path, { do: 'note', reason: 'Called the registry.' })).text).toContain('Called the registry.')
    await kith.runJobs()
    expect(lettersTo(ada)).toContain('Many tables.')
    const part = { ...Object.fromEntries(Object.entries(refusal).map(([name, value]) => [name.replace('0', '1'), value])), part1: 'notes' }
    const decided = await send(officer, path, { ...part, do: 'decide', part0: 'names', outcome0: 'GRANTED' })
    expect(decided.text).toContain('<strong>approved in part</strong>')
    expect((await look(holder, path.replace('officer', 'requests'))).text).not.toContain('Called the registry.')
    const other = await askForCorrection('Something else.')
    await send(officer, other, refusal)
    expect((await send(officer, other, { do: 'reopen', reason: 'A new passport.' })).text).toContain('<strong>being assessed</strong>')
  })

  test('[S-56] notes how a guardian has proven who they are, for a request without an account', async () => {
    const stranger = browserOf(kith)
    const form = {
      type: 'MINOR_ERASURE',
      requester: 'GUARDIAN',
      regime: 'GDPR',
      address: 'parent@example.test',
      identifiers: 'child@example.test',
      key: '0123456789abcdef',
    }
    await send(stranger, '/privacy/requests/new', form)
    await kith.runJobs()
    const token = new URL(linkIn(kith, 'parent@example.test')).searchParams.get('token') ?? ''
    const path = `/privacy/officer/${token.split('.')[0]}`
    expect((await send(officer, path, { do: 'prove', level: '9', method: 'x' })).status).toBe(422)
    const proven = await send(officer, path, { do: 'prove', level: '4', method: 'SIGNED_DECLARATION' })
    expect(proven.text).toContain('level 4 of 4 that is needed')
  })
})

describe('without the role', () => {
  test('[S-28] there is nothing to see or do', async () => {
    const path = await askForCorrection()
    for (const page of ['/privacy/officer', path, `${path}x`]) expect((await look(holder, page)).status).toBe(404)
    for (const what of ['decide', 'note', 'extend', 'prove', 'reopen', 'lift', 'announce lift'])
      expect((await holder.submit(path, { ...refusal, do: what, reason: 'because', level: '4', method: 'LETTER_SEEN' })).status).toBe(404)
    expect((await look(holder, '/privacy')).text).not.toContain('/privacy/officer')
    expect((await look(officer, '/privacy')).text).toContain('/privacy/officer')
    const foreign = await officer.submit(path, refusal, { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' })
    expect(foreign.status).toBe(403)
  })
})
