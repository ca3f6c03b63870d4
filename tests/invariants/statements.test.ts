import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startSession } from '../../src/accounts/sessions.ts'
import { uploadAvatar } from '../../src/avatars/service.ts'
import { createContacts } from '../../src/contacts/service.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { acknowledgePolicy, policyTemplate, publishPolicy } from '../../src/policies/service.ts'
import { jobs } from '../../src/domains.ts'
import { identifierHashes } from '../../src/directory/persons.ts'
import { erasePersonAgain } from '../../src/erasure/erasePerson.ts'
import { erase } from '../../src/erasure/execute.ts'
import { completedEntry } from '../../src/erasure/ledger.ts'
import { exportContacts } from '../../src/exchange/export.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { controllerId } from '../../src/privacy/service.ts'
import { createReminder } from '../../src/reminders/service.ts'
import { createNote } from '../../src/notes/service.ts'
import { logInteraction } from '../../src/interactions/service.ts'
import { fetchArchive } from '../archive/support.ts'
import { png } from '../avatars/pictures.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { ownedTables, unowned } from '../support/ownership.ts'
import { call, calls, makeWorld, rootFields } from './world.ts'

const clock = fixedClock('2026-05-04T10:00:00Z')
let kith: TestApp & { clock: typeof clock }
let seen: string[] = []

beforeAll(async () => {
  kith = Object.assign(await testApp({ clock, onQuery: (text) => seen.push(text) }), { clock })
}, 60_000)
afterAll(() => kith.close())

/** The statements that cross owners, each with its reason, and how it is known. */
const exceptions: { why: string; statement: RegExp }[] = [
  { why: 'the sweep of stored answers whose day is over', statement: /^DELETE FROM idempotent_answers WHERE "expiresAt" <= / },
  {
    why: 'the relay takes what any account has set off',
    statement: /^SELECT "ownerId", id, kind, payload, attempts FROM outbox WHERE "notBefore" <= .* FOR UPDATE SKIP LOCKED$/,
  },
  {
    why: 'the sweep of sessions that are over finds whose they are',
    statement: /^SELECT "ownerId", array_agg\(id::text\) AS ids FROM \(SELECT "ownerId", id FROM sessions WHERE "expiresAt" <= /,
  },
  {
    why: 'the sweep of tokens that have ended finds whose they are',
    statement: /^SELECT "ownerId", array_agg\(id::text\) AS ids FROM \(SELECT "ownerId", id FROM api_tokens WHERE "expiresAt" <= /,
  },
  {
    why: 'erasing a person finds in whose interactions they took part',
    statement: /^SELECT DISTINCT "ownerId" FROM interaction_participants WHERE canonical = ANY/,
  },
  {
    why: 'erasing a person after a restore finds their address by its hash',
    statement: /^SELECT DISTINCT canonical FROM interaction_participants WHERE canonical > /,
  },
  { why: 'signing the ends of chains goes through all of them', statement: /^SELECT "ownerId" AS id, seq, hash FROM event_heads WHERE "ownerId" > / },
]

test('the test can tell whose rows a statement means', () => {
  for (const good of [
    'SELECT * FROM notes WHERE "ownerId" = $1',
    'SELECT n.* FROM notes AS n JOIN contacts AS c ON c."ownerId" = n."ownerId" AND c.id = n."contactId" WHERE n."ownerId" = $1',
    'SELECT "public"."notes"."id" FROM "public"."notes" WHERE ("public"."notes"."ownerId" = $1 AND 1=1)',
    'INSERT INTO notes ("ownerId", id) VALUES ($1, $2)',
    'SELECT id FROM directory_due',
  ])
    expect(unowned(good), good).toEqual([])
  for (const bad of [
    'SELECT * FROM notes WHERE id = $1',
    'SELECT "ownerId" FROM notes WHERE id = $1',
    'SELECT n.* FROM notes AS n JOIN contacts AS c ON c.id = n."contactId" WHERE n."ownerId" = $1',
    'UPDATE notes SET pinned = true WHERE id = $1',
    'DELETE FROM "public"."notes" WHERE "public"."notes"."id" = $1',
    'INSERT INTO notes (id) VALUES ($1)',
  ])
    expect(unowned(bad), bad).not.toEqual([])
})

test('every statement on an owned table says whose rows it means, whatever is called', async () => {
  seen = []
  const world = await makeWorld(kith, 'adaquartz')
  const { who } = world
  await uploadAvatar(
    who.ctx,
    (await createContacts(who.ctx, [{ name: { given: 'Pictured' } }], 'REJECT_ALL')).map((made) => ('contactId' in made ? made.contactId : ''))[0] ?? '',
    png(2),
  )
  for (const name of [...rootFields.filter((each) => each.startsWith('Query.')), ...Object.keys(calls).filter((each) => each.startsWith('Mutation.'))]) {
    const own = (thing: keyof typeof world.ids): string => world.ids[thing]
    for (const args of calls[name]?.(own, own, (what) => `${world.mark} ${what}`) ?? []) {
      const { errors } = await call(kith, who, name, args)
      // Google is not configured here; what it needs has tests of its own.
      if (name !== 'Mutation.googleConnect') expect(errors, `${name} ${JSON.stringify(args)}`).toBeUndefined()
    }
    await kith.runJobs()
  }
  await who.graphql('mutation { accountUpdate(input: { name: "Other" }) { __typename } }', {}, { headers: { 'idempotency-key': randomUUID() } })
  for await (const _part of exportContacts(who.ctx, 'VCARD')) continue
  for await (const _part of exportContacts(who.ctx, 'CSV')) continue
  const { sessionId } = await startSession(kith.app, who.ownerId, { userAgent: null })
  await fetchArchive(kith, { ...who, ctx: { ...who.ctx, actor: { kind: 'user', ownerId: who.ownerId, sessionId } } })
  clock.advance({ days: 40 })
  await kith.runJobs()
  const { hash } = await publishPolicy(kith.app, { text: await policyTemplate(), reason: 'First', material: false })
  await acknowledgePolicy(who.ctx, { hash: Buffer.from(hash).toString('hex'), method: 'test' })
  await publishPolicy(kith.app, { text: `${await policyTemplate()}\nMore.\n`, reason: 'Second', material: true })
  for (const job of jobs.filter(({ cron }) => cron)) await job.run(systemCtx(kith.app, '00000000-0000-0000-0000-000000000000', job.name), {} as never)
  // Last of all a person of the address book is erased, as after a restore too, and then the account.
  const ctx = systemCtx(kith.app, controllerId, 'test')
  const erasing = { type: 'ERASURE', regime: 'GDPR', details: { identifiers: ['x@example.test'] } as never, decision: [] } as const
  const person = {
    requestId: randomUUID(),
    subject: { kind: 'PERSON', places: [], hashes: await identifierHashes(kith.app, [{ kind: 'email', value: 'x@example.test' }]) },
  } as const
  await erase(ctx, { ...erasing, ...person })
  await erasePersonAgain(kith.app, (await completedEntry(kith.app, person.requestId)) ?? expect.fail('There is no entry.'))
  await erase(ctx, { ...erasing, requestId: randomUUID(), subject: { kind: 'USER', ownerId: who.ownerId } })

  const statements = [...new Set(seen.map((text) => text.replaceAll(/\s+/g, ' ').trim()))]
  const touched = new Set(statements.flatMap((text) => [...ownedTables].filter((table) => new RegExp(`\\b${table}\\b`).test(text))))
  // What only a connected Google account fills has tests of its own.
  expect([...ownedTables].filter((table) => !touched.has(table) && !/^(google|gmail|calendar)_|^interaction_dismissals$/.test(table))).toEqual([])
  const crossing = statements.filter((text) => unowned(text).length > 0)
  expect(crossing.filter((text) => !exceptions.some(({ statement }) => statement.test(text)))).toEqual([])
  expect(exceptions.filter(({ statement }) => !crossing.some((text) => statement.test(text))).map(({ why }) => why)).toEqual([])
}, 120_000)

describe('the number of statements', () => {
  let ada: Person
  const nested = [
    'about tags avatarUrl emails { address } phones { number } addresses { city } urls { url }',
    'organizations { name } dates { kind } relations { name contact { id } } customFields { name value } sources { kind } followUp { every }',
    'lastInteraction { id contacts { id } }',
    'notes(first: 3) { totalCount nodes { id body contact { id } } }',
    'reminders(first: 3) { totalCount nodes { id title contact { id } } }',
    'interactions(first: 2) { totalCount nodes { id subject contacts { id } participants { name } } }',
  ]

  beforeAll(async () => {
    ada = await kith.signUp()
    const made = await createContacts(
      ada.ctx,
      Array.from({ length: 50 }, (_, index) => ({
        name: { given: `Given ${index}` },
        about: 'About',
        emails: [{ address: `c${index}@example.test` }],
        phones: [{ number: '030 1234567' }],
        organizations: [{ name: 'Org' }],
        customFields: [{ name: 'a', value: 'b' }],
        relations: [{ name: 'R' }],
        tags: ['Tag'],
      })),
      'REJECT_ALL',
    )
    for (const each of made) {
      const contactId = 'contactId' in each ? each.contactId : ''
      for (const index of [1, 2, 3]) {
        await createNote(ada.ctx, { contactId, body: `Note ${index}` })
        await createReminder(ada.ctx, { contactId, title: `Reminder ${index}`, dueAt: '2026-06-01T09:00' })
      }
      await logInteraction(ada.ctx, { kind: 'CALL', contactIds: [contactId], occurredAt: new Date('2026-05-01T10:00:00Z') })
    }
  }, 120_000)

  async function countOf(
    query: string,
  ): Promise<{ count: number; statements: string[]; data: { contacts: { nodes: { notes: { nodes: unknown[] }; reminders: { nodes: unknown[] } }[] } } }> {
    // The first time reads credentials, keys and a lease of points, which stay at hand.
    await kith.graphql(query, {}, { headers: ada.browser })
    seen = []
    const { data, errors } = await kith.graphql(query, {}, { headers: ada.browser })
    expect(errors).toBeUndefined()
    return { count: seen.length, statements: seen.map((text) => text.replaceAll(/IN \((\$\d+,?)+\)/g, 'IN (…)').replaceAll(/LIMIT \d+/g, 'LIMIT …')), data }
  }

  test.each([...nested.map((fields) => [fields, 50] as const), [nested.join(' '), 15] as const])('does not grow with the rows: %s', async (fields, size) => {
    const few = await countOf(`{ contacts(first: 3) { totalCount nodes { ${fields} } } }`)
    const many = await countOf(`{ contacts(first: ${size}) { totalCount nodes { ${fields} } } }`)
    expect(many.data.contacts.nodes).toHaveLength(size)
    expect(many.statements.toSorted().join('\n')).toBe(few.statements.toSorted().join('\n'))
  })

  test('of a page of 50 contacts with 3 notes and 3 reminders each is 4 at most', async () => {
    const { count, statements, data } = await countOf(
      '{ contacts(first: 50) { nodes { id displayName notes(first: 3) { nodes { body } } reminders(first: 3) { nodes { title } } } } }',
    )
    expect(data.contacts.nodes).toHaveLength(50)
    for (const node of data.contacts.nodes) expect([node.notes.nodes, node.reminders.nodes].map((nodes) => nodes.length)).toEqual([3, 3])
    expect(count, statements.join('\n')).toBeLessThanOrEqual(4)
  })

  test('of nodes does not grow with their number', async () => {
    const { data } = await ada.graphql('{ contacts(first: 30) { nodes { id notes(first: 1) { nodes { id } } } } }')
    const ids = data.contacts.nodes.flatMap((node: { id: string; notes: { nodes: { id: string }[] } }) => [node.id, ...node.notes.nodes.map((note) => note.id)])
    const ask = (list: string[]) =>
      countOf(`{ nodes(ids: ${JSON.stringify(list)}) { id ... on Contact { displayName } ... on Note { body contact { displayName } } } }`)
    expect((await ask(ids)).count).toBe((await ask(ids.slice(0, 4))).count)
  })
})
