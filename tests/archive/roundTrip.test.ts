import fc from 'fast-check'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importArchive } from '../../src/archive/service.ts'
import { createContact } from '../../src/contacts/service.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { createNote } from '../../src/notes/service.ts'
import { createReminder } from '../../src/reminders/service.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { done } from '../support/crm.ts'
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
  '[S-13] [S-23] an archive for %s that is brought into an empty account is equal when it is exported again',
  async (type) => {
    const ada = await kith.signUp({ timeZone: 'Europe/Paris', region: 'SE', locale: 'sv-SE' })
    await fillAccount(ada)
    await done(ada, 'accountUpdate', { input: { sendTime: '06:45', weeklyDigest: true } })
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
        const settings = { locale: 'sv-SE', timeZone: 'Europe/Paris', region: 'SE', sendTime: '06:45', weeklyDigest: true }
        expect(mine).toMatchObject([settings])
        expect(theirs).toMatchObject([settings])
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

test('[S-23] what was brought in is found, reminds and falls due as what was written there', async () => {
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

/** Any text that is kept as it is typed: no control characters, nothing to be trimmed, no half of a character. */
const anyText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).map((text) => `x${text.replaceAll(/\p{C}/gu, '')}y`)
const anyContact = fc.record({
  displayName: anyText,
  about: fc.option(anyText, { nil: undefined }),
  starred: fc.boolean(),
  emails: fc.uniqueArray(fc.emailAddress(), { maxLength: 3, selector: (address) => address.toLowerCase() }).map((list) => list.map((address) => ({ address }))),
  phones: fc.uniqueArray(fc.integer({ min: 1_000_000, max: 99_999_999 }), { maxLength: 2 }).map((list) => list.map((number) => ({ number: `+4930${number}` }))),
  customFields: fc.uniqueArray(fc.record({ name: anyText, value: anyText }), { maxLength: 3, selector: ({ name }) => name.toLowerCase() }),
  dates: fc.array(fc.record({ kind: fc.constant('OTHER' as const), label: anyText, date: fc.record({ year: fc.integer({ min: 1, max: 9999 }) }) }), {
    maxLength: 2,
  }),
  tags: fc.uniqueArray(fc.constantFrom('one', 'two', 'drei', 'čtyři'), { maxLength: 3 }),
})

test('[S-23] whatever people write comes back as they wrote it', async () => {
  const who = await kith.signUp()
  const seed = 20_260_504
  const contacts = fc.sample(anyContact, { numRuns: 60, seed })
  const texts = fc.sample(anyText, { numRuns: 60, seed })
  for (const [index, input] of contacts.entries()) {
    const contactId = await createContact(who.ctx, input)
    await createNote(who.ctx, { contactId, body: texts[index] ?? 'x' })
    await createReminder(who.ctx, { contactId, title: texts.at(-index) ?? 'x', dueAt: '2027-03-28T02:30', timeZone: 'Europe/Berlin' })
  }
  const zip = await fetchArchive(kith, who)
  const second = await kith.signUp()
  await importArchive(second.ctx, await saved(zip))
  const [mine, theirs] = [await unpack(zip), await unpack(await fetchArchive(kith, second))]
  for (const model of ['Contact', 'ContactEmail', 'ContactPhone', 'ContactCustomField', 'ContactDate', 'ContactTag', 'Tag', 'Note', 'Reminder']) {
    expect(recordsIn(mine, model).length, model).toBeGreaterThan(3)
    expect(recordsIn(theirs, model), model).toEqual(recordsIn(mine, model))
  }
  expect(
    recordsIn(mine, 'Note')
      .map(({ body }) => body)
      .toSorted(),
  ).toEqual(texts.toSorted())
})
