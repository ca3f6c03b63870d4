import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setAvatar, storePhotos } from '../../src/avatars/service.ts'
import { readImage } from '../../src/avatars/image.ts'
import { inTransaction } from '../../src/events/service.ts'
import type { Person } from '../support/app.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { movableClock } from '../google/support.ts'
import { gif, jpeg, png, svg, webp } from './pictures.ts'

const clock = movableClock()
let kith: WebApp
let ada: Person
let bob: Person

beforeAll(async () => {
  kith = await webApp({ clock })
  ada = await kith.signUp()
  bob = await kith.signUp()
})
afterAll(() => kith.close())

const contact = async (owner = ada): Promise<string> => {
  const { data } = await owner.graphql('mutation { contactCreate(input: { displayName: "Somebody" }) { ... on Contact { id } } }')
  return data.contactCreate.id
}
const rowId = (id: string): string => Buffer.from(id, 'base64url').toString().split(':')[1]!
const put = async (id: string, body: Uint8Array, headers: Record<string, string> = {}) =>
  fetch(`${kith.origin}/contacts/${encodeURIComponent(id)}/avatar`, {
    method: 'PUT',
    body: new Uint8Array(body),
    headers: { authorization: `Bearer ${await ada.token()}`, 'content-type': 'image/png', ...headers },
  })
const remove = async (id: string) =>
  fetch(`${kith.origin}/contacts/${id}/avatar`, { method: 'DELETE', headers: { authorization: `Bearer ${await ada.token()}` } })
const urlOf = async (id: string, owner = ada): Promise<string | null> =>
  (await owner.graphql('query ($id: ID!) { node(id: $id) { ... on Contact { avatarUrl } } }', { id })).data.node.avatarUrl
const get = async (url: string, headers: Record<string, string>) => fetch(url, { headers })
const rowOf = (id: string) => ada.ctx.db.avatar.findFirst({ where: { ownerId: ada.ownerId, contactId: rowId(id) } })

describe('a picture', () => {
  test('is shown to its owner, by session and by token, as what it is and nothing that can run', async () => {
    const id = await contact()
    expect(await urlOf(id)).toBeNull()
    expect((await put(id, png(8), { 'content-type': 'text/html' })).status).toBe(204)
    const url = (await urlOf(id))!
    expect(url).toMatch(new RegExp(`^${kith.origin}/avatars/[\\w-]+$`))
    for (const who of [ada.browser, { authorization: `Bearer ${await ada.token(['contacts:read'])}` }]) {
      const answer = await get(url, who)
      expect([answer.status, answer.headers.get('content-type'), Buffer.from(await answer.arrayBuffer())]).toEqual([200, 'image/png', png(8)])
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'private, max-age=3600',
        'content-security-policy': "default-src 'none'; sandbox",
        vary: 'Cookie, Authorization, Sec-GPC, DNT',
      })
      expect((await get(url, { ...who, 'if-none-match': answer.headers.get('etag')! })).status).toBe(304)
    }
  })

  test('lies sealed where it is stored, and opens in its own place only', async () => {
    const [one, other] = [await contact(), await contact()]
    await put(one, png(8))
    await put(other, png(9))
    const [{ key }, { key: elsewhere }] = [(await rowOf(one))!, (await rowOf(other))!]
    const stored = await kith.app.blobs.getBytes(key)
    expect(Buffer.from(stored).includes('PNG')).toBe(false)
    await kith.app.blobs.put(elsewhere, stored)
    expect((await get((await urlOf(one))!, ada.browser)).status).toBe(200)
    expect((await get((await urlOf(other))!, ada.browser)).status).toBe(500)
    const theirs = await kith.app.vault.of(bob.ownerId)
    expect(() => theirs.openBlob(key, stored)).toThrow()
  })

  test('is not there for anybody else, whoever they are', async () => {
    const id = await contact()
    await put(id, png(8))
    const url = (await urlOf(id))!
    const others: Record<string, string>[] = [
      {},
      bob.browser,
      { authorization: `Bearer ${await bob.token()}` },
      { authorization: `Bearer ${await ada.token(['notes:read'])}` },
      { authorization: 'Bearer kith_wrong' },
      { ...ada.browser, 'sec-fetch-site': 'cross-site' },
    ]
    for (const who of others) expect((await get(url, who)).status).toBe(404)
    expect((await get(`${kith.origin}/avatars/nonsense`, ada.browser)).status).toBe(404)
    await ada.graphql('mutation ($id: ID!) { contactDelete(id: $id) { __typename } }', { id })
    expect((await get(url, ada.browser)).status).toBe(404)
  })

  test('of another owner’s contact, or of none, can be neither given nor taken away', async () => {
    const theirs = await contact(bob)
    for (const id of [theirs, 'nonsense']) expect([(await put(id, png(8))).status, (await remove(id)).status]).toEqual([404, 404])
    expect(await urlOf(theirs, bob)).toBeNull()
  })

  test('needs contacts:write, or a page of our own', async () => {
    const id = await contact()
    expect((await put(id, png(8), { authorization: `Bearer ${await ada.token(['contacts:read'])}` })).status).toBe(403)
    const browser = async (method: string, headers: Record<string, string>, body?: Buffer) =>
      (
        await fetch(`${kith.origin}/contacts/${id}/avatar`, {
          method,
          headers: { ...ada.browser, ...headers },
          ...(body ? { body: new Uint8Array(body) } : {}),
        })
      ).status
    expect(await browser('PUT', { 'sec-fetch-site': 'cross-site', 'content-type': 'image/png' }, png(8))).toBe(403)
    expect(await browser('PUT', { 'content-type': 'image/png' }, png(8))).toBe(204)
    expect(await browser('DELETE', { 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await browser('DELETE', {})).toBe(204)
    expect(await browser('DELETE', {})).toBe(404)
  })

  test('may be named by the contact’s external reference', async () => {
    const { data } = await ada.graphql('mutation { contactCreate(input: { displayName: "Referenced", externalReference: "a/b 1" }) { ... on Contact { id } } }')
    expect((await put('ref:a/b 1', png(8))).status).toBe(204)
    expect(await urlOf(data.contactCreate.id)).not.toBeNull()
  })

  test('has another address once it is another picture, and the old one is gone', async () => {
    const id = await contact()
    await put(id, png(8, 1))
    const first = (await urlOf(id))!
    expect((await put(id, png(8, 1))).status).toBe(204)
    expect(await urlOf(id)).toBe(first)
    await put(id, png(8, 2))
    expect(await urlOf(id)).not.toBe(first)
    expect((await get(first, ada.browser)).status).toBe(404)
  })
})

describe('[F-43] what is no picture', () => {
  test.each([
    ['a drawing with scripts', svg],
    ['a page', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['nothing', Buffer.alloc(0)],
    ['a few bytes', Buffer.of(1, 2, 3)],
    ['the beginning of a picture', png(8).subarray(0, 12)],
    ['a picture that says it has 100,000 by 100,000 pixels', png(8, 1, 100_000)],
    ['more than 2 MB', Buffer.concat([png(8), Buffer.alloc(2_000_000)])],
  ])('%s is refused', async (_what, bytes) => {
    const id = await contact()
    const answer = await put(id, bytes)
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, 'INVALID_INPUT'])
    expect(await urlOf(id)).toBeNull()
  })

  test('every kind that is taken is told by its bytes, with its size', async () => {
    expect(await readImage(png(3))).toMatchObject({ contentType: 'image/png' })
    expect(await readImage(gif())).toMatchObject({ contentType: 'image/gif' })
    expect(await readImage(jpeg(640, 480))).toMatchObject({ contentType: 'image/jpeg' })
    expect(await readImage(webp(640, 480))).toMatchObject({ contentType: 'image/webp' })
    for (const bomb of [gif(60_000, 60_000), jpeg(20_000, 10), webp(9_000, 9_000)])
      expect(await readImage(bomb)).toEqual({ refused: expect.stringContaining('too large') })
  })
})

describe('a picture from a source', () => {
  test('never takes the place of one that the user gave, and comes back from no removal', async () => {
    const [given, taken, other] = [await contact(), await contact(), await contact()]
    await put(given, png(8, 1))
    expect(await setAvatar(ada.ctx, rowId(given), png(8, 2), 'GOOGLE')).toBe('KEPT')
    expect(await setAvatar(ada.ctx, rowId(taken), png(8, 2), 'GOOGLE')).toBe('SET')
    expect(await setAvatar(ada.ctx, rowId(taken), png(8, 2), 'GOOGLE')).toBe('UNCHANGED')
    expect((await remove(taken)).status).toBe(204)
    expect(await setAvatar(ada.ctx, rowId(taken), png(8, 2), 'GOOGLE')).toBe('KEPT')
    expect(await setAvatar(ada.ctx, rowId(taken), png(8, 3), 'GOOGLE')).toBe('SET')
    expect(await setAvatar(ada.ctx, rowId(other), png(8, 1), 'IMPORT')).toBe('SET')
    expect(await setAvatar(ada.ctx, rowId(other), png(8, 2), 'GOOGLE')).toBe('KEPT')
    expect(await setAvatar(ada.ctx, rowId(other), png(8, 2), 'IMPORT')).toBe('SET')
  })

  test('that is none is told, and the others of the same lot are stored', async () => {
    const [one, two] = [await contact(), await contact()]
    const refused = await inTransaction(ada.ctx, (tx) =>
      storePhotos(
        tx,
        [
          { contactId: rowId(one), bytes: svg },
          { contactId: rowId(two), bytes: png(8) },
        ],
        'IMPORT',
      ),
    )
    expect(refused).toEqual([{ contactId: rowId(one), reason: expect.stringContaining('PNG') }])
    expect([await urlOf(one), await urlOf(two)]).toEqual([null, expect.any(String)])
  })
})

describe('the bytes of a picture', () => {
  const exists = (key: string) => kith.app.blobs.exists(key)

  test('go when another takes its place, when it is taken away, and with the contact', async () => {
    const id = await contact()
    await put(id, png(8, 1))
    const first = (await rowOf(id))!.key
    await put(id, png(8, 2))
    const second = (await rowOf(id))!.key
    await kith.runJobs()
    expect([await exists(first), await exists(second)]).toEqual([false, true])
    await remove(id)
    await kith.runJobs()
    expect(await exists(second)).toBe(false)
    await put(id, png(8, 3))
    const third = (await rowOf(id))!.key
    await ada.graphql('mutation ($id: ID!) { contactDelete(id: $id) { __typename } }', { id })
    await kith.runJobs()
    expect(await exists(third)).toBe(true)
    clock.advance({ hours: 31 * 24 })
    await kith.runJobs()
    expect(await exists(third)).toBe(false)
    clock.reset()
  })

  test('stay while a merge can be undone that may bring the picture back, and go when it cannot any more', async () => {
    const [survivor, merged] = [await contact(), await contact()]
    await put(survivor, png(8, 1))
    await put(merged, png(8, 2))
    const keys = [(await rowOf(survivor))!.key, (await rowOf(merged))!.key]
    const merge = `mutation ($a: ID!, $b: [ID!]!) { contactMerge(input: { survivorId: $a, mergedIds: $b }) { ... on ContactMerged { id } } }`
    const undo = `mutation ($id: ID!) { contactMergeUndo(id: $id) { __typename } }`
    const { data } = await ada.graphql(merge, { a: survivor, b: [merged] })
    await kith.runJobs()
    clock.advance({ hours: 29 * 24 })
    await kith.runJobs()
    expect(await Promise.all(keys.map(exists))).toEqual([true, true])
    await ada.graphql(undo, { id: data.contactMerge.id })
    for (const [id, red] of [
      [survivor, 1],
      [merged, 2],
    ] as const) {
      const answer = await get((await urlOf(id))!, { authorization: `Bearer ${await ada.token()}` })
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(png(8, red))
    }
    await ada.graphql(merge, { a: survivor, b: [merged] })
    clock.advance({ hours: 31 * 24 })
    await kith.runJobs()
    clock.advance({ hours: 31 * 24 })
    await kith.runJobs()
    expect(await Promise.all(keys.map(exists))).toEqual([true, false])
    clock.reset()
  })

  test('that a transaction had stored before it was rolled back go by themselves', async () => {
    const id = await contact(bob)
    const before = await blobs()
    await expect(
      inTransaction(bob.ctx, async (tx) => {
        await setAvatar(tx, rowId(id), png(8, 9), 'IMPORT')
        throw new Error('rolled back')
      }),
    ).rejects.toThrow('rolled back')
    const [orphan] = (await blobs()).filter((key) => !before.includes(key))
    expect(orphan).toBeDefined()
    clock.advance({ hours: 2 })
    await kith.runJobs()
    expect(await exists(orphan!)).toBe(false)
    clock.reset()
  })

  const blobs = async (): Promise<string[]> =>
    [...(await kith.app.blobs.listAll('avatars', { recursive: true })).objects].flatMap((object) => (object.isFile ? [object.key] : []))
})

test('a page of contacts asks for their pictures in one statement', async () => {
  const statements: string[] = []
  const { testApp } = await import('../support/app.ts')
  const other = await testApp({ databases: kith.databases, clock, onQuery: (text) => void statements.push(text) })
  const { authorization } = { authorization: `Bearer ${await ada.token()}` }
  await other.graphql('{ contacts(first: 20) { nodes { avatarUrl } } }', {}, { headers: { authorization } })
  expect(statements.filter((text) => text.includes('FROM avatars'))).toHaveLength(1)
  await other.close()
})
