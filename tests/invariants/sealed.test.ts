import { randomBytes, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { putMeetings } from '../../src/calendar/meetings.ts'
import { scheduleEvent } from '../../src/calendar/scheduling.ts'
import { createContact, updateContact } from '../../src/contacts/service.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { policies } from '../../src/domains.ts'
import { inTransaction } from '../../src/events/service.ts'
import { importContacts } from '../../src/exchange/service.ts'
import { putMessages } from '../../src/gmail/mirror.ts'
import { connectWithTokens } from '../../src/google/service.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { logInteraction } from '../../src/interactions/service.ts'
import { mergeContacts } from '../../src/merges/service.ts'
import { createNote, updateNote } from '../../src/notes/service.ts'
import { decide, note } from '../../src/privacy/officers.ts'
import { submit, submitOpenly } from '../../src/privacy/requests.ts'
import { grantRole } from '../../src/privacy/roles.ts'
import { createReminder } from '../../src/reminders/service.ts'
import { type TestApp, testApp } from '../support/app.ts'

const clock = fixedClock('2026-05-04T10:00:00Z')
const { directory } = inject('postgres')
const logged: string[] = []
const payloads: string[] = []
const statements: string[] = []
let kith: TestApp

beforeAll(async () => {
  kith = await testApp({ clock, onQuery: (text) => statements.push(text), log: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }) })
  const { send } = kith.app.queue
  kith.app.queue.send = async (name, payload) => {
    payloads.push(JSON.stringify(payload))
    await send(name, payload)
  }
})
afterAll(() => kith.close())

/** Nothing else in the world contains it, in capitals or without. */
const mark = `zq${randomBytes(6).toString('hex')}`
const planted = new Map<string, number>()
/** A value that goes into a sealed column. */
function plant(...columns: string[]): string {
  for (const column of columns) planted.set(column, (planted.get(column) ?? 0) + 1)
  return `${mark}x${[...planted.values()].reduce((sum, each) => sum + each, 0)} and more`
}

/** Sealed columns that no program writes yet. */
const unwritten = new Set<string>([])

test('[S-27] no value of a sealed column stands in the database’s files, a log, a statement or a job’s payload', { timeout: 120_000 }, async () => {
  const who = await kith.signUp()
  const { ctx } = who
  const contactIds: string[] = []
  for (let index = 0; index < 10; index += 1) {
    const contactId = await createContact(ctx, {
      name: { given: `Given ${index}` },
      about: plant('Contact.about'),
      customFields: [{ name: plant('ContactCustomField.name'), value: plant('ContactCustomField.value') }],
    })
    contactIds.push(contactId)
    const note = await createNote(ctx, { contactId, body: plant('Note.body') })
    await updateNote(ctx, note.id, { body: plant('Note.body') })
    // What falls due goes out by mail, and stands in the delivery.
    await createReminder(ctx, {
      contactId,
      title: plant('Reminder.title', 'Delivery.message'),
      details: plant('Reminder.details', 'Delivery.message'),
      dueAt: '2026-05-04T12:00',
      timeZone: 'UTC',
    })
    await logInteraction(ctx, {
      kind: 'CALL',
      contactIds: [contactId],
      occurredAt: new Date('2026-05-01T10:00:00Z'),
      subject: plant('Interaction.subject'),
      note: plant('Note.body'),
    })
    await importContacts(ctx, {
      format: 'VCARD',
      content: `BEGIN:VCARD\nVERSION:4.0\nUID:${index}\nFN:Card ${index}\nX-OWN:${plant('ContactSource.raw')}\nNOTE:${plant('ContactSource.raw', 'Contact.about')}\nEND:VCARD\n`,
    })
    const message = { threadId: 't', historyId: '1', labels: [], hidden: false, at: new Date(0), bulk: false, participants: [], dropped: 0 }
    await inTransaction(ctx, async (tx) => {
      await putMessages(tx, [{ ...message, id: `m${index}`, subject: plant('GmailMessage.subject') }], { seenRun: 1, subjects: true })
    })
    const { errors } = await who.graphql(
      'mutation ($input: NoteCreateInput!) { noteCreate(input: $input) { ... on Note { body } } }',
      { input: { contactId: Buffer.from(`Contact:${contactId}`).toString('base64url'), body: plant('IdempotentAnswer.answer', 'Note.body') } },
      { headers: { 'idempotency-key': randomUUID() } },
    )
    expect(errors).toBeUndefined()
  }
  await grantRole(systemCtx(kith.app, who.ownerId, 'test'), who.ownerId, 'privacy-officer')
  for (let index = 0; index < 10; index += 1) {
    const address = `${plant('PrivacyRequest.replyTo', 'PrivacyLetter.message').replaceAll(' ', '')}@example.test`
    await submitOpenly({ ...ctx, actor: { kind: 'anonymous' } }, { type: 'ERASURE', address, text: plant('PrivacyRequest.details') })
    const { id } = await submit(ctx, { type: 'COMPLAINT', text: plant('PrivacyRequest.details') })
    await note(ctx, id, plant('PrivacyRequestEvent.reason'))
    await decide(ctx, id, [
      {
        part: 'everything',
        outcome: 'REFUSED',
        reason: 'OTHER',
        explanation: plant('PrivacyRequest.decision', 'PrivacyLetter.message'),
        complaint: 'There.',
        remedy: 'That.',
      },
    ])
  }
  planted.set('ContactMerge.undo', 2)
  await mergeContacts(ctx, { survivorId: contactIds[0] ?? '', mergedIds: contactIds.slice(1, 3) })
  await connectWithTokens(kith.app, who.ownerId, { accessToken: plant('GoogleGrant.accessToken'), refreshToken: plant('GoogleGrant.refreshToken') })
  clock.advance({ hours: 3 })
  await kith.runJobs({ mayFail: true })
  // From here on nothing is carried out, and nothing asks Google.
  await connectWithTokens(kith.app, who.ownerId, { accessToken: plant('GoogleGrant.accessToken'), refreshToken: plant('GoogleGrant.refreshToken') }, [
    'CALENDAR',
  ])
  await updateContact(ctx, contactIds[0] ?? '', { emails: [{ address: 'met@example.com' }] })
  await inTransaction(ctx, async (tx) => {
    await putMeetings(tx, [
      {
        eventId: 'met',
        seriesId: null,
        summary: plant('CalendarMeeting.summary', 'Interaction.subject'),
        location: plant('CalendarMeeting.location', 'Interaction.location'),
        attendees: [{ role: 'ATTENDEE', address: 'met@example.com', canonical: 'met@example.com', name: null }],
        startsAt: new Date('2026-05-03T10:00:00Z'),
        endsAt: null,
        startDate: null,
        endDate: null,
        timeZone: 'UTC',
      },
    ])
    await scheduleEvent(tx, {
      contactIds: [contactIds[0] ?? ''],
      summary: plant('CalendarScheduling.summary', 'CalendarScheduling.request'),
      description: plant('CalendarScheduling.request'),
      startsAt: '2026-06-01T10:00',
      endsAt: '2026-06-01T11:00',
    })
  })

  const sealed = Object.values(policies).flatMap(({ model, columns }) =>
    Object.entries(columns).flatMap(([column, rule]) => (rule.sealed ? [`${model}.${column}`] : [])),
  )
  expect(sealed.filter((column) => !planted.has(column) && !unwritten.has(column))).toEqual([])
  expect([...planted.values()].reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(100)
  const { rows } = await kith.app.database.pool.query('SELECT count(*)::int AS count FROM deliveries WHERE "ownerId" = $1', [who.ownerId])
  expect(rows[0].count).toBeGreaterThan(0)

  // Something readable, written last: once it is in the files, so is all that came before it.
  const control = `control${randomBytes(6).toString('hex')}`
  await createContact(ctx, { displayName: control })
  for (let tries = 0; directory && filesWith(directory, control).length === 0; tries += 1) {
    expect(tries, 'The files of the database never show what is written.').toBeLessThan(100)
    await sleep(100)
  }
  if (directory) expect(filesWith(directory, mark)).toEqual([])
  for (const texts of [logged, payloads, statements]) {
    expect(texts.length).toBeGreaterThan(0)
    expect(texts.filter((text) => text.toLowerCase().includes(mark))).toEqual([])
  }
})

/** The files below a directory that contain a text, in whatever case, also as bytes in hexadecimal or base64. */
function filesWith(path: string, text: string): string[] {
  const writings = [text, text.toUpperCase(), `${text.charAt(0).toUpperCase()}${text.slice(1)}`, Buffer.from(text).toString('hex'), ...base64Of(text)]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap(({ parentPath, name }) => {
      const file = join(parentPath, name)
      try {
        const bytes = readFileSync(file)
        return writings.some((writing) => bytes.includes(writing)) ? [file] : []
      } catch (error) {
        if ((error as { code?: string }).code === 'ENOENT') return [] // another test's database went
        throw error
      }
    })
}

/** What a text looks like inside base64, wherever it begins. */
function base64Of(text: string): string[] {
  return [0, 1, 2].map((before) =>
    Buffer.from(`${'\0'.repeat(before)}${text}`)
      .toString('base64')
      .slice(before === 0 ? 0 : 4, -4),
  )
}
