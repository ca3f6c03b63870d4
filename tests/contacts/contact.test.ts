import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Person, TestApp } from '../support/app.ts'
import { testApp } from '../support/app.ts'

let kith: TestApp
let ada: Person
let bea: Person

beforeAll(async () => {
  kith = await testApp()
  ada = await kith.signUp()
  bea = await kith.signUp()
})
afterAll(() => kith.close())

const everything = `
  id displayName about starred externalReference archivedAt deletedAt createdAt updatedAt lastInteractionAt lastInboundAt lastOutboundAt tags
  name { prefix given middle family suffix nickname phoneticGiven phoneticFamily }
  emails { id address label primary } phones { id number e164 label primary }
  addresses { id label street extended poBox city region postalCode country countryCode formatted }
  urls { id url label } organizations { id name department title } dates { id kind label date { year month day } }
  relations { id name kind contact { id } } customFields { id name value } sources { kind externalId firstSeenAt lastSeenAt }`
const refusal = '... on InvalidInputError { code issues { path message } } ... on Error { code message }'

const create = async (who: Person, input: object) =>
  (await who.graphql(`mutation ($input: ContactCreateInput!) { contactCreate(input: $input) { __typename ... on Contact { ${everything} } ${refusal} } }`, { input })).data.contactCreate
const update = async (who: Person, id: string, input: object) =>
  (await who.graphql(`mutation ($id: ID!, $input: ContactUpdateInput!) { contactUpdate(id: $id, input: $input) { __typename ... on Contact { ${everything} } ${refusal} } }`, { id, input })).data
    .contactUpdate
const read = async (who: Person, id: string) => {
  const { data, errors } = await who.graphql(`query ($id: ID!) { contact(id: $id) { ${everything} } }`, { id })
  expect(errors).toBeUndefined()
  return data.contact
}
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
  externalReference: 'crm-1',
}

describe('a contact', () => {
  test('holds everything it was given, normalised', async () => {
    const contact = await create(ada, whole)
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
    })
    expect(await read(ada, contact.id)).toEqual({ ...contact, __typename: undefined })
    expect((await read(ada, 'ref:crm-1')).id).toBe(contact.id)
  })
})
