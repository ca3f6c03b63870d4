import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { quotaExceeded } from '../../dev/google/errors.ts'
import { oddities } from '../../dev/google/demo/oddities.ts'
import { readFeatures } from '../../src/google/service.ts'
import { claimRun } from '../../src/google/run.ts'
import { rows, sql } from '../../src/db/client.ts'
import type { Ctx } from '../../src/core/ctx.ts'
import { type Answer, testApp } from '../support/app.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { addBook, connectedOwner, contactsScope, movableClock, syncContacts } from './support.ts'

const clock = movableClock()
let kith: WebApp
let books = 0

beforeAll(async () => {
  kith = await webApp({ clock })
})
afterAll(() => kith.close())
beforeEach(() => {
  clock.reset()
  kith.google.faults.clear()
  kith.google.ledger.clear()
})

const list = '/v1/people/me/connections'
const contactsOf = async (ctx: Ctx) => (await readFeatures(ctx)).find(({ feature }) => feature === 'CONTACTS')!
const countOf = async (ctx: Ctx, table = 'contacts') =>
  Number((await kith.app.database.pool.query(`SELECT count(*) FROM ${table} WHERE "ownerId" = $1`, [(ctx.actor as { ownerId: string }).ownerId])).rows[0].count)
const eventCount = (ctx: Ctx) => countOf(ctx, 'events')
const again = async (ctx: Ctx) => {
  await rows(
    ctx,
    sql`UPDATE google_sync_states SET "nextRunAt" = ${new Date(clock.now().epochMilliseconds)}::timestamptz WHERE "ownerId" = ${(ctx.actor as { ownerId: string }).ownerId}::uuid`,
  )
}

/** An owner with so many plain contacts at Google, connected. */
async function someone(count: number) {
  const email = `book${(books += 1)}@example.test`
  addBook(kith, email, count)
  return { email, ...(await connectedOwner(kith, email)) }
}

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
    expect(await contactsOf(ada.ctx)).toMatchObject({ status: 'IDLE', processed: world, total: world, errorCode: null })
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
    const before = [await eventCount(ada.ctx), await countOf(ada.ctx)]
    const updated = () => rows(ada.ctx, sql`SELECT max("updatedAt") AS at FROM contacts WHERE "ownerId" = ${ada.ownerId}::uuid`)
    const at = await updated()
    await again(ada.ctx)
    await syncContacts(ada.ctx, ada.stateId)
    expect(await contactsOf(ada.ctx)).toMatchObject({ status: 'IDLE' })
    expect([await eventCount(ada.ctx), await countOf(ada.ctx)]).toEqual(before)
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
    await again(ada.ctx)
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

describe('an import that is disturbed', () => {
  const small = { pageSize: 10 }

  test('goes on where it was after a failure between pages, with progress that its owner sees', async () => {
    const { ctx, stateId } = await someone(35)
    kith.google.faults.add({ path: list, nth: 3, status: 503 })
    await syncContacts(ctx, stateId, small)
    expect(await contactsOf(ctx)).toMatchObject({
      status: 'PENDING',
      processed: 20,
      total: 35,
      errorCode: 'UNAVAILABLE',
      errorMessage: expect.stringContaining('by itself'),
    })
    expect(await countOf(ctx)).toBe(20)
    clock.advance({ minutes: 1 })
    kith.google.ledger.clear()
    await syncContacts(ctx, stateId, small)
    expect(await contactsOf(ctx)).toMatchObject({ status: 'IDLE', processed: 35, total: 35, errorCode: null })
    expect(kith.google.ledger.of('people.connections.list').map(({ query }) => 'pageToken' in query)).toEqual([true, true])
    expect([await countOf(ctx), await countOf(ctx, 'contact_sources')]).toEqual([35, 35])
  })

  test('row 2: is taken over by another process once its worker is silent; what the first still brings is not written', async () => {
    const { ctx, stateId } = await someone(25)
    // The first worker hangs in its second page until the other is done.
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const slow = await testApp({ databases: kith.databases, clock, config: { google: kith.app.config.google, publicUrl: kith.origin } })
    const google = kith.app.google
    Object.assign(slow.app, {
      google: {
        ...google,
        oauth: () => {
          const client = google.oauth()
          const request = client.request.bind(client)
          client.request = (async (options: Parameters<typeof request>[0]) => {
            const answer = await request(options)
            if (String(options.url).includes('pageToken') || 'pageToken' in ((options.params as object | undefined) ?? {})) await held
            return answer
          }) as typeof client.request
          return client
        },
      },
    })
    const first = syncContacts({ ...ctx, app: slow.app, db: slow.app.database.prisma }, stateId, small)
    await expect.poll(() => contactsOf(ctx)).toMatchObject({ status: 'SYNCING', phase: 'list', processed: 10 })
    await syncContacts(ctx, stateId, small)
    expect(await contactsOf(ctx)).toMatchObject({ status: 'SYNCING', processed: 10 })
    clock.advance({ minutes: 3 })
    // Another worker takes the run over and is silent in its turn when the first wakes up.
    expect(await claimRun(ctx, stateId)).toMatchObject({ processed: 10 })
    const events = await eventCount(ctx)
    release()
    await first
    expect(await contactsOf(ctx)).toMatchObject({ status: 'SYNCING', processed: 10 })
    expect([await countOf(ctx), await eventCount(ctx)]).toEqual([10, events])
    clock.advance({ minutes: 3 })
    await syncContacts(ctx, stateId, small)
    expect(await contactsOf(ctx)).toMatchObject({ status: 'IDLE', processed: 25 })
    expect([await countOf(ctx), await countOf(ctx, 'contact_sources')]).toEqual([25, 25])
    await slow.close()
  })

  test('begins anew when Google does not know the place in the list any more', async () => {
    const { ctx, stateId } = await someone(25)
    kith.google.faults.add({ path: list, nth: 2, status: 400, body: { error: { code: 400, status: 'INVALID_ARGUMENT', message: 'Page token is invalid.' } } })
    await syncContacts(ctx, stateId, small)
    expect(await contactsOf(ctx)).toMatchObject({ status: 'PENDING', processed: 0 })
    clock.advance({ minutes: 1 })
    await syncContacts(ctx, stateId, small)
    expect(await contactsOf(ctx)).toMatchObject({ status: 'IDLE', processed: 25 })
    expect(await countOf(ctx)).toBe(25)
  })

  test('row 23: waits as long as Google asks, and a minute at least before a first page is asked for again', async () => {
    const { ctx, stateId } = await someone(3)
    kith.google.faults.add({ path: list, ...quotaExceeded() })
    await syncContacts(ctx, stateId)
    const { nextRunAt } = await contactsOf(ctx)
    expect(nextRunAt!.getTime() - clock.now().epochMilliseconds).toBeGreaterThan(55_000)
    expect(await contactsOf(ctx)).toMatchObject({ status: 'PENDING', errorCode: 'RATE_LIMITED' })
    kith.google.ledger.clear()
    await syncContacts(ctx, stateId)
    expect(kith.google.ledger.entries).toEqual([])
    clock.advance({ minutes: 2 })
    kith.google.faults.add({ path: list, ...quotaExceeded(), headers: { 'retry-after': '600' } })
    await syncContacts(ctx, stateId)
    expect((await contactsOf(ctx)).nextRunAt!.getTime() - clock.now().epochMilliseconds).toBeGreaterThan(590_000)
    clock.advance({ minutes: 11 })
    await syncContacts(ctx, stateId)
    expect(await contactsOf(ctx)).toMatchObject({ status: 'IDLE', errorCode: null })
  })

  test('row 13: survives whatever a network does, and shows a failure only after several in a row', async () => {
    const { ctx, stateId } = await someone(3)
    const faults = [
      { reset: true },
      { truncateBytes: 50 },
      { status: 200, body: '<html>proxy</html>' },
      { status: 200, body: {} },
      { status: 502, body: 'bad' },
    ]
    for (const [index, fault] of faults.entries()) {
      kith.google.faults.add({ path: list, ...fault })
      await syncContacts(ctx, stateId)
      expect(await contactsOf(ctx)).toMatchObject({ status: index < 4 ? 'PENDING' : 'FAILED', errorCode: 'UNAVAILABLE', nextRunAt: expect.any(Date) })
      clock.advance({ hours: 1 })
    }
    await syncContacts(ctx, stateId)
    expect(await contactsOf(ctx)).toMatchObject({ status: 'IDLE', processed: 3 })
  })

  test('does not end without the token from which the next one goes on', async () => {
    const { ctx, stateId } = await someone(3)
    kith.google.faults.add({ path: list, status: 200, body: { connections: [], totalItems: 0 } })
    await syncContacts(ctx, stateId)
    expect(await contactsOf(ctx)).toMatchObject({ status: 'PENDING', errorCode: 'UNAVAILABLE', lastSuccessAt: null })
  })

  test('is run by the worker from connecting to the end, failures included', async () => {
    const { ctx } = await someone(5)
    kith.google.faults.add({ path: list, status: 500 })
    await kith.runJobs()
    expect(await contactsOf(ctx)).toMatchObject({ status: 'PENDING', errorCode: 'UNAVAILABLE' })
    clock.advance({ minutes: 1 })
    await kith.runJobs()
    expect(await contactsOf(ctx)).toMatchObject({ status: 'IDLE', processed: 5 })
  })
})

describe('access', () => {
  test('row 14: a token that runs out in the middle is refreshed once, by one of all who want it', async () => {
    const { email, ctx, stateId } = await someone(25)
    kith.google.tokens.expireAccessTokens(email)
    await syncContacts(ctx, stateId, { pageSize: 10 })
    expect(await contactsOf(ctx)).toMatchObject({ status: 'IDLE', processed: 25 })
    expect(kith.google.ledger.of('token.refresh_token')).toHaveLength(1)

    kith.google.tokens.expireAccessTokens(email)
    kith.google.ledger.clear()
    const { listGroups } = await import('../../src/google/contacts/people.ts')
    const other = await testApp({ databases: kith.databases, clock, config: { google: kith.app.config.google } })
    const otherCtx = { ...ctx, app: other.app, db: other.app.database.prisma }
    await Promise.all(Array.from({ length: 8 }, (_, index) => listGroups(index % 2 ? ctx : otherCtx, { pageToken: null, syncToken: null })))
    expect(kith.google.ledger.of('token.refresh_token')).toHaveLength(1)
    await other.close()
  })

  test('row 16: a grant that was taken back stops the import, asks its owner to connect again, and keeps what came in', async () => {
    const { email, ctx, stateId } = await someone(25)
    kith.google.faults.add({ path: list, nth: 2, status: 503 })
    await syncContacts(ctx, stateId, { pageSize: 10 })
    clock.advance({ minutes: 2 })
    kith.google.tokens.revokeAccount(email)
    await syncContacts(ctx, stateId, { pageSize: 10 })
    expect(await contactsOf(ctx)).toMatchObject({
      status: 'NEEDS_REAUTHORIZATION',
      errorCode: 'NEEDS_REAUTHORIZATION',
      nextRunAt: null,
      errorMessage: expect.stringContaining('Connect again'),
    })
    expect(await countOf(ctx)).toBe(10)
    kith.google.ledger.clear()
    clock.advance({ hours: 2 })
    await kith.runJobs()
    expect(kith.google.ledger.entries.filter(({ account }) => account === email)).toEqual([])
    await connectedOwner(kith, email)
    await kith.runJobs()
    expect(await contactsOf(ctx)).toMatchObject({ status: 'IDLE', processed: 25 })
    expect(await countOf(ctx)).toBe(25)
  })

  test('row 17: a server whose credentials Google refuses marks nobody', async () => {
    const { email, ctx, stateId } = await someone(3)
    kith.google.tokens.expireAccessTokens(email)
    const fault = kith.google.faults.add({ path: '/token', times: Infinity, status: 401, body: { error: 'invalid_client' } })
    await syncContacts(ctx, stateId)
    expect(await contactsOf(ctx)).toMatchObject({ status: 'PENDING', errorCode: 'CLIENT_REJECTED', nextRunAt: expect.any(Date) })
    expect((await ctx.db.googleGrant.findFirstOrThrow({ where: { email } })).status).toBe('ACTIVE')
    fault.remove()
    clock.advance({ hours: 2 })
    await syncContacts(ctx, stateId)
    expect(await contactsOf(ctx)).toMatchObject({ status: 'IDLE' })
  })

  test('row 21: a scope that was taken back later is said so', async () => {
    const { email, ctx, stateId } = await someone(3)
    kith.google.tokens.withdrawScopes(email, [contactsScope])
    await syncContacts(ctx, stateId)
    expect(await contactsOf(ctx)).toMatchObject({ status: 'SCOPE_MISSING', nextRunAt: null })
    expect((await ctx.db.googleGrant.findFirstOrThrow({ where: { email } })).grantedScopes).toEqual(['openid'])
  })
})
