import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { rows, sql } from '../../src/db/client.ts'
import { oddities } from '../../dev/google/demo/oddities.ts'
import type { Answer } from '../support/app.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { connectedOwner, contactsFeature, countOf, makeAllDue, movableClock, syncContacts } from './support.ts'

const clock = movableClock()
let kith: WebApp

beforeAll(async () => {
  kith = await webApp({ clock })
})
afterAll(() => kith.close())
beforeEach(() => {
  clock.reset()
  kith.google.faults.clear()
  kith.google.ledger.clear()
})

const fields = `displayName about starred tags avatarUrl name { prefix given middle family suffix nickname phoneticGiven phoneticFamily }
  emails { address label primary } phones { number e164 label primary } addresses { label street extended poBox city region postalCode country countryCode }
  urls { url label } organizations { name department title } dates { kind label date { year month day } } relations { name kind } customFields { name value } sources { kind }`

describe('the demo address book', () => {
  let ada: Awaited<ReturnType<typeof connectedOwner>> & { graphql: (document: string, variables?: object) => Promise<Answer> }

  beforeAll(async () => {
    ada = { ...(await connectedOwner(kith, 'ada@example.test')), graphql: undefined as never }
    const { createToken } = await import('../../src/tokens/service.ts')
    const { token } = await createToken(ada.ctx, { name: 'test', scopes: ['contacts:read', 'contacts:write'] })
    ada.graphql = async (document, variables) => {
      const answer = await kith.graphql(document, variables as Record<string, unknown>, { token })
      expect(answer.errors).toBeUndefined()
      return answer
    }
    await kith.runJobs()
  })
  const find = async (email: string) =>
    (await ada.graphql(`query ($email: String!) { contacts(filter: { email: { eq: $email } }) { nodes { id ${fields} } } }`, { email })).data.contacts.nodes[0]

  test('everybody comes in, once each', async () => {
    const world = kith.google.world.account('ada@example.test').addressBook.people().length
    expect(world).toBeGreaterThan(350)
    expect(await contactsFeature(ada.ctx)).toMatchObject({ status: 'IDLE', processed: world, total: world, errorCode: null })
    expect(await countOf(ada.ctx)).toBe(world)
    expect(await countOf(ada.ctx, 'contact_sources')).toBe(world)
  })

  test('a person with one of every field has them all', async () => {
    const person = await find('everard@example.com')
    const [everyField] = oddities.slice(-1)
    expect(person).toMatchObject({
      displayName: 'Dr. Everard Filbert Fieldington PhD',
      about: everyField?.biographies?.[0]?.value,
      name: {
        prefix: 'Dr.',
        given: 'Everard',
        middle: 'Filbert',
        family: 'Fieldington',
        suffix: 'PhD',
        nickname: 'Evvie',
        phoneticGiven: 'EV-er-ard',
        phoneticFamily: 'FEEL-ding-ton',
      },
      emails: [
        { address: 'everard@example.com', label: 'home', primary: true },
        { address: 'e.fieldington@amberworks.example', label: 'work', primary: false },
        { address: 'fields@example.net', label: 'Chess club', primary: false },
      ],
      phones: [
        { number: '+1 202-555-0190', e164: '+12025550190', label: 'mobile', primary: true },
        { number: '+1 202-555-0191', label: 'home' },
        { number: '+1 202-555-0192', label: 'work fax' },
        { number: '+44 7700 900190', e164: '+447700900190', label: 'Boat' },
      ],
      addresses: [
        {
          label: 'home',
          street: '1 Example Avenue',
          extended: 'Apt. 4',
          city: 'Springfield',
          region: 'Example State',
          postalCode: '00001',
          country: 'United States',
          countryCode: 'US',
        },
        { label: 'work', street: 'Unit 7, Sample Yard', city: 'London', country: 'United Kingdom', countryCode: 'GB', poBox: 'PO Box 10' },
      ],
      organizations: [
        { name: 'Amber Works', title: 'Head of Everything', department: 'All' },
        { name: 'Sample College', title: null, department: null },
      ],
      dates: [
        { kind: 'BIRTHDAY', date: { year: 1980, month: 5, day: 17 } },
        { kind: 'ANNIVERSARY', date: { year: 2008, month: 9, day: 6 } },
        { kind: 'OTHER', label: 'Graduation', date: { year: 2002, month: 6, day: 30 } },
      ],
      relations: [
        { name: 'Robin Fieldington', kind: 'spouse' },
        { name: 'Jude', kind: 'child' },
        { name: 'Noor', kind: 'Sponsor' },
      ],
      urls: [
        { url: 'https://everard.example/', label: 'home page' },
        { url: 'https://blog.everard.example/?a=1&b=2', label: 'blog' },
        { url: 'ftp://files.everard.example', label: 'ftp' },
      ],
      customFields: [
        { name: 'Locker', value: '17' },
        { name: 'Locker', value: '18 (spare)' },
        { name: 'Motto', value: 'One of each' },
        { name: 'Nickname', value: 'Fields' },
      ],
      sources: [{ kind: 'GOOGLE' }],
    })
    expect(person.avatarUrl).toMatch(/\/avatars\//)
  })

  test('what has no place in a contact stays, sealed, in the record of the person', async () => {
    const vault = await kith.app.vault.of(ada.ownerId)
    const sources = await ada.ctx.db.contactSource.findMany({ where: { ownerId: ada.ownerId, kind: 'GOOGLE' } })
    const records = sources.map((source) => vault.open('ContactSource.raw', source.id, source.raw!))
    const [everard] = records.filter((record) => record.includes('Fieldington')).map((record) => JSON.parse(record))
    expect(everard).toMatchObject({
      imClients: [{ username: 'everard.f', protocol: 'skype' }, {}],
      skills: [{ value: 'filling in forms' }],
      locations: [{ deskCode: '17' }],
    })
  })

  test('row 25: odd people come in as they are: no name, half a date, no real address, a hundred and four addresses', async () => {
    expect(await find('nobody.in.particular@example.com')).toMatchObject({ displayName: 'nobody.in.particular@example.com' })
    expect((await find('voice104@choir.example')).emails).toHaveLength(104)
    expect((await find('spaces@example.com')).emails.map(({ address }: { address: string }) => address)).toEqual([
      'not an address',
      'spaces@example.com',
      '"quoted part"@example.com',
      'üñïçødé@example.org',
    ])
    const { nodes } = (
      await ada.graphql(
        `{ contacts(first: 100, filter: { displayName: { contains: "exampleton" } }) { nodes { displayName dates { kind label date { year month day } } customFields { name value } phones { e164 } } } }`,
      )
    ).data.contacts
    const named = (name: string) => nodes.find(({ displayName }: { displayName: string }) => displayName.startsWith(name))
    expect(named('Leapday').dates).toEqual([{ kind: 'BIRTHDAY', label: null, date: { year: null, month: 2, day: 29 } }])
    expect(named('Yearonly').dates).toEqual([{ kind: 'BIRTHDAY', label: null, date: { year: 1971, month: null, day: null } }])
    expect(named('Textual')).toMatchObject({ dates: [], customFields: [{ name: 'Birthday', value: 'around midsummer' }] })
    expect(named('Abroad').phones.map(({ e164 }: { e164: string }) => e164)).toEqual(['+442079460123', null, '+442079460124'])
    const remark = (await ada.graphql('{ contacts(filter: { displayName: { startsWith: "Somebody left" } }) { nodes { displayName about } } }')).data.contacts
      .nodes
    expect(remark).toEqual([{ displayName: 'Somebody left this note without a name.', about: 'Somebody left this note without a name.' }])
  })

  test('labels become tags, the star becomes the star, and groups of Google’s own become nothing', async () => {
    const { contacts } = (await ada.graphql('{ contacts(first: 1, filter: { tag: { eq: "Choir" } }) { totalCount } }')).data
    const tags = await ada.ctx.db.tag.findMany({ where: { ownerId: ada.ownerId } })
    expect(tags.map(({ name }) => name).toSorted()).toEqual(['Book club', 'Choir', 'Clients', 'Climbing', 'Neighbours', 'Old school 🎓'])
    const book = kith.google.world.account('ada@example.test').addressBook
    const choir = book.groups().find(({ name }) => name === 'Choir')!
    expect(contacts.totalCount).toBe(book.memberCount(choir.resourceName))
    expect((await rows<{ n: bigint }>(ada.ctx, sql`SELECT count(*) AS n FROM contacts WHERE "ownerId" = ${ada.ownerId}::uuid AND starred`))[0]?.n).toEqual(
      String(book.memberCount('contactGroups/starred')),
    )
  })

  test('a second import changes nothing: no contact, no event, no photo', async () => {
    const before = [await countOf(ada.ctx, 'events'), await countOf(ada.ctx)]
    const updated = () => rows(ada.ctx, sql`SELECT max("updatedAt") AS at FROM contacts WHERE "ownerId" = ${ada.ownerId}::uuid`)
    const at = await updated()
    await makeAllDue(ada.ctx)
    await syncContacts(ada.ctx, ada.stateId)
    expect(await contactsFeature(ada.ctx)).toMatchObject({ status: 'IDLE' })
    expect([await countOf(ada.ctx, 'events'), await countOf(ada.ctx)]).toEqual(before)
    expect(await updated()).toEqual(at)
    await kith.runJobs()
    expect(kith.google.ledger.of('photo')).toEqual([])
  })

  test('what the user edited, took away or deleted stays so, whatever Google says; what they left alone follows Google', async () => {
    const everard = await find('everard@example.com')
    const { id } = everard
    const emails = (await ada.graphql('query ($id: ID!) { node(id: $id) { ... on Contact { emails { id address label primary } } } }', { id })).data.node
      .emails as { id: string; address: string; label: string; primary: boolean }[]
    const updated = await ada.graphql(
      `mutation ($id: ID!, $input: ContactUpdateInput!) { contactUpdate(id: $id, input: $input) { __typename ... on Contact { displayName } ... on InvalidInputError { message } } }`,
      {
        id,
        input: {
          name: { given: 'Evo' },
          emails: emails
            .filter(({ address }) => address !== 'fields@example.net')
            .map((email) => (email.address.startsWith('e.') ? { ...email, label: 'office' } : email)),
        },
      },
    )
    expect(updated.data.contactUpdate).toMatchObject({ __typename: 'Contact' })
    const gone = await find('mononymia@example.com')
    await ada.graphql('mutation ($id: ID!) { contactDelete(id: $id) { __typename } }', { id: gone.id })
    const book = kith.google.world.account('ada@example.test').addressBook
    const named = (part: string) => book.people().find(({ person }) => JSON.stringify(person.names ?? '').includes(part))!.person.resourceName!
    book.editPerson(named('Fieldington'), {
      names: [{ givenName: 'Everett', familyName: 'Fieldington-Sample' }],
      emailAddresses: [
        { value: 'everard@example.com', type: 'home' },
        { value: 'e.fieldington@amberworks.example', type: 'work' },
        { value: 'fields@example.net', type: 'other' },
        { value: 'new@example.net' },
      ],
    })
    book.editPerson(named('Mononymia'), { names: [{ givenName: 'Mononymia II' }] })
    await makeAllDue(ada.ctx)
    await syncContacts(ada.ctx, ada.stateId)
    const after = (await ada.graphql(`query ($id: ID!) { node(id: $id) { ... on Contact { ${fields} } } }`, { id })).data.node
    expect(after.name).toMatchObject({ given: 'Evo', family: 'Fieldington-Sample' })
    expect(after.emails.map(({ address, label }: { address: string; label: string | null }) => [address, label])).toEqual([
      ['everard@example.com', 'home'],
      ['e.fieldington@amberworks.example', 'office'],
      ['new@example.net', null],
    ])
    expect(await find('mononymia@example.com')).toBeUndefined()
    expect((await ada.graphql('query ($id: ID!) { node(id: $id) { id } }', { id: gone.id })).data.node).toBeNull()
  })
})
