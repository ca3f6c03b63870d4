import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importArchive } from '../../src/archive/service.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { fillAccount } from './fill.ts'
import { fetchArchive, recordsIn, unpack } from './support.ts'

const clock = fixedClock('2026-05-04T10:00:00Z')
let kith: TestApp
beforeAll(async () => {
  kith = await testApp({ clock })
})
afterAll(() => kith.close())

/** The models that an archive brings back, as the application declares them. */
const models = () => kith.app.restorings.map(({ model }) => model)

async function saved(zip: Buffer): Promise<string> {
  const path = join(kith.app.config.dataDir, `${Math.random()}.zip`)
  await writeFile(path, zip)
  return path
}

test.each(['ACCESS', 'PORTABILITY'] as const)(
  'S-23: an archive for %s that is brought into an empty account is equal when it is exported again',
  async (type) => {
    const ada = await kith.signUp({ timeZone: 'Europe/Paris', region: 'SE', locale: 'sv-SE' })
    await fillAccount(ada)
    await kith.runJobs()
    const first = await unpack(await fetchArchive(kith, ada, type))
    const second = await kith.signUp()
    const report = await importArchive(second.ctx, await saved(await fetchArchive(kith, ada, type)))
    await kith.runJobs()
    expect(report.signature).toBe('OURS')
    const again = await unpack(await fetchArchive(kith, second, type))
    for (const model of models()) {
      const [mine, theirs] = [recordsIn(first, model), recordsIn(again, model)]
      if (model === 'Account') {
        const settings = ['locale', 'timeZone', 'region', 'sendTime', 'weeklyDigest']
        for (const name of settings) expect(theirs[0][name], name).toEqual(mine[0][name])
        continue
      }
      expect(mine.length, `${model} is tried`).toBeGreaterThan(0)
      expect(theirs, model).toEqual(mine)
    }
    for (const path of [
      'data/contacts/contacts.vcf',
      'data/contacts/contacts.csv',
      'data/contacts/contacts.jscontact.json',
      'data/calendar/reminders.ics',
      'data/calendar/interactions.ics',
      'data/calendar/notes.ics',
    ])
      expect(String(again.get(path)), path).toBe(String(first.get(path)))
    expect([...again.keys()].filter((path) => path.startsWith('data/attachments/'))).toEqual(
      [...first.keys()].filter((path) => path.startsWith('data/attachments/')),
    )
  },
)

test('S-23: what was brought in is found, reminds and falls due as what was written there', async () => {
  const ada = await kith.signUp()
  await fillAccount(ada)
  const second = await kith.signUp()
  await importArchive(second.ctx, await saved(await fetchArchive(kith, ada)))
  await kith.runJobs()
  const { data } = await second.graphql('{ contacts(first: 10, search: "tulips") { nodes { displayName lastInteractionAt } } }')
  expect(data.contacts.nodes).toEqual([{ displayName: expect.stringContaining('Łovelace'), lastInteractionAt: '2026-05-01T10:00:00.000Z' }])
  const before = kith.mails.filter((mail) => mail.to === second.email).length
  clock.advance({ hours: 4 * 24 })
  await kith.runJobs()
  expect(kith.mails.filter((mail) => mail.to === second.email).length).toBeGreaterThan(before)
})
