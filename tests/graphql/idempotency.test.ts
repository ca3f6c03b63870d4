import { made } from './gadgets.ts'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { purgeExpired } from '../../src/graphql/purge.ts'
import { createGraphqlServer } from '../../src/graphql/server.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

const clock = fixedClock('2027-01-01T00:00:00Z')
let kith: TestApp
let ada: Person
beforeAll(async () => {
  kith = await testApp({ clock })
})
afterAll(() => kith.close())
beforeEach(async () => {
  clock.set('2027-01-01T00:00:00Z')
  ada = await kith.signUp()
  made.times = 0
})

const mutation =
  'mutation Make($name: String!) { gadgetMake(input: { name: $name }) { __typename ... on GadgetMade { secret gadget { id name } } ... on Error { code message } } }'
const make = (name: string, key: string, person = ada, headers: Record<string, string> = {}) =>
  person.graphql(mutation, { name }, { headers: { 'idempotency-key': key, ...headers } })
/** What `gadgetMake` has committed. */
const rowsOf = (person: Person) => kith.app.database.prisma.session.findMany({ where: { ownerId: person.ownerId, expiresAt: new Date(0) } })
const answersOf = (person: Person) => kith.app.database.prisma.idempotentAnswer.findMany({ where: { ownerId: person.ownerId } })

describe('the same key and request', () => {
  test('changes once, and is answered alike, apart from what is shown once', async () => {
    const first = await make('one', 'k')
    const second = await make('one', 'k')
    expect(first).toMatchObject({ status: 200, data: { gadgetMake: { __typename: 'GadgetMade', secret: expect.stringContaining('secret of') } } })
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    expect(second).toMatchObject({ status: 200, data: { gadgetMake: { ...first.data.gadgetMake, secret: null } } })
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(made.times).toBe(1)
    expect(await rowsOf(ada)).toHaveLength(1)
  })
  test('also where the order of the variables’ keys differs', async () => {
    const document = 'mutation ($i: GadgetInput!) { gadgetMake(input: $i) { __typename ... on GadgetMade { gadget { id } } } }'
    const headers = { 'idempotency-key': 'k' }
    const first = await ada.graphql(document, { i: { name: 'a', size: 1 } }, { headers })
    expect((await ada.graphql(document, { i: { size: 1, name: 'a' } }, { headers })).data).toEqual(first.data)
    expect(made.times).toBe(1)
  })
  test('fifty at once: one change; each is answered alike or told to wait, and then alike', async () => {
    const key = randomUUID()
    const answers = await Promise.all(Array.from({ length: 50 }, () => make('parallel', key)))
    expect(await rowsOf(ada)).toHaveLength(1)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(answers.some(({ status }) => status === 409) ? [200, 409] : [200]))
    for (const waiting of answers.filter(({ status }) => status === 409))
      expect(waiting).toMatchObject({ errors: [{ extensions: { code: 'IDEMPOTENCY_KEY_IN_USE' } }] })
    const later = await Promise.all(
      Array.from({ length: 50 }, () => make('parallel', key).then((answer) => (answer.status === 409 ? make('parallel', key) : answer))),
    )
    const ids = [...answers, ...later].filter(({ status }) => status === 200).map(({ data }) => data.gadgetMake.gadget.id as string)
    expect(new Set(ids).size).toBe(1)
    expect(ids.length).toBeGreaterThan(1)
    expect(await rowsOf(ada)).toHaveLength(1)
  })
  test('fifty at once through two processes: one change', async () => {
    const other = await testApp({ clock, databases: kith.databases })
    const key = randomUUID()
    const token = await ada.token()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => (n % 2 ? kith : other).graphql(mutation, { name: 'two' }, { token, headers: { 'idempotency-key': key } })),
    )
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0)
    expect(await rowsOf(ada)).toHaveLength(1)
    await other.close()
  })
})

describe('the same key', () => {
  test('with other variables, another document or another credential: 422, and nothing changes', async () => {
    await make('one', 'k')
    const others = [
      await make('two', 'k'),
      await ada.graphql(`${mutation} # other`, { name: 'one' }, { headers: { 'idempotency-key': 'k' } }),
      await kith.graphql(mutation, { name: 'one' }, { token: await ada.token(), headers: { 'idempotency-key': 'k' } }),
    ]
    for (const answer of others) expect(answer).toMatchObject({ status: 422, errors: [{ extensions: { code: 'IDEMPOTENCY_KEY_REUSED' } }] })
    expect(await rowsOf(ada)).toHaveLength(1)
  })
  test('of another owner is another key', async () => {
    const eve = await kith.signUp()
    const first = await make('one', 'k')
    const second = await make('one', 'k', eve)
    expect(second.status).toBe(200)
    expect(second.data.gadgetMake.gadget.id).not.toBe(first.data.gadgetMake.gadget.id)
  })
  test('after 24 hours is a new key; the expired answer is removed', async () => {
    const first = await make('one', 'k')
    clock.advance({ hours: 23, minutes: 59 })
    expect((await make('one', 'k')).data.gadgetMake.gadget).toEqual(first.data.gadgetMake.gadget)
    clock.advance({ minutes: 2 })
    expect((await make('one', 'k')).data.gadgetMake.gadget).not.toEqual(first.data.gadgetMake.gadget)
    expect(await answersOf(ada)).toHaveLength(1)
    clock.advance({ hours: 25 })
    await purgeExpired(ada.ctx)
    expect(await answersOf(ada)).toHaveLength(0)
  })
})

describe('the change and its answer commit together, or not at all', () => {
  test('in one transaction', async () => {
    await make('one', 'k')
    const [together] = await kith.app.database.prisma.$queryRaw<{ same: boolean }[]>`
      SELECT (SELECT xmin::text FROM sessions WHERE "ownerId" = ${ada.ownerId}::uuid AND "userAgent" = 'one') = (SELECT xmin::text FROM idempotent_answers WHERE "ownerId" = ${ada.ownerId}::uuid) AS same`
    expect(together).toEqual({ same: true })
  })
  test('an answer that cannot be stored undoes the change; trying again makes it', async () => {
    const { vault } = kith.app
    const broken = createGraphqlServer({
      ...kith.app,
      vault: {
        ...vault,
        of: async (ownerId: string) => ({
          ...(await vault.of(ownerId)),
          seal: () => {
            throw new Error('The process dies here.')
          },
        }),
      },
    } as never)
    const token = await ada.token()
    const send = (server: typeof broken) =>
      server.fetch(
        new Request(`${kith.app.config.publicUrl}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'idempotency-key': 'k' },
          body: JSON.stringify({ query: mutation, variables: { name: 'one' } }),
        }),
      )
    expect((await send(broken)).status).toBe(500)
    expect(await rowsOf(ada)).toHaveLength(0)
    expect((await send(kith.server)).status).toBe(200)
    expect(await rowsOf(ada)).toHaveLength(1)
  })
  test('a failure of ours undoes everything, and may be tried again', async () => {
    expect(await make('boom', 'k')).toMatchObject({ status: 500, errors: [{ message: 'Something went wrong on our side.', extensions: { code: 'INTERNAL' } }] })
    expect([await rowsOf(ada), await answersOf(ada)]).toEqual([[], []])
  })
  test('a transaction that lost against another is tried again as a whole', async () => {
    expect(await make('contended', 'k')).toMatchObject({ status: 200, data: { gadgetMake: { __typename: 'GadgetMade' } } })
    expect(made.times).toBe(2)
    expect(await rowsOf(ada)).toHaveLength(1)
  })
  test('a refusal after a part of the work undoes that part, and is not kept', async () => {
    expect(await make('conflict', 'k')).toMatchObject({ status: 200, data: { gadgetMake: { __typename: 'ConflictError' } } })
    expect([await rowsOf(ada), await answersOf(ada)]).toEqual([[], []])
    expect(await kith.app.database.prisma.event.findMany({ where: { ownerId: ada.ownerId, type: 'gadget.made' } })).toEqual([])
    expect((await make('one', 'k')).data.gadgetMake.__typename).toBe('GadgetMade')
  })
  test('a refused input is not kept either', async () => {
    expect((await make('invalid', 'k')).data.gadgetMake.code).toBe('INVALID_INPUT')
    expect(await answersOf(ada)).toHaveLength(0)
  })
})

test('neither the key nor the answer can be read in the database', async () => {
  await make('plain-as-day', 'my-own-key')
  const [row] = await answersOf(ada)
  const stored = Buffer.concat([row!.answer, row!.keyHash, row!.payloadHash]).toString('latin1')
  expect(stored).not.toMatch(/plain-as-day|my-own-key|secret of/)
})

test('what is shown once is not stored: no replay can show it, under an alias or through fragments', async () => {
  const document = 'mutation { gadgetMake(input: { name: "x" }) { ...F } } fragment F on GadgetMade { once: secret ... { secret } gadget { id } }'
  const headers = { 'idempotency-key': 'k' }
  const first = await ada.graphql(document, {}, { headers })
  expect(first.data.gadgetMake).toMatchObject({ once: expect.any(String), secret: expect.any(String) })
  expect((await ada.graphql(document, {}, { headers })).data).toEqual({ gadgetMake: { ...first.data.gadgetMake, once: null, secret: null } })
})

test('an error below the change is kept with it, and told again', async () => {
  const document = 'mutation { gadgetMake(input: { name: "x" }) { ... on GadgetMade { gadget { id refused broken } } } }'
  const headers = { 'idempotency-key': 'k' }
  const [first, second] = [await ada.graphql(document, {}, { headers }), await ada.graphql(document, {}, { headers })]
  expect(second.data).toEqual(first.data)
  const told = (answer: typeof first) => answer.errors?.map(({ message, path, extensions: { code } }) => ({ message, path, code }))
  expect(told(second)).toEqual(told(first))
  expect(told(first)).toHaveLength(2)
})

test('a key with two mutations is refused, with a query it means nothing, and without a sign-in it opens nothing', async () => {
  const two = 'mutation { a: gadgetMake(input: { name: "x" }) { __typename } b: gadgetMake(input: { name: "y" }) { __typename } }'
  expect(await ada.graphql(two, {}, { headers: { 'idempotency-key': 'k' } })).toMatchObject({ status: 400, errors: [{ extensions: { code: 'BAD_REQUEST' } }] })
  expect((await ada.graphql('{ __typename }', {}, { headers: { 'idempotency-key': 'k' } })).status).toBe(200)
  expect((await kith.graphql(mutation, { name: 'x' }, { headers: { 'idempotency-key': 'k' } })).status).toBe(401)
  expect(made.times).toBe(0)
})
