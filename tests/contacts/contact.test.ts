import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { change, create, data, paths, read, result, rowIdOf, update } from './support.ts'

let kith: TestApp
let ada: Person
let bea: Person
let statements: string[] = []

beforeAll(async () => {
  kith = await testApp({ onQuery: (text) => statements.push(text) })
  ada = await kith.signUp()
  bea = await kith.signUp()
})
afterAll(() => kith.close())

const whole = {
  name: { prefix: 'Dr', given: 'Zoë', middle: 'Q', family: 'Núñez', suffix: 'Jr', nickname: 'Zo', phoneticGiven: 'Zo-ee', phoneticFamily: 'Noonyez' },
  about: 'Met at the\nlighthouse',
  starred: true,
  emails: [
    { address: 'Zoe@Example.test', label: 'work' },
    { address: 'z@home.example', label: 'home', primary: true },
  ],
  phones: [{ number: '030 1234567', label: 'home' }, { number: '+1 212 555 0100' }],
  addresses: [{ label: 'home', street: '1 Main St', city: 'Springfield', region: 'IL', postalCode: '62701', country: 'United States', countryCode: 'us' }],
  urls: [{ url: 'https://zoe.example', label: 'blog' }],
  organizations: [{ name: 'Acme', department: 'R&D', title: 'Head' }],
  dates: [
    { kind: 'BIRTHDAY', date: { month: 2, day: 29 } },
    { kind: 'OTHER', label: 'First met', date: { year: 2019 } },
  ],
  relations: [{ name: 'Max', kind: 'brother' }],
  customFields: [{ name: 'Shoe size', value: '38' }],
  tags: ['Friends', 'friends', 'Climbing'],
}
const lists = ['emails', 'phones', 'addresses', 'urls', 'organizations', 'dates', 'relations', 'customFields'] as const
const events = async (who: Person, id: string) =>
  (await kith.app.database.pool.query('SELECT type, changed FROM events WHERE "ownerId" = $1 AND "entityId" = $2 ORDER BY seq', [who.ownerId, rowIdOf(id)]))
    .rows

describe('a new contact', () => {
  test('holds everything it was given, normalised', async () => {
    const contact = await create(ada, { ...whole, externalReference: 'crm-1' })
    expect(contact).toMatchObject({
      __typename: 'Contact',
      displayName: 'Dr Zoë Q Núñez Jr',
      name: whole.name,
      about: whole.about,
      starred: true,
      tags: ['Friends', 'Climbing'],
      externalReference: 'crm-1',
      emails: [
        { address: 'Zoe@Example.test', label: 'work', primary: false },
        { address: 'z@home.example', label: 'home', primary: true },
      ],
      phones: [
        { number: '030 1234567', e164: '+49301234567', primary: true },
        { number: '+1 212 555 0100', e164: '+12125550100', primary: false },
      ],
      addresses: [{ countryCode: 'US', formatted: '1 Main St\nSpringfield, IL 62701\nUnited States' }],
      urls: whole.urls,
      organizations: whole.organizations,
      dates: [
        { kind: 'BIRTHDAY', label: null, date: { year: null, month: 2, day: 29 } },
        { kind: 'OTHER', label: 'First met', date: { year: 2019, month: null, day: null } },
      ],
      relations: [{ name: 'Max', kind: 'brother', contact: null }],
      customFields: whole.customFields,
      sources: [{ kind: 'MANUAL', externalId: null }],
      archivedAt: null,
      deletedAt: null,
      lastInteractionAt: null,
    })
    const { __typename, ...fields } = contact
    expect(await read(ada, contact.id)).toEqual(fields)
    expect((await events(ada, contact.id))[0]).toEqual({
      type: 'contact.created',
      changed: [
        'about',
        'addresses',
        'customFields',
        'dates',
        'emails',
        'externalReference',
        'name',
        'organizations',
        'phones',
        'relations',
        'starred',
        'tags',
        'urls',
      ],
    })
  })

  test('is called by what it has', async () => {
    const called = async (input: object) => (await create(ada, input)).displayName
    expect(await called({ displayName: 'The Boss', name: { given: 'Al' } })).toBe('The Boss')
    expect(await called({ name: { given: '太郎', family: '山田' } })).toBe('山田太郎')
    expect(await called({ name: { nickname: 'Bo' } })).toBe('Bo')
    expect(await called({ organizations: [{ name: 'Acme' }], emails: [{ address: 'a@example.test' }] })).toBe('Acme')
    expect(await called({ emails: [{ address: 'a@example.test' }] })).toBe('a@example.test')
    expect(await called({ phones: [{ number: '030 99' }] })).toBe('030 99')
  })

  test.each<[string, object, string[]]>([
    ['nothing to recognise it by', { about: 'Somebody', tags: ['x'] }, ['name']],
    ['only blanks', { name: { given: ' \u0007 ' } }, ['name']],
    ['an address that is none', { emails: [{ address: 'nobody' }] }, ['emails.0.address']],
    [
      'two primary addresses',
      {
        emails: [
          { address: 'a@example.test', primary: true },
          { address: 'b@example.test', primary: true },
        ],
      },
      ['emails.1.primary'],
    ],
    ['a number without a digit', { phones: [{ number: '---' }] }, ['phones.0.number']],
    ['an empty postal address', { name: { given: 'A' }, addresses: [{ label: 'home' }] }, ['addresses.0']],
    ['a country that is none', { name: { given: 'A' }, addresses: [{ city: 'B', countryCode: 'XX' }] }, ['addresses.0.countryCode']],
    ['a URL that runs code', { name: { given: 'A' }, urls: [{ url: 'https://ok.example' }, { url: 'JavaScript:alert(1)' }] }, ['urls.1.url']],
    ['a day that is none', { name: { given: 'A' }, dates: [{ kind: 'BIRTHDAY', date: { year: 2023, month: 2, day: 29 } }] }, ['dates.0.date']],
    ['names that are too long', { name: { given: 'x'.repeat(201), family: 'y'.repeat(201) } }, ['name.given', 'name.family']],
    ['about that is too long', { name: { given: 'A' }, about: 'x'.repeat(50_001) }, ['about']],
    ['too many entries', { name: { given: 'A' }, tags: Array.from({ length: 101 }, (_, n) => `t${n}`) }, ['tags']],
    ['a relation to nobody', { name: { given: 'A' }, relations: [{ kind: 'brother' }] }, ['relations.0.name']],
    ['an entry id, which it cannot have yet', { name: { given: 'A' }, emails: [{ id: 'x', address: 'a@example.test' }] }, ['emails.0.id']],
  ])('is refused with %s', async (_what, input, at) => {
    const refused = await create(ada, input)
    expect(refused).toMatchObject({ __typename: 'InvalidInputError', code: 'INVALID_INPUT' })
    expect(paths(refused)).toEqual(at)
  })

  test('takes its texts composed and without control characters', async () => {
    const contact = await create(ada, { name: { given: ' Jose\u0301\u0007 ' }, about: 'a\r\nb\u0008c' })
    expect(contact).toMatchObject({ name: { given: 'Jos\u00e9' }, about: 'a\nbc' })
  })
})

describe('an update', () => {
  test('keeps what it leaves out and clears what is null', async () => {
    const contact = await create(ada, whole)
    const renamed = await update(ada, contact.id, { name: { given: 'Zo', suffix: null } })
    expect(renamed).toEqual({ ...contact, name: { ...whole.name, given: 'Zo', suffix: null }, displayName: 'Dr Zo Q Núñez', updatedAt: renamed.updatedAt })
    const cleared = await update(ada, contact.id, {
      name: null,
      about: null,
      starred: null,
      ...Object.fromEntries(lists.map((list) => [list, null])),
      tags: null,
      displayName: 'Z',
    })
    expect(cleared).toMatchObject({
      displayName: 'Z',
      about: null,
      starred: false,
      tags: [],
      name: { family: null },
      ...Object.fromEntries(lists.map((list) => [list, []])),
    })
    expect((await update(ada, contact.id, { displayName: null })).issues).toEqual([{ path: ['name'], message: expect.any(String) }])
    expect((await read(ada, contact.id)).displayName).toBe('Z')
  })

  test('keeps the ids of entries that it names by id or by value, in the order given', async () => {
    const contact = await create(ada, whole)
    for (const list of lists) {
      const [entry] = contact[list]
      const bare = (whole[list] as object[])[0]
      const same = await update(ada, contact.id, { [list]: whole[list] })
      expect(same[list], list).toEqual(contact[list])
      const other = {
        emails: { address: 'n@example.test' },
        phones: { number: '0171 5555555' },
        addresses: { city: 'Rome' },
        urls: { url: 'https://n.example' },
      }
      const fresh = {
        ...other,
        organizations: { name: 'New' },
        dates: { kind: 'ANNIVERSARY', date: { year: 2001 } },
        relations: { name: 'Mia' },
        customFields: { name: 'N', value: 'v' },
      }[list]
      const before = await update(ada, contact.id, { [list]: [fresh, bare] })
      expect(before[list][1].id, list).toBe(entry.id)
      const changed = await update(ada, contact.id, { [list]: [{ ...fresh, id: entry.id }] })
      expect(changed[list], list).toMatchObject([{ ...fresh, id: entry.id }])
    }
  })

  test('is answered with what is stored, also where one document changes a contact twice', async () => {
    await create(ada, { name: { given: 'First' }, tags: ['Crème'] })
    const contact = await create(ada, whole)
    const changed = {
      starred: false,
      emails: [{ address: 'n@example.test' }, whole.emails[0]],
      phones: [{ number: '0171 5555555' }],
      organizations: [],
      dates: [...whole.dates.toReversed(), { kind: 'ANNIVERSARY', date: { year: 2001 } }],
      relations: [{ contactId: contact.id, name: 'Self' }, { name: 'Mia' }],
      customFields: [{ name: 'N', value: 'v' }],
      tags: ['creme', 'New', 'friends'],
    }
    expect(await update(ada, contact.id, changed)).toMatchObject({ __typename: 'InvalidInputError' })
    const { relations, ...rest } = changed
    const { __typename, ...answered } = await update(ada, contact.id, { ...rest, relations: relations.slice(1) })
    expect(answered).toMatchObject({ tags: ['Crème', 'New', 'Friends'], organizations: [], relations: [{ name: 'Mia' }] })
    expect(await read(ada, contact.id)).toEqual(answered)
    const { first, then } = await data(
      ada,
      `mutation ($id: ID!, $emails: [ContactEmailInput!]!) {
        first: contactUpdate(id: $id, input: { tags: [], urls: [], customFields: [{ name: "One", value: "1" }] }) ${result}
        then: contactUpdate(id: $id, input: { tags: ["Two"], emails: $emails, customFields: [{ name: "Two", value: "2" }] }) ${result} }`,
      { id: contact.id, emails: whole.emails },
    )
    expect(first).toMatchObject({ ...answered, tags: [], urls: [], customFields: [{ name: 'One', value: '1' }], updatedAt: expect.any(String) })
    expect(then).toMatchObject({ tags: ['Two'], urls: [], emails: whole.emails, customFields: [{ name: 'Two', value: '2' }] })
    expect({ __typename, ...(await read(ada, contact.id)) }).toEqual(then)
  })

  test('matches e-mail addresses and phone numbers in any writing', async () => {
    const contact = await create(ada, whole)
    const again = await update(ada, contact.id, { emails: [{ address: 'ZOE@example.TEST' }], phones: [{ number: '+49 (30) 123 45 67' }] })
    expect(again.emails).toEqual([{ ...contact.emails[0], address: 'ZOE@example.TEST', label: null, primary: true }])
    expect(again.phones).toEqual([{ ...contact.phones[0], number: '+49 (30) 123 45 67', label: null }])
  })

  test('leaves exactly one address primary', async () => {
    const contact = await create(ada, whole)
    const primaries = async (emails: object[]) => (await update(ada, contact.id, { emails })).emails.map((email: { primary: boolean }) => email.primary)
    const [zoe, home] = whole.emails.map(({ address }) => ({ address }))
    expect(await primaries([zoe!, home!])).toEqual([false, true])
    expect(await primaries([{ ...zoe, primary: true }, home!])).toEqual([true, false])
    expect(await primaries([home!])).toEqual([true])
    expect(await primaries([{ ...home, primary: false }, { address: 'c@example.test' }])).toEqual([true, false])
  })

  test('refuses entries of another contact', async () => {
    const [one, two] = [await create(ada, whole), await create(ada, whole)]
    const refused = await update(ada, one.id, { emails: [{ id: two.emails[0].id, address: 'x@example.test' }] })
    expect(paths(refused)).toEqual(['emails.0.id'])
    const twice = await update(ada, one.id, { emails: [1, 2].map(() => ({ id: one.emails[0].id, address: 'x@example.test' })) })
    expect(paths(twice)).toEqual(['emails.1.id'])
  })

  test('that changes nothing writes nothing', async () => {
    const contact = await create(ada, whole)
    const same = await update(ada, contact.id, { about: whole.about, tags: ['climbing', 'Friends'].toReversed(), phones: whole.phones })
    expect(same).toEqual(contact)
    expect(await events(ada, contact.id)).toHaveLength(1)
    await update(ada, contact.id, { tags: ['Climbing', 'Friends'], about: 'Other' })
    expect((await events(ada, contact.id))[1]).toEqual({ type: 'contact.updated', changed: ['about', 'tags'] })
  })
})

describe('relations', () => {
  test('point at contacts of one’s own, and show them while they are outside the bin', async () => {
    const max = await create(ada, { name: { given: 'Max' } })
    const zoe = await create(ada, { name: { given: 'Zoe' }, relations: [{ contactId: max.id, kind: 'brother' }] })
    expect(zoe.relations).toMatchObject([{ name: 'Max', kind: 'brother', contact: { id: max.id } }])
    await change(ada, 'contactDelete', max.id)
    expect((await read(ada, zoe.id)).relations).toMatchObject([{ name: 'Max', contact: null }])
    const stranger = await create(bea, { name: { given: 'S' } })
    for (const contactId of [stranger.id, max.id, 'nonsense', zoe.id])
      expect(paths(await update(ada, zoe.id, { relations: [{ name: 'S', contactId }] }))).toEqual(['relations.0.contactId'])
  })
})

describe('an external reference', () => {
  test('is unique among what is not deleted, and stands for an id', async () => {
    const one = await create(ada, { name: { given: 'One' }, externalReference: 'ref/ä 1' })
    expect(paths(await create(ada, { name: { given: 'Two' }, externalReference: 'ref/ä 1' }))).toEqual(['externalReference'])
    const two = await create(ada, { name: { given: 'Two' } })
    expect(paths(await update(ada, two.id, { externalReference: 'ref/ä 1' }))).toEqual(['externalReference'])
    expect((await create(bea, { name: { given: 'Three' }, externalReference: 'ref/ä 1' })).__typename).toBe('Contact')
    expect((await update(ada, 'ref:ref/ä 1', { about: 'found' })).id).toBe(one.id)
    await change(ada, 'contactDelete', 'ref:ref/ä 1')
    expect(await read(ada, 'ref:ref/ä 1')).toBeNull()
    expect((await update(ada, two.id, { externalReference: 'ref/ä 1' })).externalReference).toBe('ref/ä 1')
    expect(await change(ada, 'contactRestore', one.id)).toMatchObject({ __typename: 'ConflictError' })
    await update(ada, two.id, { externalReference: null })
    expect((await change(ada, 'contactRestore', 'ref:ref/ä 1')).id).toBe(one.id)
  })

  test('goes to one of several that want it at once', async () => {
    const results = await Promise.all(Array.from({ length: 6 }, (_, n) => create(ada, { name: { given: `R${n}` }, externalReference: 'race' })))
    expect(results.filter((each) => each.__typename === 'Contact')).toHaveLength(1)
    expect(results.filter((each) => each.__typename === 'InvalidInputError').map(paths)).toEqual(Array.from({ length: 5 }, () => ['externalReference']))
  })
})

describe('many at once', () => {
  const bulk = async (who: Person, inputs: object[], onError?: string) =>
    (
      await data(
        who,
        `mutation ($inputs: [ContactCreateInput!]!, $onError: BulkErrorPolicy) { contactsCreate(inputs: $inputs, onError: $onError) { __typename ... on ContactsCreated { rows { index contact { id displayName tags } error { issues { path } } } } ... on InvalidInputError { issues { path } } } }`,
        {
          inputs,
          onError,
        },
      )
    ).contactsCreate
  const inputs = [
    { name: { given: 'A' }, tags: ['Bulk'], externalReference: 'bulk' },
    { emails: [{ address: 'nobody' }] },
    { name: { given: 'C' }, tags: ['bulk'], externalReference: 'bulk' },
    { name: { given: 'D' } },
  ]

  test('are all refused for one that cannot be taken, or it is left out', async () => {
    const someone = await kith.signUp()
    expect(await bulk(someone, inputs)).toEqual({
      __typename: 'InvalidInputError',
      issues: [{ path: ['1', 'emails', '0', 'address'] }, { path: ['2', 'externalReference'] }],
    })
    expect((await data(someone, '{ contacts { totalCount } }')).contacts.totalCount).toBe(0)
    const { rows } = await bulk(someone, inputs, 'SKIP_INVALID')
    expect(rows).toMatchObject([
      { index: 0, contact: { displayName: 'A', tags: ['Bulk'] }, error: null },
      { index: 1, contact: null, error: { issues: [{ path: ['emails', '0', 'address'] }] } },
      { index: 2, contact: null, error: { issues: [{ path: ['externalReference'] }] } },
      { index: 3, contact: { displayName: 'D' }, error: null },
    ])
    expect(await data(someone, '{ contacts { totalCount } tags { name contactCount } }')).toEqual({
      contacts: { totalCount: 2 },
      tags: [{ name: 'Bulk', contactCount: 1 }],
    })
  })

  test('are at most 100, and as many statements as one', async () => {
    const someone = await kith.signUp()
    await someone.graphql('{ __typename }')
    const many = (count: number) => Array.from({ length: count }, (_, n) => ({ ...whole, name: { given: `Many ${n}` } }))
    const counted = async (count: number) => {
      statements = []
      expect((await bulk(someone, many(count))).rows).toHaveLength(count)
      return statements.filter((text) => !/rate_limits|api_tokens/.test(text)).length
    }
    await counted(1)
    const once = await counted(2)
    expect(await counted(20)).toBe(once)
    expect(
      await bulk(
        someone,
        Array.from({ length: 101 }, () => ({ name: { given: 'x' } })),
      ),
    ).toMatchObject({ __typename: 'InvalidInputError', issues: [{ path: ['inputs'] }] })
  })
})

describe('two owners', () => {
  test('cannot see or change each other’s contacts, and cannot tell them from absent ones', async () => {
    const contact = await create(ada, { ...whole, externalReference: 'mine' })
    for (const id of [contact.id, 'ref:mine', 'Q29udGFjdDpub25zZW5zZQ', '']) {
      expect(await read(bea, id)).toBeNull()
      expect(await update(bea, id, { about: 'x' })).toMatchObject({ __typename: 'NotFoundError', message: 'There is no contact with that id.' })
      for (const mutation of ['contactDelete', 'contactRestore', 'contactArchive', 'contactUnarchive'])
        expect(await change(bea, mutation, id)).toMatchObject({ __typename: 'NotFoundError' })
    }
    expect(
      await data(
        bea,
        'query ($id: ID!) { node(id: $id) { id } contacts(includeArchived: true, filter: { displayName: { contains: "z" } }) { nodes { id } } }',
        { id: contact.id },
      ),
    ).toEqual({ node: null, contacts: { nodes: [] } })
    const { __typename, ...fields } = contact
    expect(await read(ada, contact.id)).toEqual(fields)
  })
})

test('child lists are one statement each, however many contacts', async () => {
  const someone = await kith.signUp()
  const query = `{ contacts(first: 5) { nodes { id about tags emails { address } phones { e164 } addresses { formatted } urls { url } organizations { name } dates { kind } relations { contact { id } } customFields { name value } sources { kind } } } }`
  const counted = async () => {
    statements = []
    expect((await data(someone, query)).contacts.nodes[0].customFields).toEqual(whole.customFields)
    return statements.filter((text) => /contact|tags/.test(text)).length
  }
  await create(someone, whole)
  await someone.graphql(query)
  const once = await counted()
  for (let n = 0; n < 4; n += 1) await create(someone, { ...whole, name: { given: `N${n}` } })
  expect(await counted()).toBe(once)
  expect(once).toBeLessThanOrEqual(12)
})

test('about and custom fields lie sealed in the database', async () => {
  const secret = 'Xylophone-4711'
  const contact = await create(ada, { name: { given: 'Sealed' }, about: secret, customFields: [{ name: `${secret} name`, value: `${secret} value` }] })
  for (const table of ['contacts', 'contact_custom_fields']) {
    const { rows } = await kith.app.database.pool.query(
      `SELECT t::text AS row, encode(${table === 'contacts' ? 'about' : 'value'}, 'escape') AS bytes FROM ${table} AS t`,
    )
    expect(JSON.stringify(rows)).not.toContain(secret)
  }
  expect(await read(ada, contact.id)).toMatchObject({ about: secret, customFields: [{ name: `${secret} name`, value: `${secret} value` }] })
})

test('tags are found whatever their case and accents, and can be renamed and deleted', async () => {
  const someone = await kith.signUp()
  const contact = await create(someone, { name: { given: 'T' }, tags: ['Café', 'C', 'C++'] })
  await create(someone, { name: { given: 'U' }, tags: ['CAFE'] })
  const tags = async () => (await data(someone, '{ tags { name contactCount } }')).tags
  expect(await tags()).toEqual([
    { name: 'C', contactCount: 1 },
    { name: 'C++', contactCount: 1 },
    { name: 'Café', contactCount: 2 },
  ])
  const rename = async (tag: string, name: string) =>
    (
      await data(someone, 'mutation ($tag: String!, $name: String!) { tagRename(tag: $tag, name: $name) { __typename ... on Tag { name contactCount } } }', {
        tag,
        name,
      })
    ).tagRename
  expect(await rename('cafe', 'c++')).toEqual({ __typename: 'ConflictError' })
  expect(await rename('nothing', 'x')).toEqual({ __typename: 'NotFoundError' })
  expect(await rename('cafe', 'Bistro')).toEqual({ __typename: 'Tag', name: 'Bistro', contactCount: 2 })
  expect((await read(someone, contact.id)).tags).toEqual(['Bistro', 'C', 'C++'])
  expect((await data(someone, '{ contacts(search: "bistro") { totalCount } }')).contacts.totalCount).toBe(2)
  await data(someone, 'mutation { tagDelete(tag: "C++") { ... on Tag { name } } }')
  expect((await read(someone, contact.id)).tags).toEqual(['Bistro', 'C'])
})
