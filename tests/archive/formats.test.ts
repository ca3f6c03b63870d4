import ICAL from 'ical.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse as parseVcard4 } from 'vcard4'
import { fixedClock } from '../../src/core/clock.ts'
import { timeZoneComponent } from '../../src/core/iCalendar.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { fillAccount } from './fill.ts'
import { fetchArchive, type Unpacked, unpack } from './support.ts'

let kith: TestApp
let files: Unpacked
beforeAll(async () => {
  kith = await testApp({ clock: fixedClock('2026-05-04T10:00:00Z') })
  const who = await kith.signUp()
  await fillAccount(who)
  await kith.runJobs()
  files = await unpack(await fetchArchive(kith, who))
})
afterAll(() => kith.close())

test('[S-23] vCards are taken by two readers that were not written here, and say what the records say', () => {
  const text = String(files.get('data/contacts/contacts.vcf'))
  const cards = parseVcard4(text)
  expect(Array.isArray(cards) ? cards.length : 1).toBe(4)
  const names = (ICAL.parse(text) as [string, unknown[][]][]).flatMap(([, properties]) =>
    properties.filter(([name]) => name === 'fn').map((property) => property[3]),
  )
  expect(names).toEqual(expect.arrayContaining(['Archived', 'Bob', 'Carded']))
  expect(text).toContain('PHOTO')
})

test('[S-23] calendars are taken by a reader that was not written here, with every task, meeting and note', () => {
  const read = (path: string) => new ICAL.Component(ICAL.parse(String(files.get(path))))
  const todos = read('data/calendar/reminders.ics').getAllSubcomponents('vtodo')
  const summaries = todos.map((todo) => todo.getFirstPropertyValue('summary'))
  expect(summaries.toSorted()).toEqual(['All day', 'Call Ada', 'Done', 'Snoozed'])
  const call = todos.find((todo) => todo.getFirstPropertyValue('summary') === 'Call Ada')!
  expect(String(call.getFirstPropertyValue('rrule'))).toBe('FREQ=MONTHLY;COUNT=10;BYDAY=1MO')
  expect(call.getFirstPropertyValue('description')).toBe('about\nthe choir')
  expect(call.getFirstSubcomponent('valarm')?.getFirstPropertyValue('action')).toBe('DISPLAY')
  const events = read('data/calendar/interactions.ics').getAllSubcomponents('vevent')
  expect(events.map((event) => event.getFirstPropertyValue('summary')).toSorted()).toEqual(['A call, about; things', 'Meeting (Bob)'])
  const journals = read('data/calendar/notes.ics').getAllSubcomponents('vjournal')
  expect(journals.map((journal) => journal.getFirstPropertyValue('description'))).toContain('# Met\n\n- tulips')
})

test('[S-23] a task is due when it is due here, told by its zone alone', () => {
  const calendar = new ICAL.Component(ICAL.parse(String(files.get('data/calendar/reminders.ics'))))
  const zone = new ICAL.Timezone(calendar.getAllSubcomponents('vtimezone').find((each) => each.getFirstPropertyValue('tzid') === 'Europe/Berlin')!)
  const call = calendar.getAllSubcomponents('vtodo').find((todo) => todo.getFirstPropertyValue('summary') === 'Call Ada')!
  const start = call.getFirstPropertyValue('dtstart') as ICAL.Time
  start.zone = zone
  expect(start.toJSDate().toISOString()).toBe('2026-06-01T07:30:00.000Z')
})

test.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Africa/Casablanca'])(
  'the offsets told of %s are those that hold there',
  (name) => {
    const zone = new ICAL.Timezone(
      new ICAL.Component(ICAL.parse(`BEGIN:VCALENDAR\r\nVERSION:2.0\r\n${timeZoneComponent(name, 2024, 2028)}END:VCALENDAR\r\n`)).getFirstSubcomponent(
        'vtimezone',
      )!,
    )
    for (let day = Temporal.PlainDateTime.from('2024-01-01T12:00'); day.year < 2028; day = day.add({ days: 11 })) {
      const time = ICAL.Time.fromDateTimeString(day.toString({ smallestUnit: 'second' }))
      expect(zone.utcOffset(time), day.toString()).toBe(day.toZonedDateTime(name).offsetNanoseconds / 1e9)
    }
  },
)

test('[S-23] JSContact cards have what RFC 9553 demands of each', () => {
  const cards = JSON.parse(String(files.get('data/contacts/contacts.jscontact.json')))
  expect(cards).toHaveLength(4)
  for (const card of cards) expect(card).toMatchObject({ '@type': 'Card', version: '1.0', uid: expect.stringMatching(/./), name: { full: expect.any(String) } })
  const ada = cards.find(({ name }: { name: { full: string } }) => name.full.includes('Łovelace'))
  expect(ada).toMatchObject({ keywords: { Friends: true, Chöir: true }, emails: { e1: { address: 'Ada@Example.test', contexts: { work: true }, pref: 1 } } })
})

test('[S-23] the page asks nobody for anything, runs nothing, and says what each table and column is', () => {
  const page = String(files.get('data/index.html'))
  expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|https?:\/\/|javascript:/i)
  expect(page).toMatch(/<html lang="en">/)
  expect(page).toMatch(/<caption>/)
  expect(page.match(/<th scope="col">/g)).toHaveLength(3)
  for (const [, href = ''] of page.matchAll(/<a href="([^"]+)"/g)) if (!href.startsWith('mailto:')) expect(files.has(`data/${href}`), href).toBe(true)
})

test('[S-23] equal data make equal bytes', async () => {
  const who = await kith.signUp()
  await fillAccount(who)
  const { buildArchive } = await import('../../src/archive/build.ts')
  const { openFile } = await import('../../src/vault/sealedFile.ts')
  const requestId = '018f0000-0000-7000-8000-000000000001'
  const made: Buffer[] = []
  for (let time = 0; time < 2; time += 1) {
    await kith.app.database.prisma.archive.deleteMany({ where: { ownerId: who.ownerId } })
    await buildArchive(who.ctx, { ownerId: who.ownerId, requestId, scope: 'PORTABILITY', whose: { kind: 'HOLDER', ownerId: who.ownerId } })
    const { blobKey } = await kith.app.database.prisma.archive.findFirstOrThrow({ where: { ownerId: who.ownerId } })
    made.push(Buffer.concat(await Array.fromAsync(openFile(await kith.app.vault.of(who.ownerId), blobKey!, await kith.app.blobs.getStream(blobKey!)))))
  }
  expect(made[1]!.equals(made[0]!)).toBe(true)
})
