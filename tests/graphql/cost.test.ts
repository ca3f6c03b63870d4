import './gadgets.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import type { Config } from '../../src/config.ts'
import { createBuckets } from '../../src/graphql/rateLimit.ts'
import { createGraphqlServer } from '../../src/graphql/server.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

const limits: Config['limits'] = { costCapacity: 1000, costRestorePerSecond: 50, anonymousPerMinute: 60 }
const lease = 50
const clock = fixedClock('2027-01-01T00:00:00Z')
let kith: TestApp
let ada: Person
let token: string
beforeAll(async () => {
  kith = await testApp({ clock, config: { limits } })
})
afterAll(() => kith.close())
beforeEach(async () => {
  clock.set('2027-01-01T00:00:00Z')
  ada = await kith.signUp()
  token = await ada.token()
})

const page = (size: number): string => `{ gadgets(first: ${size}) { nodes { __typename id name } pageInfo { __typename hasNextPage } } }`

describe('what an operation costs', () => {
  test.each([
    ['{ __typename }', 1, 1],
    ['{ gadget { id name } }', 1, 1],
    ['{ gadget(n: 0) { id name } }', 1, 1],
    ['{ gadget { twin { name } } }', 2, 2],
    ['{ gadget { parts { weight } } }', 2, 3],
    [page(20), 22, 22],
    ['{ gadgets { nodes { name } } }', 27, 26],
    ['{ gadgets(first: 10) { edges { cursor node { name } } } }', 22, 21],
    ['{ gadgets(first: 10) { nodes { others(first: 5) { nodes { id } } } } }', 82, 71],
    ['mutation { sessionRevoke(id: "x") { __typename } }', 11, 11],
  ])('%s: %i at most, in fact %i', async (query, requested, actual) => {
    const { extensions } = await ada.graphql(query)
    expect(extensions).toEqual({ cost: { requested, actual, limit: 1000, remaining: 1000 - actual, restoreRate: 50 } })
  })
  test('the size of a page may come by a variable', async () => {
    expect(await ada.graphql('query ($n: Int) { gadgets(first: $n) { nodes { name } } }', { n: 30 })).toMatchObject({
      extensions: { cost: { requested: 32, actual: 31 } },
    })
  })
  test('whatever sizes a document is asked with, and in whatever order, each is counted as if it were written there', async () => {
    const query = (n: string, m: string) =>
      `{ gadgets(first: ${n}) { nodes { ...Others } } } fragment Others on Gadget { others(first: ${m}) { nodes { id } } }`
    const requested = async (text: string, variables = {}) => {
      const { cost } = (await ada.graphql(text, variables)).extensions as { cost: { requested: number } }
      return cost.requested
    }
    const sizes = [{ n: 5, m: 3 }, { n: 3, m: 5 }, { n: 5, m: 3 }, { n: 5, m: null }, { n: 5, m: 0 }, { n: null, m: 2 }, { n: 1, m: 2 }] // prettier-ignore
    for (const { n, m } of sizes)
      expect(await requested(`query ($n: Int, $m: Int) ${query('$n', '$m')}`, { n, m })).toBe(await requested(query(String(n), String(m))))
    expect(await requested(`query ($m: Int = 4) ${query('2', '$m')}`)).toBe(await requested(query('2', '4')))
    expect(await requested(`query ($m: Int = 4) ${query('2', '$m')}`, { m: 6 })).toBe(await requested(query('2', '6')))
  })
  test('the headers say the same', async () => {
    const { headers } = await ada.graphql(page(98))
    expect(headers.get('ratelimit-policy')).toBe('"points";q=1000;w=20')
    expect(headers.get('ratelimit')).toBe('"points";r=900;t=2')
  })
})

describe('refused before it runs', () => {
  test('[F-46] an operation of more than 1,000 points', async () => {
    const answer = await ada.graphql('{ gadgets(first: 100) { nodes { others(first: 10) { nodes { id } } } } }')
    expect(answer).toMatchObject({ status: 400, errors: [{ extensions: { code: 'COST_EXCEEDED' } }], extensions: { cost: { requested: 1302, actual: null } } })
    expect(answer).not.toHaveProperty('data')
  })
  test('[F-46] an operation for which there are not enough points, until they have come back', async () => {
    for (let spent = 0; spent < 1000; spent += 100) expect((await ada.graphql(page(98))).status).toBe(200)
    const refused = await ada.graphql(page(98))
    expect(refused).toMatchObject({
      status: 429,
      errors: [{ extensions: { code: 'RATE_LIMITED' } }],
      extensions: { cost: { requested: 100, actual: null, remaining: 0 } },
    })
    expect(refused.headers.get('retry-after')).toBe('2')
    expect(refused).not.toHaveProperty('data')
    clock.advance({ seconds: 1 })
    expect((await ada.graphql(page(98))).headers.get('retry-after')).toBe('1')
    clock.advance({ seconds: 1 })
    expect(await ada.graphql(page(98))).toMatchObject({ status: 200, extensions: { cost: { remaining: 0 } } })
  })
  test('each credential has its own bucket', async () => {
    for (let spent = 0; spent < 1000; spent += 100) await ada.graphql(page(98))
    expect((await ada.graphql(page(98))).status).toBe(429)
    expect((await kith.graphql(page(98), {}, { token })).status).toBe(200)
    expect((await kith.graphql(page(98), {}, { headers: ada.browser })).status).toBe(200)
  })
  test('an anonymous caller, after 60 requests in a minute', async () => {
    for (let count = 0; count < 60; count += 1) expect((await kith.graphql('{ publicGadget }')).status).toBe(200)
    const refused = await kith.graphql('{ publicGadget }')
    expect(refused).toMatchObject({ status: 429, errors: [{ extensions: { code: 'RATE_LIMITED' } }] })
    expect(refused.headers.get('retry-after')).toBe('1')
    expect((await ada.graphql('{ publicGadget }')).status).toBe(200)
    clock.advance({ seconds: 1 })
    expect((await kith.graphql('{ publicGadget }')).status).toBe(200)
  })
  test('whoever tries out credentials counts as an anonymous caller', async () => {
    clock.advance({ hours: 1 })
    const statuses = []
    for (let count = 0; count < 62; count += 1) statuses.push((await kith.graphql('{ publicGadget }', {}, { token: 'kith_guess' })).status)
    expect(statuses).toEqual([...Array.from({ length: 60 }, () => 401), 429, 429])
  })
})

test('most requests cost no statement for their points', async () => {
  const statements: string[] = []
  const watched = await testApp({ clock, config: { limits }, databases: kith.databases, onQuery: (text) => void statements.push(text) })
  for (let count = 0; count < 100; count += 1) await watched.graphql('{ gadget { name } }', {}, { token })
  // The row is looked for once; then a statement for each twentieth of the capacity.
  expect(statements.filter((text) => text.includes('rate_limits'))).toHaveLength(3)
  await watched.close()
})

describe('the bucket itself', () => {
  const quota = { capacity: 1000, restorePerSecond: 50 }
  const countingBuckets = () => {
    let count = 0
    const { database } = kith.app
    const pool = { query: async (statement: never) => ((count += 1), database.pool.query(statement)) }
    return { buckets: createBuckets({ ...kith.app, database: { ...database, pool: pool as never } }), statements: () => count }
  }
  const spentOf = async (key: string) => (await kith.app.database.prisma.rateLimit.findUnique({ where: { key } }))?.spent
  test('a thousand takers at once get exactly what is there, by one lease after the other', async () => {
    const { buckets, statements } = countingBuckets()
    const taken = await Promise.all(Array.from({ length: 1000 }, () => buckets.take('a', 3, quota)))
    expect(taken.filter(({ granted }) => granted)).toHaveLength(333)
    // A twentieth at a time first, then ever less, as the limit is near.
    expect(statements()).toBeLessThanOrEqual(50)
  })
  test('two processes share it: together they never spend more than it holds, also not after it has filled again', async () => {
    const other = await testApp({ clock, config: { limits }, databases: kith.databases })
    const both = [kith, other].map(({ app }) => createBuckets(app))
    for (let hour = 0; hour < 3; hour += 1) {
      // What each holds of the last hour's lease has come back to the bucket, and is nobody's twice.
      const taken = await Promise.all(Array.from({ length: 3000 }, (_, n) => both[n % 2]!.take('b', 1, quota)))
      const granted = taken.filter((each) => each.granted).length
      expect(granted).toBeGreaterThanOrEqual(1000 - lease)
      expect(granted).toBeLessThanOrEqual(1000)
      for (const each of both) (await each.take('b2', 1, quota)).settle(1)
      clock.advance({ seconds: 3600 })
    }
    // One has a lease that it does not use; while it is good the bucket does not fill by as much.
    await both[0]!.take('b', 1, quota)
    clock.advance({ seconds: 20 })
    const rest = await Promise.all(Array.from({ length: 3000 }, () => both[1]!.take('b', 1, quota)))
    const own = await Promise.all(Array.from({ length: 3000 }, () => both[0]!.take('b', 1, quota)))
    const [late, early] = [rest, own].map((taken) => taken.filter((each) => each.granted).length)
    expect(early).toBe(lease - 1)
    expect(late).toBe(1000 - lease)
    await other.close()
  })
  test('through two servers, too', async () => {
    const other = await testApp({ clock, config: { limits }, databases: kith.databases })
    const servers = [createGraphqlServer(kith.app), createGraphqlServer(other.app)]
    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, n) =>
        servers[n % 2]!.fetch(
          new Request(`${kith.app.config.publicUrl}/graphql`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
            body: JSON.stringify({ query: page(48) }),
          }),
        ),
      ),
    )
    const passed = answers.filter(({ status }) => status === 200).length
    expect(passed * 50).toBeGreaterThanOrEqual(1000 - 2 * lease)
    expect(passed * 50).toBeLessThanOrEqual(1000)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(40 - passed)
    await other.close()
  })
  test('what was taken too much goes back to where others can take it', async () => {
    const other = await testApp({ clock, config: { limits }, databases: kith.databases })
    const [one, two] = [createBuckets(kith.app), createBuckets(other.app)]
    const taken = await one.take('c', 1000, quota)
    expect(taken).toMatchObject({ granted: true, remaining: 0 })
    expect((await two.take('c', 500, quota)).granted).toBe(false)
    taken.settle(10)
    await expect.poll(() => spentOf('c')).toBe(60)
    clock.advance({ milliseconds: 1 })
    const three = createBuckets(other.app)
    expect((await three.take('c', 900, quota)).granted).toBe(true)
    await other.close()
  })
  test('a large lease that is spent keeps nothing from coming back', async () => {
    const taken = await createBuckets(kith.app).take('g', 1000, quota)
    taken.settle(1000)
    await expect.poll(async () => (await kith.app.database.prisma.rateLimit.findUnique({ where: { key: 'g' } }))?.leases).toEqual({})
    clock.advance({ seconds: 10 })
    expect((await createBuckets(kith.app).take('g', 500, quota)).granted).toBe(true)
  })
  test('a lease that nobody uses is over after half a minute, and its points come back', async () => {
    const { buckets, statements } = countingBuckets()
    ;(await buckets.take('h', 1, quota)).settle(1)
    clock.advance({ seconds: 28 })
    ;(await buckets.take('h', 1, quota)).settle(1)
    expect(statements()).toBe(2)
    clock.advance({ seconds: 2 })
    // Of the 50 that were leased 48 are left, which nobody can spend any more: they come back as if they had been spent just now.
    expect((await createBuckets(kith.app).take('h', 951, quota)).granted).toBe(false)
    expect((await createBuckets(kith.app).take('h', 950, quota)).granted).toBe(true)
    expect((await buckets.take('h', 48, quota)).granted).toBe(false)
    clock.advance({ seconds: 1 })
    expect((await buckets.take('h', 50, quota)).granted).toBe(true)
  })
  test('a clock that runs behind restores nothing, neither then nor later', async () => {
    ;(await createBuckets(kith.app).take('d', 1000, quota)).settle(1000)
    await expect.poll(async () => (await kith.app.database.prisma.rateLimit.findUnique({ where: { key: 'd' } }))?.leases).toEqual({})
    clock.set('2026-12-31T23:00:00Z')
    expect((await createBuckets(kith.app).take('d', 1, quota)).granted).toBe(false)
    clock.set('2027-01-01T00:00:01Z')
    const buckets = createBuckets(kith.app)
    expect((await buckets.take('d', 50, quota)).granted).toBe(true)
    expect((await buckets.take('d', 1, quota)).granted).toBe(false)
  })
  test('a refused caller who goes on asking costs no statement', async () => {
    const { buckets, statements } = countingBuckets()
    await buckets.take('e', 1000, quota)
    const before = statements()
    for (let count = 0; count < 10; count += 1) expect(await buckets.take('e', 1, quota)).toMatchObject({ granted: false })
    expect(statements()).toBe(before)
  })
  test('while the database is away, the process counts by itself, and pays when it is back', async () => {
    let isAway = true
    const { database } = kith.app
    const away = { query: (statement: never) => (isAway ? Promise.reject(new Error('The server is gone.')) : database.pool.query(statement)) }
    const buckets = createBuckets({ ...kith.app, database: { ...database, pool: away as never } })
    const taken = await Promise.all(Array.from({ length: 500 }, () => buckets.take('f', 3, quota)))
    expect(taken.filter(({ granted }) => granted)).toHaveLength(333)
    for (const each of taken) each.settle(3)
    clock.advance({ seconds: 1 })
    expect((await buckets.take('f', 50, quota)).granted).toBe(true)
    expect((await buckets.take('f', 50, quota)).granted).toBe(false)
    isAway = false
    clock.advance({ seconds: 10 })
    expect((await buckets.take('f', 510, quota)).granted).toBe(false)
    expect((await buckets.take('f', 400, quota)).granted).toBe(true)
    expect((await createBuckets(kith.app).take('f', 110, quota)).granted).toBe(false)
  })
})

test('work that cost more than a bucket holds is paid for as points come back, and then its credential is served again', async () => {
  const buckets = createBuckets(kith.app)
  const quota = { capacity: 1000, restorePerSecond: 50 }
  const work = await buckets.take('large work', 1000, quota)
  work.settle(3500)
  const served = async () => (await buckets.take('large work', 10, quota)).granted
  expect(await served()).toBe(false)
  let seconds = 0
  for (; !(await served()) && seconds < 600; seconds += 10) clock.advance({ seconds: 10 })
  // 2,500 points beyond the thousand that were taken.
  expect(seconds).toBeGreaterThanOrEqual(50)
  expect(seconds).toBeLessThan(200)
})
