import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importArchive } from '../../src/archive/service.ts'
import { uploadAvatar } from '../../src/avatars/service.ts'
import { archiveContact, createContact } from '../../src/contacts/service.ts'
import { deleteContact } from '../../src/contacts/bin.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { importContacts } from '../../src/exchange/service.ts'
import { setContactFollowUp, setTagFollowUp } from '../../src/followUps/service.ts'
import { logInteraction } from '../../src/interactions/service.ts'
import { createNote } from '../../src/notes/service.ts'
import { completeReminder, createReminder, snoozeReminder } from '../../src/reminders/service.ts'
import { png } from '../avatars/pictures.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { fetchArchive, recordsIn, unpack } from './support.ts'

const clock = fixedClock('2026-05-04T10:00:00Z')
let kith: TestApp
beforeAll(async () => {
  kith = await testApp({ clock })
})
afterAll(() => kith.close())

/** Gives somebody an account with something of everything that people keep. */
export async function fill(who: Person): Promise<void> {
  const { ctx } = who
  const ada = await createContact(ctx, {
    name: { prefix: 'Dr', given: 'Åda', middle: 'M.', family: 'Łovelace', suffix: 'PhD', nickname: 'Addie', phoneticGiven: 'Eida', phoneticFamily: 'Lavlis' },
    about: 'First line\nsecond, with "quotes"; and \\ backslash 🌷',
    starred: true,
    externalReference: 'crm-1',
    emails: [
      { address: 'Ada@Example.test', label: 'work', primary: true },
      { address: 'ada@home.example', label: 'Odd, label' },
    ],
    phones: [{ number: '030 1234567', label: 'home' }],
    addresses: [{ street: 'Mill Lane 1', city: 'Lund', postalCode: '12345', country: 'Sweden', countryCode: 'SE', label: 'home' }],
    urls: [{ url: 'https://ada.example.test/', label: 'blog' }],
    organizations: [{ name: 'Windmill', department: 'Front; desk', title: 'Baker' }],
    dates: [
      { kind: 'BIRTHDAY', date: { month: 2, day: 29 } },
      { kind: 'OTHER', label: 'Met', date: { year: 2019 } },
    ],
    customFields: [{ name: 'Shoe size', value: '=38+1' }],
    tags: ['Friends', 'Chöir'],
  })
  const bob = await createContact(ctx, {
    displayName: 'Bob',
    emails: [{ address: 'bob@example.test' }],
    relations: [{ contactId: ada, kind: 'friend' }],
    tags: ['friends'],
  })
  const binned = await createContact(ctx, { displayName: 'Binned', about: 'gone soon' })
  await archiveContact(ctx, await createContact(ctx, { displayName: 'Archived' }), true)
  await uploadAvatar(ctx, ada, png(10, 10))
  await createNote(ctx, { contactId: ada, body: '# Met\n\n- tulips', pinned: true })
  await createNote(ctx, { contactId: binned, body: 'hidden note' })
  await createReminder(ctx, {
    contactId: ada,
    title: 'Call Ada',
    details: 'about\nthe choir',
    dueAt: '2026-06-01T09:30',
    timeZone: 'Europe/Berlin',
    recurrence: 'FREQ=MONTHLY;BYDAY=1MO;COUNT=10',
  })
  await completeReminder(ctx, (await createReminder(ctx, { title: 'All day', dueAt: '2026-05-20', allDay: true, recurrence: 'FREQ=YEARLY' })).id)
  await completeReminder(ctx, (await createReminder(ctx, { title: 'Done', dueAt: '2026-05-05T10:00' })).id)
  const snoozed = await createReminder(ctx, { contactId: bob, title: 'Snoozed', dueAt: '2026-05-06T10:00' })
  await snoozeReminder(ctx, snoozed.id, new Date('2026-05-07T10:00:00Z'))
  await logInteraction(ctx, {
    kind: 'CALL',
    direction: 'INBOUND',
    contactIds: [ada, bob],
    occurredAt: new Date('2026-05-01T10:00:00Z'),
    subject: 'A call, about; things',
    note: 'They rang',
  })
  await logInteraction(ctx, { kind: 'MEETING', contactIds: [bob], occurredAt: new Date('2026-04-01T10:00:00Z'), endedAt: new Date('2026-04-01T11:00:00Z') })
  await setContactFollowUp(ctx, ada, 'P3M')
  await setTagFollowUp(ctx, 'Friends', 'P1M')
  await importContacts(ctx, {
    format: 'VCARD',
    content: 'BEGIN:VCARD\nVERSION:4.0\nUID:card-1\nFN:Carded\nNOTE:Imported\nX-OWN:kept\nEMAIL:carded@example.test\nEND:VCARD\n',
  })
  await deleteContact(ctx, binned)
}

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
    await fill(ada)
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
  await fill(ada)
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
