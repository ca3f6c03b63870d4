import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { encodeId } from '../../src/graphql/globalIds.ts'
import { nodeTypes } from '../../src/graphql/nodes.ts'
import '../../src/schema.ts'
import { rowsOf } from '../merges/support.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { call, calls, makeWorld, rootFields, type Thing, things, typeOf, type World } from './world.ts'

const clock = fixedClock('2026-05-04T10:00:00Z')
let kith: TestApp & { clock: typeof clock }
let ada: World
let bea: World

beforeAll(async () => {
  kith = Object.assign(await testApp({ clock }), { clock })
  ada = await makeWorld(kith, 'adaquartz')
  bea = await makeWorld(kith, 'beaquartz')
}, 120_000)
afterAll(() => kith.close())

test('every root field of the schema is tried', () => {
  expect(Object.keys(calls).toSorted()).toEqual(rootFields.toSorted())
})

test('every type of node is tried', () => {
  expect([...new Set(things.map(typeOf))].filter((type) => nodeTypes().includes(type)).toSorted()).toEqual(nodeTypes().toSorted())
})

/** Ids that nothing has, of the type that is asked for. */
const absent = (thing: Thing): string => (thing === 'Tag' ? 'no such tag' : encodeId(typeOf(thing), randomUUID()))

/** An answer without what differs from one request to the next. */
const shape = ({ data, errors, status }: Awaited<ReturnType<typeof call>>) => ({
  // A request that was just submitted has an id of its own each time.
  data: JSON.parse(JSON.stringify(data ?? null).replaceAll(/"UHJpdmFjeVJlcXVlc3Q6[\w-]+"/g, '"a request"')) as object | null,
  status,
  errors: errors?.map(({ message, path, extensions: { requestId: _id, ...rest } }) => ({ message, path, rest })),
})

describe.each([
  ['one account', () => [ada, bea] as const],
  ['the other', () => [bea, ada] as const],
])('[F-46] %s reaches nothing but its own', (_name, worlds) => {
  test.each(nodeTypes())('finds no %s of another account, and finds its own', async (type) => {
    const [mine, theirs] = worlds()
    for (const thing of things.filter((each) => typeOf(each) === type && !['Contact3', 'Contact5', 'Contact6'].includes(each))) {
      const foreign = await call(kith, mine.who, 'Query.node', { id: theirs.ids[thing] })
      expect(shape(foreign)).toEqual(shape(await call(kith, mine.who, 'Query.node', { id: absent(thing) })))
      expect(foreign.data.node).toBeNull()
      const several = await call(kith, mine.who, 'Query.nodes', { ids: [mine.ids[thing], theirs.ids[thing]] })
      expect(several.data.nodes.map((node: { id: string } | null) => node?.id ?? null)).toEqual([mine.ids[thing], null])
    }
  })

  // What a call changes for its own account is of no matter here: whose rows the other account has is.
  test.each(rootFields.filter((name) => name !== 'Mutation.sessionsRevokeAll'))(
    'by %s reads nothing of another account, changes nothing there, and learns not even what exists',
    async (name) => {
      const [mine, theirs] = worlds()
      const before = await rowsOf(kith, theirs.who)
      const own = (thing: Thing): string => mine.ids[thing]
      const fresh = (what: string): string => `${mine.mark} ${what}`
      const argsOf = calls[name] ?? expect.fail(`${name} has no entry in calls.`)
      const foreign = argsOf((thing) => theirs.ids[thing], own, fresh)
      const unknown = argsOf(absent, own, fresh)
      for (const [index, args] of foreign.entries()) {
        const answer = await call(kith, mine.who, name, args)
        expect(answer.status).toBe(200)
        const text = JSON.stringify([answer.data, answer.errors])
        expect(text).not.toContain(theirs.mark)
        for (const id of Object.values(theirs.ids)) expect(text).not.toContain(id)
        const other = unknown[index] ?? {}
        // Without an id of the other's in it, a call is a call like any other.
        if (JSON.stringify(args) === JSON.stringify(other)) continue
        expect(shape(answer)).toEqual(shape(await call(kith, mine.who, name, other)))
      }
      expect(await rowsOf(kith, theirs.who)).toEqual(before)
    },
  )
})

test('a search for the words of another account finds nothing', async () => {
  for (const [mine, theirs] of [
    [ada, bea],
    [bea, ada],
  ] as const) {
    for (const search of [theirs.mark, `${theirs.mark}@example.test`, `${theirs.mark} body`]) {
      const { data } = await call(kith, mine.who, 'Query.contacts', { search, first: 10 })
      expect(data.contacts.totalCount).toBe(0)
      expect((await call(kith, mine.who, 'Query.notes', { search, first: 10 })).data.notes.totalCount).toBe(0)
    }
  }
})

test('signing every browser out signs out none of another account', async () => {
  await call(kith, ada.who, 'Mutation.sessionsRevokeAll', { includeCurrent: true })
  expect((await call(kith, bea.who, 'Query.viewer', {})).data.viewer.id).toBe(bea.ids.Account)
})
