import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { scheduleEvent } from '../../src/calendar/scheduling.ts'
import { sendScheduled } from '../../src/calendar/send.ts'
import { createContacts } from '../../src/contacts/service.ts'
import { inTransaction } from '../../src/events/service.ts'
import { putInteractions } from '../../src/interactions/service.ts'
import { unowned } from '../support/ownership.ts'
import { type CalendarApp, calendarApp, knownMeetings, expectedMeetings, listPath, type Someone, someone, subjectsOf, syncCalendar } from './support.ts'

let kith: CalendarApp
let who: Someone
let grace: string

const seen = new Set<string>()

beforeAll(async () => {
  kith = await calendarApp({ onQuery: (text) => seen.add(text.replaceAll(/\s+/g, ' ').trim()) })
})
afterAll(async () => {
  await kith.close()
  // Whatever was asked for above said whose it is.
  const crossing = [...seen].filter((text) => unowned(text).length > 0)
  expect(crossing.filter((text) => !text.includes(' FROM outbox '))).toEqual([])
})
beforeEach(async () => {
  kith.clock.set('2026-03-02T12:00:00Z')
  kith.google.faults.clear()
  kith.google.settings.conference = { afterGets: 0, afterSeconds: 0, outcome: 'success' }
  who = await someone(kith)
  await syncCalendar(who)
  grace = await contact('grace')
  kith.google.ledger.clear()
})

const contact = async (name: string): Promise<string> => (await who.graphql(`{ contacts(search: "${name}") { nodes { id } } }`)).data.contacts.nodes[0].id
const mutation = `mutation ($input: CalendarEventScheduleInput!) { calendarEventSchedule(input: $input) {
  __typename ... on Error { code message } ... on InvalidInputError { issues { path message } }
  ... on CalendarEvent { id state summary startsAt endsAt url conferenceUrl errorMessage interaction { id } } } }`
const lunch = { summary: 'Lunch', startsAt: '2026-03-03T12:30', endsAt: '2026-03-03T13:30', timeZone: 'Europe/Berlin' }
const schedule = async (input: object, headers?: Record<string, string>) => {
  const { data, errors } = await who.graphql(mutation, { input: { ...lunch, ...input } }, headers)
  expect(errors).toBeUndefined()
  return data.calendarEventSchedule
}
const again = async (id: string) =>
  (await who.graphql('query ($id: ID!) { node(id: $id) { ... on CalendarEvent { state url conferenceUrl errorMessage interaction { subject } } } }', { id }))
    .data.node
const atGoogle = () =>
  kith.google.world
    .account(who.email)
    .calendars.get()
    .entries()
    .map(({ event }) => event)
const inserts = () => kith.google.ledger.entries.filter(({ method, path }) => method === 'POST' && path === listPath)
const mails = () => kith.google.world.account(who.email).calendars.mails

/** An e-mail as a sync would have it. */
async function mail(participants: readonly [role: 'FROM' | 'TO' | 'CC', address: string][], counts = true): Promise<string> {
  await inTransaction(who.ctx, (tx) =>
    putInteractions(tx, 'GMAIL', [
      {
        externalId: 'message1',
        threadId: 'thread1',
        kind: 'EMAIL',
        direction: 'INBOUND',
        occurredAt: new Date('2026-03-01T10:00:00Z'),
        endedAt: null,
        subject: 'Lunch?',
        location: null,
        participants: participants.map(([role, address]) => ({
          role,
          address,
          normalized: address.toLowerCase(),
          canonical: address.toLowerCase(),
          name: null,
          counts,
        })),
      },
    ]),
  )
  return (await who.graphql('{ interactions(filter: { kind: EMAIL }) { nodes { id } } }')).data.interactions.nodes[0].id
}

describe('an event that is asked for', () => {
  test('is in the calendar with its guests, its zone and a video conference, tells nobody unless asked to, and counts once it has begun', async () => {
    const made = await schedule({ contactIds: [grace, await contact('alan')], description: 'At the\ncorner', conference: true })
    expect(made).toMatchObject({
      __typename: 'CalendarEvent',
      state: 'SCHEDULED',
      summary: 'Lunch',
      startsAt: '2026-03-03T11:30:00.000Z',
      endsAt: '2026-03-03T12:30:00.000Z',
      url: expect.stringContaining('https://www.google.com/calendar/event?eid='),
      conferenceUrl: expect.stringMatching(/^https:\/\/meet\.google\.com\//),
      errorMessage: null,
      interaction: null,
    })
    expect(atGoogle()).toEqual([
      expect.objectContaining({
        id: expect.stringMatching(/^[a-v0-9]{52}$/),
        summary: 'Lunch',
        description: 'At the\ncorner',
        start: { dateTime: '2026-03-03T12:30:00+01:00', timeZone: 'Europe/Berlin' },
        attendees: [expect.objectContaining({ email: 'grace@example.com' }), expect.objectContaining({ email: 'alan@example.com' })],
        extendedProperties: { private: { kithEventId: expect.any(String) } },
      }),
    ])
    expect(inserts()[0]?.query).toMatchObject({ sendUpdates: 'none', conferenceDataVersion: '1' })
    expect(mails()).toEqual([])
    expect(await knownMeetings(who)).toEqual(expectedMeetings(kith, who))
    await syncCalendar(who)
    expect(await knownMeetings(who)).toEqual(expectedMeetings(kith, who))
    expect(await subjectsOf(who)).toEqual([])
    await kith.runJobs()
    kith.clock.set('2026-03-03T11:30:00Z')
    await kith.runJobs()
    expect((await again(made.id)).interaction).toEqual({ subject: 'Lunch' })
  })

  test('without a zone is meant in the account’s', async () => {
    expect(await schedule({ contactIds: [grace], timeZone: null })).toMatchObject({ startsAt: '2026-03-03T11:30:00.000Z' })
  })

  test('sends invitations where it is asked to', async () => {
    await schedule({ contactIds: [grace], sendInvitations: true })
    expect(mails().map(({ to, kind }) => [to, kind])).toEqual([['grace@example.com', 'invitation']])
  })

  test('that follows from an e-mail invites those who took part, but for oneself and automatic senders, and remembers the thread', async () => {
    const interactionId = await mail([
      ['FROM', 'grace@example.com'],
      ['TO', who.email],
      ['CC', 'Stranger@Example.org'],
      ['CC', 'no-reply@example.org'],
      ['CC', 'No_Reply+7@example.org'],
    ])
    await schedule({ interactionId })
    const [event] = atGoogle()
    expect(event?.attendees?.map(({ email }) => email)).toEqual(['grace@example.com', 'Stranger@Example.org'])
    expect(event?.extendedProperties?.private).toMatchObject({ crmMessageId: 'message1', crmThreadId: 'thread1' })
  })

  test('at a wall time that does not exist, or comes twice, is where the clock of its zone says', async () => {
    expect(await schedule({ contactIds: [grace], startsAt: '2026-03-29T02:30', endsAt: '2026-03-29T04:00' })).toMatchObject({
      startsAt: '2026-03-29T01:30:00.000Z',
    })
    expect(await schedule({ contactIds: [grace], startsAt: '2026-10-25T02:30', endsAt: '2026-10-25T03:30' })).toMatchObject({
      startsAt: '2026-10-25T00:30:00.000Z',
    })
    expect(atGoogle().map(({ start }) => start?.dateTime)).toEqual(['2026-03-29T03:30:00+02:00', '2026-10-25T02:30:00+02:00'])
  })

  test.each<[string, object, string[]]>([
    ['no guests', {}, ['contactIds']],
    ['no guests in a list', { contactIds: [] }, ['contactIds']],
    ['a blank summary', { contactIds: ['own'], summary: '  ' }, ['summary']],
    ['a zone that is none', { contactIds: ['own'], timeZone: 'Berlin' }, ['timeZone']],
    ['an offset for a zone', { contactIds: ['own'], timeZone: '+01:00' }, ['timeZone']],
    ['an instant for a wall time', { contactIds: ['own'], startsAt: '2026-03-03T12:30Z' }, ['startsAt']],
    ['no such day', { contactIds: ['own'], endsAt: '2026-02-30T12:30' }, ['endsAt']],
    ['an end before the start', { contactIds: ['own'], endsAt: '2026-03-03T12:00' }, ['endsAt']],
    ['what has passed', { contactIds: ['own'], startsAt: '2026-03-01T12:00', endsAt: '2026-03-01T13:00' }, ['endsAt']],
    ['a contact without an address', { contactIds: ['own', 'mute'] }, ['contactIds', '1']],
  ])('with %s is refused, and names the field', async (_what, input: { contactIds?: string[] }, path) => {
    await createContacts(who.ctx, [{ displayName: 'Mute' }], 'REJECT_ALL')
    const ids = { own: grace, mute: await contact('Mute') } as Record<string, string>
    const refused = await schedule({ ...input, ...(input.contactIds ? { contactIds: input.contactIds.map((id) => ids[id]) } : {}) })
    expect(refused).toMatchObject({ __typename: 'InvalidInputError', issues: [{ path }] })
    expect(atGoogle()).toEqual([])
  })

  test('from bulk mail, from a call, for oneself alone, or for nobody known, is refused', async () => {
    expect(await schedule({ interactionId: await mail([['FROM', 'grace@example.com']], false) })).toMatchObject({ issues: [{ path: ['interactionId'] }] })
    const { data } = await who.graphql(
      `mutation { interactionLog(input: { kind: CALL, occurredAt: "2026-03-01T10:00:00Z", contactIds: ["${grace}"] }) { ... on Interaction { id } } }`,
    )
    expect(await schedule({ interactionId: data.interactionLog.id })).toMatchObject({ issues: [{ path: ['interactionId'] }] })
    expect(await schedule({ contactIds: ['none'] })).toMatchObject({ __typename: 'NotFoundError' })
    expect(await schedule({ interactionId: grace })).toMatchObject({ __typename: 'NotFoundError' })
  })

  test('needs the calendar to be connected', async () => {
    await who.ctx.db.googleSyncState.deleteMany({ where: { ownerId: who.ownerId } })
    expect(await schedule({ contactIds: [grace] })).toMatchObject({ __typename: 'ConflictError', message: expect.stringContaining('googleConnect') })
    expect(inserts()).toEqual([])
  })

  test('keeps nothing of what it was about in the clear, and no description once Google has it', async () => {
    await schedule({ contactIds: [grace], summary: 'Sesame street', description: 'Cookie jar' })
    const { rows } = await kith.app.database.pool.query<{ text: string }>('SELECT s::text AS text FROM calendar_schedulings AS s WHERE s."ownerId" = $1', [
      who.ownerId,
    ])
    for (const word of ['Sesame street', 'Cookie jar']) expect(JSON.stringify(rows)).not.toContain(Buffer.from(word).toString('hex'))
    expect(await who.ctx.db.calendarScheduling.findFirstOrThrow({ where: { ownerId: who.ownerId } })).toMatchObject({ request: null })
  })
})

describe('row 30: exactly one event', () => {
  const insertFault = (rule: object) => kith.google.faults.add({ method: 'POST', path: listPath, ...rule })

  test('after a 503 that came once it was there', async () => {
    insertFault({ status: 503, after: true })
    const made = await schedule({ contactIds: [grace] })
    expect(made).toMatchObject({ state: 'SCHEDULED', url: expect.any(String) })
    expect([inserts().length, atGoogle().length]).toEqual([1, 1])
  })

  test('after an answer that got lost, and Google could not be asked either', async () => {
    insertFault({ reset: true, after: true })
    kith.google.faults.add({ method: 'GET', path: new RegExp(`^${listPath}/`), status: 503 })
    const made = await schedule({ contactIds: [grace] })
    expect(made).toMatchObject({ state: 'WAITING', url: null, errorMessage: expect.stringContaining('tried again by itself') })
    kith.clock.advance({ seconds: 10 })
    await kith.runJobs()
    expect(await again(made.id)).toMatchObject({ state: 'SCHEDULED', url: expect.any(String), errorMessage: null })
    expect([inserts().length, atGoogle().length]).toEqual([1, 1])
  })

  test('after a 409, which means that it is there', async () => {
    insertFault({
      status: 409,
      after: true,
      body: { error: { code: 409, message: 'The requested identifier already exists.', errors: [{ reason: 'duplicate' }] } },
    })
    expect(await schedule({ contactIds: [grace] })).toMatchObject({ state: 'SCHEDULED', url: expect.any(String) })
    expect(atGoogle()).toHaveLength(1)
  })

  test('after a 503 that came before it was there', async () => {
    insertFault({ status: 503, times: 2 })
    const made = await schedule({ contactIds: [grace] })
    expect(made).toMatchObject({ state: 'WAITING' })
    kith.clock.advance({ seconds: 10 })
    await kith.runJobs()
    kith.clock.advance({ seconds: 30 })
    await kith.runJobs()
    expect(await again(made.id)).toMatchObject({ state: 'SCHEDULED' })
    expect(atGoogle()).toHaveLength(1)
  })

  test('of two that send it at once: whoever comes second leaves it to the first', async () => {
    let asked: unknown[] = ['nothing yet']
    const another = async () => {
      const { id } = await who.ctx.db.calendarScheduling.findFirstOrThrow({ where: { ownerId: who.ownerId } })
      await sendScheduled(who.ctx, id)
      asked = [...kith.google.ledger.entries]
    }
    insertFault({ before: another })
    expect(await schedule({ contactIds: [grace] })).toMatchObject({ state: 'SCHEDULED' })
    expect(asked).toEqual([])
    expect([inserts().length, atGoogle().length]).toEqual([1, 1])
  })

  test('when Google takes its time: the answer does not wait for it, says so, and the event is put in once', async () => {
    const gate = Promise.withResolvers<void>()
    insertFault({ before: () => gate.promise })
    const contactIds = [(await who.ctx.db.contact.findFirstOrThrow({ where: { ownerId: who.ownerId, displayName: 'grace' } })).id]
    const made = await scheduleEvent(who.ctx, { ...lunch, contactIds }, { waitMs: 0 })
    expect(made).toMatchObject({ state: 'WAITING', errorCode: null })
    // A worker that looks at it meanwhile leaves it alone.
    await sendScheduled(who.ctx, made.id)
    gate.resolve()
    const state = async () => (await who.ctx.db.calendarScheduling.findFirstOrThrow({ where: { ownerId: who.ownerId } })).state
    await expect.poll(state).toBe('SCHEDULED')
    expect([inserts().length, atGoogle().length]).toEqual([1, 1])
  })

  test('of a request that is repeated with its Idempotency-Key, also while Google does not answer', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() }
    insertFault({ status: 503 })
    const [first, second] = [await schedule({ contactIds: [grace] }, headers), await schedule({ contactIds: [grace] }, headers)]
    expect(second).toEqual(first)
    await kith.runJobs()
    kith.clock.advance({ seconds: 10 })
    await kith.runJobs()
    expect(await schedule({ contactIds: [grace] }, headers)).toEqual(first)
    expect(await again(first.id)).toMatchObject({ state: 'SCHEDULED' })
    expect(atGoogle()).toHaveLength(1)
  })

  test('with a conference that takes its time: it is looked for, and nothing is put in again', async () => {
    kith.google.settings.conference = { afterGets: 2, afterSeconds: 20, outcome: 'success' }
    const made = await schedule({ contactIds: [grace], conference: true })
    expect(made).toMatchObject({ state: 'SCHEDULED', conferenceUrl: null })
    for (let round = 0; round < 5; round += 1) {
      kith.clock.advance({ seconds: 60 })
      await kith.runJobs()
    }
    expect((await again(made.id)).conferenceUrl).toMatch(/^https:\/\/meet\.google\.com\//)
    expect([inserts().length, atGoogle().length]).toEqual([1, 1])
    kith.google.ledger.clear()
    kith.clock.advance({ hours: 1 })
    await kith.runJobs()
    expect(kith.google.ledger.of('calendar.events.get')).toEqual([])
  })

  test('with a conference that comes to nothing', async () => {
    kith.google.settings.conference = { afterGets: 1, afterSeconds: 1, outcome: 'failure' }
    const made = await schedule({ contactIds: [grace], conference: true })
    for (let round = 0; round < 4; round += 1) {
      kith.clock.advance({ seconds: 60 })
      await kith.runJobs()
    }
    expect(await again(made.id)).toMatchObject({ state: 'SCHEDULED', conferenceUrl: null })
    expect(await who.ctx.db.calendarScheduling.findFirstOrThrow({ where: { ownerId: who.ownerId } })).toMatchObject({ conference: 'FAILED', notBefore: null })
  })

  test('that Google refuses is not tried again, and says so', async () => {
    insertFault({ status: 400, body: { error: { code: 400, message: 'Invalid attendee email.', errors: [{ reason: 'invalid' }] } } })
    const made = await schedule({ contactIds: [grace] })
    expect(made).toMatchObject({ state: 'FAILED', errorMessage: expect.any(String) })
    kith.clock.advance({ hours: 2 })
    await kith.runJobs()
    expect(inserts()).toHaveLength(1)
  })

  test('that was deleted at Google before its answer was written down stays deleted', async () => {
    kith.google.faults.add({
      method: 'POST',
      path: listPath,
      afterwards: async () => {
        await syncCalendar(who)
        kith.google.world.cancelEvent(who.email, atGoogle()[0]?.id ?? '')
        await syncCalendar(who)
      },
    })
    await schedule({ contactIds: [grace] })
    expect(await knownMeetings(who)).toEqual([])
    await syncCalendar(who)
    expect(await knownMeetings(who)).toEqual([])
  })

  test('that is put in while everything is listed stays', async () => {
    kith.google.faults.add({ method: 'GET', path: listPath, afterwards: async () => void (await schedule({ contactIds: [grace] })) })
    await syncCalendar(who, { full: true })
    expect((await knownMeetings(who)).map(({ summary }) => summary)).toEqual(['Lunch'])
    await syncCalendar(who)
    expect(await knownMeetings(who)).toEqual(expectedMeetings(kith, who))
  })
})
