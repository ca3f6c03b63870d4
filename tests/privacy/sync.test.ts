import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSession } from '../../src/accounts/sessions.ts'
import { systemClock, toDate } from '../../src/core/clock.ts'
import { rows, sql } from '../../src/db/client.ts'
import { identifierHashes, suppress } from '../../src/directory/persons.ts'
import { inTransaction } from '../../src/events/service.ts'
import { encodeId } from '../../src/graphql/globalIds.ts'
import { cookieName } from '../../src/http/cookies.ts'
import { logInteraction } from '../../src/interactions/service.ts'
import { controllerActor } from '../../src/privacy/controller.ts'
import { restrain } from '../../src/privacy/restriction.ts'
import { mailOwner } from '../gmail/support.ts'
import { addBook, connectedOwner, syncContacts } from '../google/support.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { ownRequests, submit } from './support.ts'
import type { Person } from '../support/app.ts'

let kith: WebApp
let books = 0

beforeAll(async () => {
  kith = await webApp({ clock: systemClock })
})
afterAll(() => kith.close())

/** An owner whose address book has come from Google, in a browser that has just signed in. */
async function connected() {
  const email = `rectify${(books += 1)}@example.test`
  addBook(kith, email, 2)
  const owner = await connectedOwner(kith, email)
  await syncContacts(owner.ctx, owner.stateId)
  const { secret } = await startSession(kith.app, owner.ownerId, { userAgent: null })
  const who = { ...owner, browser: { cookie: `${cookieName(kith.app, 'session')}=${secret}`, 'sec-fetch-site': 'same-origin' } } as unknown as Person
  const [source] = await rows<{ id: string; contactId: string; externalId: string }>(
    owner.ctx,
    sql`SELECT s.id, s."contactId", s."externalId" FROM contact_sources AS s JOIN contact_emails AS e ON e."ownerId" = s."ownerId" AND e."contactId" = s."contactId"
        WHERE s."ownerId" = ${owner.ownerId}::uuid AND e.address = 'person0@example.com'`,
  )
  const sync = async () => {
    await rows(
      owner.ctx,
      sql`UPDATE google_sync_states SET status = 'PENDING', "nextRunAt" = now() - interval '1 minute' WHERE "ownerId" = ${owner.ownerId}::uuid`,
    )
    await syncContacts(owner.ctx, owner.stateId)
  }
  return { ...owner, email, who, source: source!, sync }
}

async function shown(ownerId: string, contactId: string) {
  const contact = await kith.app.database.prisma.contact.findUniqueOrThrow({
    where: { ownerId_id: { ownerId, id: contactId } },
    include: { emails: true, phones: true, sources: true },
  })
  return {
    family: contact.nameFamily,
    name: contact.displayName,
    emails: contact.emails.map(({ address }) => address),
    phones: contact.phones.length,
    raw: contact.sources[0]?.raw ?? null,
  }
}

test('[S-20] what was put right stays so when Google says the wrong thing again, and what is new still comes in', async () => {
  const { who, ownerId, source, email, sync } = await connected()
  const id = encodeId('Contact', source.contactId)
  const request = await submit(kith as never, who, {
    type: 'RECTIFICATION',
    corrections: [
      { id, field: 'nameFamily', value: 'Right' },
      { id, field: 'emails:person0@example.com', value: 'right@example.com' },
    ],
  })
  expect(request.state).toBe('APPROVED')
  await kith.runJobs()
  expect((await ownRequests(kith as never, who))[0].state).toBe('COMPLETED')
  expect(await shown(ownerId, source.contactId)).toMatchObject({ family: 'Right', name: 'Person0 Right', emails: ['right@example.com'], phones: 0 })

  kith.google.world.editPerson(email, source.externalId, { phoneNumbers: [{ value: '+49 30 5550100' }] })
  await sync()
  expect(await shown(ownerId, source.contactId)).toMatchObject({ family: 'Right', emails: ['right@example.com'], phones: 1 })
})

test('[S-20] a source’s record that was put aside as wrong is not kept again by the next sync', async () => {
  const { who, ownerId, source, email, sync } = await connected()
  expect((await shown(ownerId, source.contactId)).raw).not.toBeNull()
  await submit(kith as never, who, { type: 'RECTIFICATION', corrections: [{ id: encodeId('ContactSource', source.id), field: 'raw', value: null }] })
  await kith.runJobs()
  expect((await shown(ownerId, source.contactId)).raw).toBeNull()
  kith.google.world.editPerson(email, source.externalId, { phoneNumbers: [{ value: '+49 30 5550101' }] })
  await sync()
  expect(await shown(ownerId, source.contactId)).toMatchObject({ raw: null, phones: 1 })
})

test('[S-20] what an interaction says of when and what, which nobody can edit, is put right, and the last contact follows', async () => {
  const { who, ctx, ownerId, source } = await connected()
  const interaction = await logInteraction(ctx, {
    kind: 'CALL',
    contactIds: [source.contactId],
    occurredAt: new Date('2026-05-01T10:00:00Z'),
    subject: 'Wrong',
  })
  const id = encodeId('Interaction', interaction.id)
  await submit(kith as never, who, {
    type: 'RECTIFICATION',
    corrections: [
      { id, field: 'occurredAt', value: '2026-04-01T08:00:00+02:00' },
      { id, field: 'subject', value: 'Right' },
    ],
  })
  await kith.runJobs()
  const after = await kith.app.database.prisma.interaction.findUniqueOrThrow({ where: { ownerId_id: { ownerId, id: interaction.id } } })
  const vault = await kith.app.vault.of(ownerId)
  expect([after.occurredAt.toISOString(), vault.open('Interaction.subject', interaction.id, after.subject!), after.correctedAt !== null]).toEqual([
    '2026-04-01T06:00:00.000Z',
    'Right',
    true,
  ])
  const contact = await kith.app.database.prisma.contact.findUniqueOrThrow({ where: { ownerId_id: { ownerId, id: source.contactId } } })
  expect(contact.lastInteractionAt?.toISOString()).toBe('2026-04-01T06:00:00.000Z')
})

test('[S-20] what a sync said of an interaction and was put right stays so when the sync matches it anew', async () => {
  const owner = await mailOwner(kith)
  const { ctx, ownerId } = owner
  const ada = await owner.contact('Ada', 'ada@example.test')
  owner.deliver({ from: 'ada@example.test' })
  await owner.sync()
  const { secret } = await startSession(kith.app, ownerId, { userAgent: null })
  const who = { ownerId, browser: { cookie: `${cookieName(kith.app, 'session')}=${secret}`, 'sec-fetch-site': 'same-origin' } } as unknown as Person
  const before = await ctx.db.interaction.findFirstOrThrow({ where: { ownerId, source: 'GMAIL' } })
  const id = encodeId('Interaction', before.id)
  await submit(kith as never, who, {
    type: 'RECTIFICATION',
    corrections: [
      { id, field: 'occurredAt', value: '2026-04-01T08:00:00+02:00' },
      { id, field: 'direction', value: 'OUTBOUND' },
    ],
  })
  await kith.runJobs()

  const twin = await owner.contact('Twin', 'ada@example.test')
  await kith.app.relay.drain(ownerId)
  const right = { occurredAt: new Date('2026-04-01T06:00:00Z'), direction: 'OUTBOUND' }
  expect(await ctx.db.interaction.findFirstOrThrow({ where: { ownerId, id: before.id } })).toMatchObject(right)
  const links = await ctx.db.interactionContact.findMany({ where: { ownerId, interactionId: before.id } })
  expect(links.map(({ contactId }) => contactId).toSorted()).toEqual([ada, twin].toSorted())
  for (const link of links) expect(link).toMatchObject(right)
  for (const contact of await ctx.db.contact.findMany({ where: { ownerId, id: { in: [ada, twin] } } }))
    expect(contact).toMatchObject({ lastInteractionAt: right.occurredAt, lastInboundAt: null, lastOutboundAt: right.occurredAt })
})

test('[S-20] nobody puts right what is somebody else’s, and a field that there is not waits for an officer', async () => {
  const [mine, theirs] = [await connected(), await connected()]
  const before = await shown(theirs.ownerId, theirs.source.contactId)
  await submit(kith as never, mine.who, {
    type: 'RECTIFICATION',
    corrections: [{ id: encodeId('Contact', theirs.source.contactId), field: 'nameFamily', value: 'Stolen' }],
  })
  await kith.runJobs()
  expect(await shown(theirs.ownerId, theirs.source.contactId)).toEqual(before)
  const odd = await submit(kith as never, mine.who, {
    type: 'RECTIFICATION',
    corrections: [{ id: encodeId('Contact', mine.source.contactId), field: 'shoeSize', value: '42' }],
  })
  expect(odd.state).toBe('IN_ASSESSMENT')
})

test('[S-22] an account whose data may only be stored is not synced, and is again when that is lifted', async () => {
  const { ctx, ownerId, source, email, sync } = await connected()
  const restrict = (at: Date | null) => inTransaction({ ...ctx, actor: controllerActor('test') }, (tx) => restrain(tx, { kind: 'USER', ownerId }, at))
  await restrict(toDate(systemClock.now()))
  kith.google.world.editPerson(email, source.externalId, { phoneNumbers: [{ value: '+49 30 5550102' }] })
  await sync()
  expect((await shown(ownerId, source.contactId)).phones).toBe(0)
  await restrict(null)
  await sync()
  expect((await shown(ownerId, source.contactId)).phones).toBe(1)
})

test('[F-45] somebody who wants to stand in no address book comes in with no sync, and the others do', async () => {
  const { ctx, ownerId, email, sync } = await connected()
  const hashes = await identifierHashes(kith.app, [{ kind: 'email', value: 'unwanted@example.com' }])
  await suppress(ctx, ownerId, hashes, toDate(systemClock.now()))
  for (const name of ['Unwanted', 'Wanted'])
    kith.google.world.addPerson(email, { names: [{ givenName: name }], emailAddresses: [{ value: `${name}@example.com` }] })
  await sync()
  const names = await kith.app.database.prisma.contact.findMany({ where: { ownerId }, select: { displayName: true } })
  expect(names.map(({ displayName }) => displayName).filter((name) => name.includes('anted'))).toEqual(['Wanted'])
})
