import type { people_v1 } from 'googleapis/build/src/apis/people/index.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { quotaExceeded } from '../../dev/google/errors.ts'
import { startGoogleSimulator, type GoogleSimulator } from '../../dev/google/simulator.ts'
import { createWorld, type World } from '../../dev/google/world.ts'
import { peopleClient, refusal } from './clients.ts'

const email = 'ada@example.test'
const fields = 'names,emailAddresses,phoneNumbers,photos,memberships,metadata'
let clock: ReturnType<typeof fixedClock>
let world: World
let simulator: GoogleSimulator
let people: people_v1.People
beforeEach(async () => {
  clock = fixedClock('2026-03-01T12:00:00Z')
  world = createWorld({ seed: 'people', clock })
  world.addAccount({ email, givenName: 'Ada', familyName: 'Example' })
  world.addAccount({ email: 'grace@example.test', givenName: 'Grace', familyName: 'Example' })
  for (let number = 1; number <= 25; number++) world.addPerson(email, { names: [{ givenName: `Person${number}`, familyName: 'Exampleton' }] })
  simulator = await startGoogleSimulator({ clock, world })
  people = peopleClient(simulator, email)
})
afterEach(() => simulator.close())

type Options = people_v1.Params$Resource$People$Connections$List

async function listAll(options: Options = {}) {
  const all: people_v1.Schema$Person[] = []
  const request: Options = { resourceName: 'people/me', personFields: fields, pageSize: 10, requestSyncToken: true, ...options }
  for (let pages = 1; ; pages++) {
    const { data } = await people.people.connections.list(request)
    all.push(...(data.connections ?? []))
    if (!data.nextPageToken) return { all, pages, syncToken: data.nextSyncToken ?? '', totalItems: data.totalItems }
    expect(data.nextSyncToken).toBeUndefined()
    request.pageToken = data.nextPageToken
  }
}

const named = (list: people_v1.Schema$Person[]) => list.map((person) => person.names?.[0]?.givenName ?? '')
const alphabetically = (one: string, other: string) => one.localeCompare(other, 'en')
const nameOf = (number: number) =>
  world
    .account(email)
    .addressBook.people()
    .find((entry) => entry.person.names?.[0]?.givenName === `Person${number}`)?.person.resourceName ?? ''

describe('connections.list', () => {
  test('pages hold everybody once, with ids, etags, sources and primary marks', async () => {
    const { all, pages, totalItems } = await listAll()
    expect(pages).toBe(3)
    expect(totalItems).toBe(25)
    expect(new Set(all.map((person) => person.resourceName)).size).toBe(25)
    for (const person of all) {
      expect(person.resourceName).toMatch(/^people\/c\d+$/)
      expect(person.etag).toBeTruthy()
      const [source] = person.metadata?.sources ?? []
      expect(source).toMatchObject({
        type: 'CONTACT',
        id: BigInt(person.resourceName?.slice('people/c'.length) ?? 0).toString(16),
        updateTime: '2026-03-01T12:00:00Z',
      })
      expect(person.names?.[0]?.metadata).toMatchObject({ primary: true, source: { type: 'CONTACT', id: source?.id } })
    }
  })

  test('gives only the fields that are asked for', async () => {
    world.addPerson(email, { names: [{ givenName: 'Wide' }], emailAddresses: [{ value: 'wide@example.com' }], biographies: [{ value: 'hidden' }] })
    const { all } = await listAll({ personFields: 'emailAddresses' })
    expect(Object.keys(all.at(-1) ?? {}).sort()).toEqual(['emailAddresses', 'etag', 'resourceName'])
  })

  test('gives at most 100 addresses of one person; people.get gives all', async () => {
    const { resourceName = '' } = world.addPerson(email, { emailAddresses: Array.from({ length: 104 }, (_, index) => ({ value: `a${index}@example.com` })) })
    const { all } = await listAll()
    expect(all.at(-1)?.emailAddresses).toHaveLength(100)
    const { data } = await people.people.get({ resourceName: resourceName ?? '', personFields: 'emailAddresses' })
    expect(data.emailAddresses).toHaveLength(104)
  })

  test('reads the sources it is told to', async () => {
    const profile = { source: { type: 'PROFILE', id: '100' } }
    world.addPerson(email, { names: [{ givenName: 'Saved' }, { givenName: 'Own', metadata: profile }] })
    const both = (await listAll()).all.at(-1)
    expect(both?.names?.map((name) => [name.givenName, name.metadata?.primary ?? false, name.metadata?.sourcePrimary])).toEqual([
      ['Saved', true, true],
      ['Own', false, true],
    ])
    const { all } = await listAll({ sources: ['READ_SOURCE_TYPE_PROFILE'] })
    expect(named(all)).toEqual(['Own'])
  })

  test('sorts as asked', async () => {
    const first = await listAll({ sortOrder: 'FIRST_NAME_ASCENDING' })
    expect(named(first.all)).toEqual(named(first.all).toSorted(alphabetically))
    expect(named((await listAll({ sortOrder: 'LAST_MODIFIED_DESCENDING' })).all)).toEqual(named((await listAll()).all).toReversed())
  })

  test.each([
    ['no personFields', { personFields: '' }],
    ['an unknown field', { personFields: 'names,shoeSize' }],
    ['pages over 1000', { pageSize: 1001 }],
    ['an invented page token', { pageToken: 'invented' }],
    ['an invented sync token', { syncToken: 'invented' }],
    ['somebody else than me', { resourceName: 'people/c1' }],
  ])('refuses %s with 400 INVALID_ARGUMENT', async (_, options) => {
    expect(await refusal(listAll(options))).toMatchObject({ status: 400, data: { error: { code: 400, status: 'INVALID_ARGUMENT' } } })
  })

  test('someone edited while pages are read is not lost, and somebody deleted does not come', async () => {
    const request: Options = { resourceName: 'people/me', personFields: fields, pageSize: 10, requestSyncToken: true }
    const first = (await people.people.connections.list(request)).data
    world.editPerson(email, nameOf(1), { nicknames: [{ value: 'Moved' }] })
    world.editPerson(email, nameOf(20), { nicknames: [{ value: 'Moved' }] })
    world.deletePerson(email, nameOf(25))
    const rest = await listAll({ pageToken: first.nextPageToken ?? '' })
    const seen = new Set([...named(first.connections ?? []), ...named(rest.all)])
    expect([...seen].toSorted(alphabetically)).toEqual(Array.from({ length: 24 }, (_, index) => `Person${index + 1}`).toSorted(alphabetically))
    const { all } = await listAll({ syncToken: rest.syncToken })
    expect(all).toHaveLength(3)
  })
})

describe('incremental sync', () => {
  test('gives what was added, edited and deleted since, and nothing when nothing happened', async () => {
    const { syncToken } = await listAll()
    expect((await listAll({ syncToken })).all).toEqual([])
    clock.advance({ minutes: 30 })
    world.editPerson(email, nameOf(3), { phoneNumbers: [{ value: '(202) 555-0133', type: 'mobile' }] })
    const gone = nameOf(4)
    world.deletePerson(email, gone)
    world.addPerson(email, { names: [{ givenName: 'New' }] })
    const { all, syncToken: next } = await listAll({ syncToken })
    expect(all).toMatchObject([
      { names: [{ givenName: 'Person3' }], phoneNumbers: [{ value: '(202) 555-0133', canonicalForm: '+12025550133', formattedType: 'Mobile' }] },
      { resourceName: gone, metadata: { deleted: true } },
      { names: [{ givenName: 'New' }] },
    ])
    expect(all[1]?.names).toBeUndefined()
    expect((await listAll({ syncToken: next })).all).toEqual([])
    expect((await listAll()).all).toHaveLength(25)
  })

  test('changes come in pages too', async () => {
    const { syncToken } = await listAll()
    for (let number = 1; number <= 23; number++) world.editPerson(email, nameOf(number), { nicknames: [{ value: 'x' }] })
    const { all, pages } = await listAll({ syncToken })
    expect([all.length, pages]).toEqual([23, 3])
  })

  test('a new name comes with the former ones, which still find the person', async () => {
    const { syncToken } = await listAll()
    const former = nameOf(5)
    const next = world.rekeyPerson(email, former)
    const { all } = await listAll({ syncToken })
    expect(all).toMatchObject([{ resourceName: next, names: [{ givenName: 'Person5' }], metadata: { previousResourceNames: [former] } }])
    const { data } = await people.people.get({ resourceName: former, personFields: 'names' })
    expect(data.resourceName).toBe(next)
    expect((await listAll()).all.find((person) => person.resourceName === next)?.metadata?.previousResourceNames).toBeUndefined()
  })

  test('a token is refused with other parameters than those it came from', async () => {
    const { syncToken } = await listAll()
    for (const options of [{ personFields: 'names' }, { sources: ['READ_SOURCE_TYPE_CONTACT'] }, { requestSyncToken: false }]) {
      expect(await refusal(listAll({ syncToken, ...options }))).toMatchObject({ status: 400, data: { error: { status: 'INVALID_ARGUMENT' } } })
    }
  })

  test('a token expires seven days after the full sync, however often it was renewed: 400 EXPIRED_SYNC_TOKEN', async () => {
    const { syncToken } = await listAll()
    clock.advance({ days: 6, hours: 23 })
    people = peopleClient(simulator, email)
    const { syncToken: renewed } = await listAll({ syncToken })
    clock.advance({ hours: 1 })
    people = peopleClient(simulator, email)
    for (const token of [syncToken, renewed]) {
      expect(await refusal(listAll({ syncToken: token }))).toMatchObject({
        status: 400,
        data: { error: { status: 'FAILED_PRECONDITION', details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'EXPIRED_SYNC_TOKEN' }] } },
      })
    }
    expect((await listAll()).all).toHaveLength(25)
  })

  test("one account's tokens are nothing to another", async () => {
    const { syncToken } = await listAll()
    for (let number = 1; number <= 40; number++) world.addPerson('grace@example.test', { names: [{ givenName: `Friend${number}` }] })
    people = peopleClient(simulator, 'grace@example.test')
    expect(await refusal(listAll({ syncToken }))).toMatchObject({ status: 400, data: { error: { status: 'INVALID_ARGUMENT' } } })
    expect(named((await listAll()).all)[0]).toBe('Friend1')
  })

  test('the extra quota on the first page of a full sync can be set to run out', async () => {
    const { syncToken } = await listAll()
    simulator.faults.add({ path: '/v1/people/me/connections', query: { syncToken: null, pageToken: null }, ...quotaExceeded() })
    expect((await listAll({ syncToken })).all).toEqual([])
    expect(await refusal(listAll())).toMatchObject({ status: 429, data: { error: { status: 'RESOURCE_EXHAUSTED' } } })
    expect((await listAll()).all).toHaveLength(25)
  })
})

describe('access', () => {
  test('no token, an unknown one and an expired one: 401 UNAUTHENTICATED', async () => {
    const list = () => people.people.connections.list({ resourceName: 'people/me', personFields: 'names' })
    clock.advance({ hours: 2 })
    expect(await refusal(list())).toMatchObject({ status: 401, data: { error: { status: 'UNAUTHENTICATED' } } })
    for (const headers of [{}, { authorization: 'Bearer ya29.invented' }]) {
      const response = await fetch(`${simulator.origin}/v1/people/me/connections?personFields=names`, { headers: headers as Record<string, string> })
      expect([response.status, await response.json()]).toMatchObject([401, { error: { status: 'UNAUTHENTICATED' } }])
    }
  })

  test('a token without the scope: 403 ACCESS_TOKEN_SCOPE_INSUFFICIENT, for every method', async () => {
    const signedInOnly = peopleClient(simulator, email, ['openid', 'email', 'profile'])
    for (const call of [
      signedInOnly.people.connections.list({ resourceName: 'people/me', personFields: 'names' }),
      signedInOnly.people.get({ resourceName: nameOf(1), personFields: 'names' }),
      signedInOnly.people.getBatchGet({ resourceNames: [nameOf(1)], personFields: 'names' }),
      signedInOnly.contactGroups.list(),
    ]) {
      const { status, data, headers } = await refusal(call)
      expect({ status, data }).toMatchObject({
        status: 403,
        data: { error: { status: 'PERMISSION_DENIED', details: [{ reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT' }] } },
      })
      expect(headers.get('www-authenticate')).toContain('insufficient_scope')
    }
    const { data } = await signedInOnly.people.get({ resourceName: 'people/me', personFields: 'names,emailAddresses' })
    expect(data).toMatchObject({ names: [{ displayName: 'Ada Example' }], emailAddresses: [{ value: email, metadata: { verified: true } }] })
  })

  test('a scope taken back and a grant revoked take effect on tokens already out', async () => {
    const list = () => people.people.connections.list({ resourceName: 'people/me', personFields: 'names' })
    await list()
    simulator.tokens.withdrawScopes(email, ['https://www.googleapis.com/auth/contacts.readonly'])
    expect((await refusal(list())).status).toBe(403)
    simulator.tokens.revokeAccount(email)
    expect((await refusal(list())).status).toBe(401)
  })

  test("another account's contact is not found", async () => {
    const grace = peopleClient(simulator, 'grace@example.test')
    expect(await refusal(grace.people.get({ resourceName: nameOf(1), personFields: 'names' }))).toMatchObject({
      status: 404,
      data: { error: { status: 'NOT_FOUND' } },
    })
  })
})

describe('people.get, batchGet, contactGroups and photos', () => {
  test('batchGet answers for each name, found or not, and for at most 200', async () => {
    const { data } = await people.people.getBatchGet({ resourceNames: [nameOf(1), 'people/c404', nameOf(2)], personFields: 'names' })
    expect(data.responses?.map((response) => [response.httpStatusCode, response.person?.names?.[0]?.givenName])).toEqual([
      [200, 'Person1'],
      [404, undefined],
      [200, 'Person2'],
    ])
    const tooMany = Array.from({ length: 201 }, () => nameOf(1))
    expect(await refusal(people.people.getBatchGet({ resourceNames: tooMany, personFields: 'names' }))).toMatchObject({ status: 400 })
  })

  test('labels and system groups with their members, and their own sync token', async () => {
    const choir = world.addGroup(email, 'Choir')
    const membership = { contactGroupMembership: { contactGroupResourceName: choir } }
    world.editPerson(email, nameOf(1), { memberships: [membership] })
    const full = (await people.contactGroups.list({ pageSize: 1000 })).data
    const groups = new Map(full.contactGroups?.map((group) => [group.resourceName, group]))
    expect(groups.get('contactGroups/myContacts')).toMatchObject({ groupType: 'SYSTEM_CONTACT_GROUP', formattedName: 'My Contacts', memberCount: 24 })
    expect(groups.get(choir)).toMatchObject({ groupType: 'USER_CONTACT_GROUP', name: 'Choir', memberCount: 1 })
    const paged = (await people.contactGroups.list({ pageSize: 5 })).data
    expect([paged.contactGroups?.length, typeof paged.nextPageToken, paged.nextSyncToken]).toEqual([5, 'string', undefined])

    world.renameGroup(email, choir, 'Chamber choir')
    const renamed = (await people.contactGroups.list({ syncToken: full.nextSyncToken ?? '' })).data
    expect(renamed.contactGroups).toMatchObject([{ resourceName: choir, name: 'Chamber choir' }])
    const { syncToken } = await listAll()
    world.deleteGroup(email, choir)
    const deleted = (await people.contactGroups.list({ syncToken: renamed.nextSyncToken ?? '' })).data
    expect(deleted.contactGroups).toMatchObject([{ resourceName: choir, metadata: { deleted: true } }])
    expect(named((await listAll({ syncToken })).all)).toEqual(['Person1'])
  })

  test('photos are PNGs on the same origin, need no token, and come in the size asked for', async () => {
    world.addPerson(email, { photos: [{ url: '/photos/p123=s100' }, { url: '/photos/p124=s100', default: true }] })
    const photos = (await listAll()).all.at(-1)?.photos ?? []
    expect(photos.map((photo) => photo.default ?? false)).toEqual([false, true])
    const url = photos[0]?.url ?? ''
    expect(url.startsWith(`${simulator.origin}/photos/`)).toBe(true)
    const widthOf = async (address: string) => {
      const response = await fetch(address)
      expect(response.headers.get('content-type')).toBe('image/png')
      return Buffer.from(await response.arrayBuffer()).readUInt32BE(16)
    }
    expect(await widthOf(url)).toBe(100)
    expect(await widthOf(url.replace('=s100', '=s256'))).toBe(256)
    expect(await widthOf(`${url}?sz=64`)).toBe(64)
    expect((await fetch(`${simulator.origin}/photos/none`)).status).toBe(404)
  })
})
