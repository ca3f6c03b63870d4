import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { policies } from '../../src/domains.ts'
import { decodeId, encodeId } from '../../src/graphql/globalIds.ts'
import { nodeTypes } from '../../src/graphql/nodes.ts'
import '../../src/schema.ts'
import { type Answer, type Person, type TestApp, testApp } from '../support/app.ts'
import { befriend, rowIdOf } from '../support/crm.ts'
import { idPaths, operationOf, rootFields } from '../support/operations.ts'
import { tableOf } from '../support/tables.ts'
import { makeWorld, marker, type World } from '../support/world.ts'

type Variables = Record<string, unknown>
/** What else a call of a root field needs, with the id where the table says. `own` is a contact of the caller's. */
type Entry = (id: string, own: string) => Variables

// A call for each argument that takes an id, and one for each root field that takes none.
const row: Record<string, Entry> = Object.fromEntries(
  Object.entries({
    emails: { address: 'x@example.test' },
    phones: { number: '+49 30 5550100' },
    addresses: { city: 'X' },
    urls: { url: 'https://x.example.test/' },
    organizations: { name: 'X' },
    dates: { kind: 'BIRTHDAY', date: { month: 1, day: 1 } },
    relations: { name: 'X', kind: 'friend' },
    customFields: { name: 'X', value: 'X' },
  }).flatMap(([list, rest]): [string, Entry][] => [
    [`contactCreate(input.${list}.id)`, (id) => ({ input: { displayName: 'X', [list]: [{ ...rest, id }] } })],
    [`contactsCreate(inputs.${list}.id)`, (id) => ({ inputs: [{ displayName: 'X', [list]: [{ ...rest, id }] }] })],
    [`contactUpdate(input.${list}.id)`, (id, own) => ({ id: own, input: { [list]: [{ ...rest, id }] } })],
  ]),
)
const byId: Entry = (id) => ({ id })
const nothing: Entry = () => ({})
const reminder = { title: 'X', dueAt: '2037-01-01T09:00', timeZone: 'UTC' }
const event = { summary: 'X', startsAt: '2037-01-01T09:00', endsAt: '2037-01-01T10:00' }
const relation = (contactId: string) => ({ relations: [{ contactId, kind: 'friend' }] })
const table: Record<string, Entry> = {
  ...row,
  'contact(id)': byId,
  'consentReceipt(id)': byId,
  'node(id)': byId,
  'nodes(ids)': (id, own) => ({ ids: [id, own, id] }),
  'interactions(filter.contactId)': (contactId) => ({ filter: { contactId } }),
  'reminders(filter.contactId)': (contactId) => ({ filter: { contactId } }),
  'apiTokenRevoke(id)': byId,
  'calendarEventSchedule(input.contactIds)': (id, own) => ({ input: { ...event, contactIds: [own, id] } }),
  'calendarEventSchedule(input.interactionId)': (interactionId) => ({ input: { ...event, interactionId } }),
  'contactArchive(id)': byId,
  'contactDelete(id)': byId,
  'contactFollowUpClear(id)': byId,
  'contactFollowUpSet(id)': (id) => ({ id, every: 'P30D' }),
  'contactMerge(input.mergedIds)': (id, own) => ({ input: { survivorId: own, mergedIds: [id] } }),
  'contactMerge(input.survivorId)': (id, own) => ({ input: { survivorId: id, mergedIds: [own] } }),
  'contactMergeUndo(id)': byId,
  'contactRestore(id)': byId,
  'contactUnarchive(id)': byId,
  'contactUpdate(id)': (id) => ({ id, input: { displayName: 'X' } }),
  'contactCreate(input.relations.contactId)': (id) => ({ input: { displayName: 'X', ...relation(id) } }),
  'contactsCreate(inputs.relations.contactId)': (id) => ({ inputs: [{ displayName: 'X', ...relation(id) }] }),
  'contactUpdate(input.relations.contactId)': (id, own) => ({ id: own, input: relation(id) }),
  'interactionDelete(id)': byId,
  'interactionLog(input.contactIds)': (id, own) => ({ input: { contactIds: [own, id], kind: 'CALL', occurredAt: '2025-01-01T00:00:00Z' } }),
  'noteCreate(input.contactId)': (contactId) => ({ input: { contactId, body: 'X' } }),
  'noteDelete(id)': byId,
  'noteUpdate(id)': (id) => ({ id, input: { body: 'X' } }),
  'minorReport(contactId)': (contactId) => ({ contactId }),
  'privacyCase(id)': byId,
  'privacyCaseDecide(id)': (id) => ({ id, parts: [{ part: 'everything', granted: true }] }),
  'privacyCaseExtend(id)': (id) => ({ id, reason: 'Reason' }),
  'privacyCaseLift(id)': byId,
  'privacyCaseLiftAnnounce(id)': (id) => ({ id, reason: 'Reason' }),
  'privacyCaseNote(id)': (id) => ({ id, reason: 'Reason' }),
  'privacyCaseProve(id)': (id) => ({ id, level: 4, method: 'SIGNED_DECLARATION' }),
  'privacyCaseReopen(id)': (id) => ({ id, reason: 'Reason' }),
  'privacyArchiveLink(id)': byId,
  'privacyRequestConfirm(id)': byId,
  'privacyRequestSubmit(input.corrections.id)': (id) => ({
    input: { type: 'RECTIFICATION', details: randomUUID(), corrections: [{ id, field: 'nameFamily', value: 'X' }] },
  }),
  'privacyRequestWithdraw(id)': byId,
  'reminderComplete(id)': byId,
  'reminderCreate(input.contactId)': (contactId) => ({ input: { ...reminder, contactId } }),
  'reminderDelete(id)': byId,
  'reminderSnooze(id)': (id) => ({ id, until: '2037-01-01T00:00:00Z' }),
  'reminderUpdate(id)': (id) => ({ id, input: { title: 'X' } }),
  'sessionRevoke(id)': byId,
  contacts: () => ({ search: marker }),
  contactsInBin: nothing,
  dataMap: nothing,
  controller: nothing,
  policyVersions: nothing,
  policyDiff: () => ({ from: 1, to: 2 }),
  retentionSchedule: nothing,
  cookies: nothing,
  purposes: nothing,
  processingRecord: nothing,
  erasurePlan: nothing,
  signingKeys: nothing,
  deliveries: nothing,
  notes: () => ({ search: marker }),
  tags: nothing,
  viewer: nothing,
  accountMailResume: nothing,
  policyAcknowledge: () => ({ hash: '00' }),
  consentGive: () => ({ purpose: 'MARKETING' }),
  consentWithdraw: () => ({ purpose: 'MARKETING' }),
  accountUpdate: () => ({ input: { name: 'X' } }),
  apiTokenCreate: () => ({ input: { name: 'X', scopes: ['CONTACTS_READ'] } }),
  contactsImport: () => ({ input: { format: 'VCARD', content: `BEGIN:VCARD\nVERSION:4.0\nFN:X\nUID:${marker}\nEND:VCARD\n` } }),
  googleConnect: () => ({ features: ['CONTACTS'] }),
  googleDisconnect: () => ({ importedData: 'PURGE' }),
  contactSuggestions: nothing,
  contactSuggestionsStop: nothing,
  'contactSuggestionAccept(id)': byId,
  googleSync: () => ({ feature: 'CONTACTS' }),
  privacyIntakeRecord: () => ({ input: { type: 'ACCESS', address: 'x@example.test', channel: 'POST', receivedAt: '2025-01-01T00:00:00Z' } }),
  privacyRequestByToken: () => ({ token: 'X' }),
  privacyRequestCodeSend: () => ({ token: 'X' }),
  privacyRequestFile: () => ({ input: { type: 'ACCESS', address: 'x@example.test' } }),
  privacyRequestQueue: nothing,
  privacyRequestRecall: () => ({ token: 'X' }),
  privacyRequestVerify: () => ({ token: 'X', code: '1' }),
  sessionsRevokeAll: nothing,
  tagDelete: () => ({ tag: `${marker} tag` }),
  tagFollowUpClear: () => ({ tag: `${marker} tag` }),
  tagFollowUpSet: () => ({ tag: 'X', every: 'P30D' }),
  tagRename: () => ({ tag: `${marker} tag`, name: 'X' }),
}

const calls = rootFields.flatMap((root) => {
  const paths = idPaths(root)
  return (paths.length > 0 ? paths.map((path) => `${root.name}(${path})`) : [root.name]).map((call) => ({ call, root, takesId: paths.length > 0 }))
})
const ownedTables = Object.values(policies).flatMap(({ model, owned }) => (owned ? [tableOf(model)] : []))

let kith: TestApp
let ada: Person
let bea: Person
let world: World
let own: string

beforeAll(async () => {
  kith = await testApp({ config: { google: null } })
  ada = await kith.signUp()
  world = await makeWorld(kith, ada)
})
afterAll(() => kith.close())
beforeEach(async () => {
  bea = await kith.signUp()
  own = await befriend(bea, 'Own')
})

/** A well-formed id of the same type that no row has. */
const absentLike = (id: string): string => (id.startsWith('ref:') ? 'ref:none' : encodeId(decodeId(id)?.typename ?? '', randomUUID()))

async function callAs(root: (typeof calls)[number]['root'], variables: Variables): Promise<Answer> {
  return kith.graphql(operationOf(root), variables, { headers: bea.browser })
}

/** An answer without what differs from one call to the next: ids, instants, and the id that was sent. */
function shapeOf({ data, errors, status }: Answer, sent: string): unknown {
  const text = JSON.stringify({ data, status, errors: errors?.map(({ message, path, extensions }) => ({ message, path, code: extensions['code'] })) })
  return JSON.parse(text.replaceAll(sent, 'SENT'), (_key, value: unknown) => {
    if (typeof value !== 'string') return value
    const decoded = decodeId(value)
    return decoded ? `an id of ${decoded.typename}` : value.replace(/^\d{4}-\d\d-\d\dT.*Z$/, 'an instant')
  })
}

async function rowsOfAda(): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for (const name of ownedTables) {
    const { rows } = await kith.app.database.pool.query<{ text: string }>(`SELECT t::text AS text FROM ${name} AS t WHERE "ownerId" = $1 ORDER BY 1`, [
      ada.ownerId,
    ])
    found[name] = rows.map(({ text }) => text)
  }
  return found
}

test('every root field, every argument that takes an id, and every type of node is tried', () => {
  expect(calls.map(({ call }) => call).filter((call) => !(call in table))).toEqual([])
  expect(Object.keys(table).filter((name) => !calls.some(({ call }) => call === name))).toEqual([])
  expect(nodeTypes().filter((type) => !(type in world))).toEqual([])
})

describe('[F-46] what belongs to somebody else is as if it were not there', () => {
  // Without this the comparisons below would hold for ids that nobody finds.
  test('while its owner finds each of it', async () => {
    const { data } = await ada.graphql('query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { ids: nodeTypes().map((type) => world[type]) })
    expect(data.nodes).toEqual(nodeTypes().map((type) => ({ __typename: type, id: world[type] })))
  })

  test.each(calls.filter(({ takesId }) => takesId))('$call', async ({ call, root }) => {
    const entry = table[call]
    if (!entry) throw new Error(`${call} has no entry in the table.`)
    const before = await rowsOfAda()
    for (const [kind, id] of Object.entries(world)) {
      const absent = absentLike(id)
      const foreign = await callAs(root, entry(id, own))
      const none = await callAs(root, entry(absent, own))
      // It is the field that answers, not a check before it.
      expect(foreign.data ?? {}, JSON.stringify(foreign.errors)).toHaveProperty('it')
      expect(shapeOf(foreign, id), kind).toEqual(shapeOf(none, absent))
      const said = JSON.stringify(foreign.data ?? null)
      expect(said.replaceAll(id, ''), kind).not.toContain(marker)
      for (const other of Object.values(world)) if (other !== id) expect(said, kind).not.toContain(other)
      expect(foreign.errors?.map(({ message }) => message) ?? [], kind).not.toContainEqual(expect.stringContaining(rowIdOf(id) || marker))
    }
    expect(await rowsOfAda()).toEqual(before)
  })

  test.each(calls.filter(({ takesId }) => !takesId))('$call', async ({ call, root }) => {
    const entry = table[call]
    if (!entry) throw new Error(`${call} has no entry in the table.`)
    const before = await rowsOfAda()
    const answer = await callAs(root, entry('', own))
    expect(answer.data ?? {}, JSON.stringify(answer.errors)).toHaveProperty('it')
    const said = JSON.stringify([answer.data, answer.errors])
    for (const id of Object.values(world)) expect(said).not.toContain(id)
    expect(said.replaceAll(`${marker} tag`, '')).not.toContain(marker)
    expect(await rowsOfAda()).toEqual(before)
  })
})
