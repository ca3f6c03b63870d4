import type { people_v1 } from 'googleapis/build/src/apis/people/index.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { expectedPeople } from '../../dev/google/oracle/people.ts'
import { missing } from '../../dev/google/faults.ts'
import { startGoogleSimulator, type GoogleSimulator } from '../../dev/google/simulator.ts'
import { createWorld, type World } from '../../dev/google/world.ts'
import { peopleClient, refusal } from './clients.ts'

const email = 'ada@example.test'
const scopes = ['https://www.googleapis.com/auth/contacts.readonly', 'https://www.googleapis.com/auth/contacts.other.readonly']
let clock: ReturnType<typeof fixedClock>
let world: World
let simulator: GoogleSimulator
let people: people_v1.People
beforeEach(async () => {
  clock = fixedClock('2026-03-01T12:00:00Z')
  world = createWorld({ seed: 'people faults', clock })
  world.addAccount({ email, givenName: 'Ada', familyName: 'Example' })
  simulator = await startGoogleSimulator({ clock, world })
  people = peopleClient(simulator, email, scopes)
})
afterEach(() => simulator.close())

const expired = { status: 400, data: { error: { status: 'FAILED_PRECONDITION', details: [{ reason: 'EXPIRED_SYNC_TOKEN' }] } } }
const named = (givenName: string, ...addresses: string[]) =>
  world.addPerson(email, { names: [{ givenName }], emailAddresses: addresses.map((value) => ({ value })) })
const connections = async (syncToken?: string) =>
  (
    await people.people.connections.list({
      resourceName: 'people/me',
      personFields: 'names,emailAddresses,metadata',
      requestSyncToken: true,
      ...(syncToken && { syncToken }),
    })
  ).data
const groups = async (options: people_v1.Params$Resource$Contactgroups$List = {}) => (await people.contactGroups.list({ pageSize: 100, ...options })).data
const others = async (options: people_v1.Params$Resource$Othercontacts$List = {}) =>
  (await people.otherContacts.list({ readMask: 'names,emailAddresses,metadata', requestSyncToken: true, ...options })).data

describe('other contacts', () => {
  test('are a list of their own with a sync token of its own', async () => {
    named('Saved')
    const bo = world.addOtherContact(email, { names: [{ givenName: 'Bo' }], emailAddresses: [{ value: 'bo@example.com' }] })
    const cy = world.addOtherContact(email, { emailAddresses: [{ value: 'cy@example.com' }] })
    const first = await others({ pageSize: 1 })
    const second = await others({ pageSize: 1, pageToken: first.nextPageToken ?? '' })
    expect([first.totalSize, first.nextSyncToken]).toEqual([2, undefined])
    expect([...(first.otherContacts ?? []), ...(second.otherContacts ?? [])]).toMatchObject([
      { resourceName: expect.stringMatching(/^otherContacts\/c\d+$/), names: [{ givenName: 'Bo' }], metadata: { sources: [{ type: 'OTHER_CONTACT' }] } },
      { resourceName: cy.resourceName },
    ])
    world.editOtherContact(email, cy.resourceName ?? '', { names: [{ givenName: 'Cy' }] })
    world.deleteOtherContact(email, bo.resourceName ?? '')
    const changed = await others({ pageSize: 1000, syncToken: '' })
    expect(changed.otherContacts).toHaveLength(1)
    const { otherContacts } = await others({ pageSize: 1, syncToken: second.nextSyncToken ?? '' })
    expect(otherContacts).toMatchObject([{ names: [{ givenName: 'Cy' }] }])
    expect(expectedPeople(world.account(email)).otherContacts.map((person) => person.resourceName)).toEqual([cy.resourceName])
  })

  test('need their own scope and a mask that is known', async () => {
    const contactsOnly = peopleClient(simulator, email)
    expect(await refusal(contactsOnly.otherContacts.list({ readMask: 'names' }))).toMatchObject({ status: 403 })
    for (const readMask of ['', 'birthdays']) expect(await refusal(others({ readMask }))).toMatchObject({ status: 400 })
  })

  test("tokens of the one list are nothing to the other, and nobody's book holds the other's people", async () => {
    const { nextSyncToken } = await connections()
    expect(await refusal(others({ syncToken: nextSyncToken ?? '' }))).toMatchObject({ status: 400, data: { error: { status: 'INVALID_ARGUMENT' } } })
  })
})

describe('contact groups', () => {
  test('come with what was added, renamed and deleted since a token', async () => {
    const [choir, club] = ['Choir', 'Club'].map((name) => world.addGroup(email, name)) as [string, string]
    const { nextSyncToken, contactGroups } = await groups()
    expect(contactGroups?.filter((group) => group.groupType === 'USER_CONTACT_GROUP').map((group) => group.name)).toEqual(['Choir', 'Club'])
    world.renameGroup(email, choir, 'Big choir')
    world.deleteGroup(email, club)
    const added = world.addGroup(email, 'Climbing')
    expect((await groups({ syncToken: nextSyncToken ?? '' })).contactGroups).toMatchObject([
      { resourceName: choir, name: 'Big choir' },
      { resourceName: club, metadata: { deleted: true } },
      { resourceName: added, name: 'Climbing' },
    ])
    expect((await groups()).contactGroups?.map((group) => group.resourceName)).not.toContain(club)
    expect(expectedPeople(world.account(email)).groups.map((group) => group.name)).toEqual(['Big choir', 'Climbing'])
  })

  test('pages can be empty in the middle', async () => {
    simulator.faults.add({ path: '/v1/contactGroups', emptyPage: true })
    const empty = await groups()
    expect([empty.contactGroups, empty.nextSyncToken]).toEqual([undefined, undefined])
    expect((await groups({ pageToken: empty.nextPageToken ?? '' })).contactGroups?.length).toBeGreaterThan(5)
  })
})

describe('tokens', () => {
  test('all end when told to, and those given afterwards live', async () => {
    named('One')
    const tokens = async () => ({
      contacts: (await connections()).nextSyncToken ?? '',
      groups: (await groups()).nextSyncToken ?? '',
      others: (await others()).nextSyncToken ?? '',
    })
    const before = await tokens()
    world.expirePeopleTokens(email)
    for (const call of [connections(before.contacts), groups({ syncToken: before.groups }), others({ syncToken: before.others })])
      expect(await refusal(call)).toMatchObject(expired)
    const after = await tokens()
    expect([
      (await connections(after.contacts)).connections,
      (await groups({ syncToken: after.groups })).contactGroups,
      (await others({ syncToken: after.others })).otherContacts,
    ]).toEqual([undefined, undefined, undefined])
  })

  test('of groups end seven days after the full list too', async () => {
    const { nextSyncToken } = await groups()
    clock.advance({ days: 7 })
    people = peopleClient(simulator, email, scopes)
    expect(await refusal(groups({ syncToken: nextSyncToken ?? '' }))).toMatchObject(expired)
  })

  test('the one on the last page can be missing', async () => {
    simulator.faults.add({ path: '/v1/people/me/connections', ...missing('nextSyncToken') })
    const answer = await connections()
    expect([answer.nextSyncToken, answer.nextPageToken]).toEqual([undefined, undefined])
  })
})

test('merged people: one with the values of both, the other deleted', async () => {
  const [kept, merged] = [named('Bo', 'bo@example.com', 'both@example.com'), named('Bobby', 'both@example.com', 'bobby@example.org')]
  const { nextSyncToken } = await connections()
  world.mergePeople(email, kept.resourceName ?? '', merged.resourceName ?? '')
  const changed = (await connections(nextSyncToken ?? '')).connections
  expect(changed).toMatchObject([
    { resourceName: merged.resourceName, metadata: { deleted: true } },
    { resourceName: kept.resourceName, names: [{ givenName: 'Bo' }] },
  ])
  expect(changed?.[1]?.emailAddresses?.map((address) => address.value)).toEqual(['bo@example.com', 'both@example.com', 'bobby@example.org'])
  expect(expectedPeople(world.account(email)).people.map((person) => person.resourceName)).toEqual([kept.resourceName])
})

test('the first pages of full lists can be counted: 429, again after a minute, never for the others', async () => {
  simulator.settings.firstPagesPerMinute = 2
  const { nextSyncToken } = await connections()
  await connections()
  expect(await refusal(connections())).toMatchObject({
    status: 429,
    data: { error: { status: 'RESOURCE_EXHAUSTED', details: [{ reason: 'RATE_LIMIT_EXCEEDED' }] } },
  })
  expect((await connections(nextSyncToken ?? '')).nextSyncToken).toBeDefined()
  clock.advance({ seconds: 60 })
  expect((await connections()).nextSyncToken).toBeDefined()
})

test('a photo can be too large, and another redirects to where the settings say', async () => {
  simulator.settings.photoRedirect = `${simulator.origin}/private`
  const { resourceName } = world.addPerson(email, { names: [{ givenName: 'Bo' }], photos: [{ url: '/photos/oversized=s100' }] })
  const { data } = await people.people.get({ resourceName: resourceName ?? '', personFields: 'photos' })
  const large = await fetch(data.photos?.[0]?.url ?? '')
  expect([large.status, large.headers.get('content-type'), (await large.arrayBuffer()).byteLength]).toEqual([200, 'image/png', 3 * 1024 * 1024])
  const elsewhere = await fetch(`${simulator.origin}/photos/elsewhere=s100`, { redirect: 'manual' })
  expect([elsewhere.status, elsewhere.headers.get('location')]).toEqual([302, `${simulator.origin}/private`])
})
