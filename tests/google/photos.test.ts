import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fetchPhotos, photosDue } from '../../src/google/contacts/photos.ts'
import { syncNow, readFeatures } from '../../src/google/service.ts'
import { downloadPhoto } from '../../src/google/contacts/photoDownload.ts'
import { setAvatar, uploadAvatar } from '../../src/avatars/service.ts'
import { png, svg } from '../avatars/pictures.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { connectedOwner, movableClock, syncContacts } from './support.ts'

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

const photoPath = /^\/photos\/p/
/** An owner whose address book has one person for each photo. */
async function someone(...photos: ({ url: string; default?: boolean } | null)[]) {
  const email = `photos${(books += 1)}@example.test`
  kith.google.world.addAccount({ email, givenName: 'Test', familyName: 'Example' })
  const people = photos.map(
    (photo, index) => kith.google.world.addPerson(email, { names: [{ givenName: `Person${index}` }], ...(photo ? { photos: [photo] } : {}) }).resourceName!,
  )
  const owner = await connectedOwner(kith, email)
  await syncContacts(owner.ctx, owner.stateId)
  const contactOf = async (index: number) =>
    (await owner.ctx.db.contactSource.findFirstOrThrow({ where: { ownerId: owner.ownerId, externalId: people[index]! } })).contactId
  const avatarOf = async (index: number) => owner.ctx.db.avatar.findFirst({ where: { ownerId: owner.ownerId, contactId: await contactOf(index) } })
  const again = async () => {
    await owner.ctx.db.googleSyncState.updateMany({ where: { ownerId: owner.ownerId }, data: { nextRunAt: new Date(clock.now().epochMilliseconds) } })
    await syncContacts(owner.ctx, owner.stateId)
    await fetchPhotos(owner.ctx)
  }
  return {
    ...owner,
    email,
    people,
    contactOf,
    avatarOf,
    again,
    waiting: () => owner.ctx.db.googleAvatarFetch.count({ where: { ownerId: owner.ownerId, url: { not: null } } }),
  }
}

describe('photos', () => {
  test('[F-10] are fetched after the import, in a size for a screen, without credentials; Google’s coloured letters are left out', async () => {
    const owner = await someone({ url: '/photos/p1=s100' }, { url: '/photos/p2=s100', default: true }, null, { url: '/photos/p3=s100' })
    await fetchPhotos(owner.ctx)
    expect(await Promise.all([0, 1, 2, 3].map(async (index) => (await owner.avatarOf(index))?.source ?? null))).toEqual(['GOOGLE', null, null, 'GOOGLE'])
    const asked = kith.google.ledger.of('photo')
    expect(asked.map(({ path, account }) => [path, account]).toSorted()).toEqual([
      ['/photos/p1=s256', null],
      ['/photos/p3=s256', null],
    ])
    expect(await owner.waiting()).toBe(0)
  })

  test('are fetched by the worker, and not again while Google has the same', async () => {
    const owner = await someone({ url: '/photos/p1=s100' })
    await kith.runJobs()
    expect(await owner.avatarOf(0)).not.toBeNull()
    kith.google.ledger.clear()
    await owner.again()
    expect(kith.google.ledger.of('photo')).toEqual([])
  })

  test('follow Google: another comes, one that is gone goes; the user’s own stays', async () => {
    const owner = await someone({ url: '/photos/p1=s100' }, { url: '/photos/p2=s100' }, { url: '/photos/p3=s100' })
    await fetchPhotos(owner.ctx)
    const before = await owner.avatarOf(0)
    await uploadAvatar(owner.ctx, await owner.contactOf(2), png(8))
    kith.google.world.editPerson(owner.email, owner.people[0]!, { photos: [{ url: '/photos/p11=s100' }] })
    kith.google.world.editPerson(owner.email, owner.people[1]!, { photos: null })
    kith.google.world.editPerson(owner.email, owner.people[2]!, { photos: [{ url: '/photos/p13=s100' }] })
    await owner.again()
    expect((await owner.avatarOf(0))!.sha256).not.toEqual(before!.sha256)
    expect(await owner.avatarOf(1)).toBeNull()
    const changes = await owner.ctx.db.event.findMany({ where: { ownerId: owner.ownerId, type: 'contact.updated' } })
    expect(new Set(changes.flatMap(({ changed }) => changed))).toEqual(new Set(['avatarUrl']))
    expect(await owner.avatarOf(2)).toMatchObject({ source: 'MANUAL', edited: true })
  })

  test('that cannot be had fail nothing: refused ones stay away, others are tried again later', async () => {
    const owner = await someone({ url: '/photos/p1=s100' }, { url: '/photos/p2=s100' }, { url: '/photos/p3=s100' }, { url: '/photos/p4=s100' })
    kith.google.faults.add({ path: '/photos/p1=s256', status: 200, body: svg, headers: { 'content-type': 'image/svg+xml' } })
    kith.google.faults.add({
      path: '/photos/p2=s256',
      status: 200,
      body: Buffer.concat([png(8), Buffer.alloc(1024 * 1024)]),
      headers: { 'content-type': 'image/png' },
    })
    kith.google.faults.add({ path: '/photos/p3=s256', status: 404 })
    kith.google.faults.add({ path: '/photos/p4=s256', status: 503 })
    await fetchPhotos(owner.ctx)
    expect((await readFeatures(owner.ctx))[0]).toMatchObject({ status: 'IDLE', errorCode: null })
    expect(await Promise.all([0, 1, 2, 3].map(owner.avatarOf))).toEqual([null, null, null, null])
    expect(await owner.waiting()).toBe(1)
    clock.advance({ minutes: 2 })
    await fetchPhotos(owner.ctx)
    expect(await Promise.all([0, 1, 2, 3].map(async (index) => (await owner.avatarOf(index)) !== null))).toEqual([false, false, false, true])
  })

  test('a failing host is left alone after six tries', async () => {
    const owner = await someone({ url: '/photos/p1=s100' })
    kith.google.faults.add({ path: photoPath, times: Infinity, status: 429 })
    for (let round = 0; round < 8; round += 1) {
      await fetchPhotos(owner.ctx)
      clock.advance({ hours: 24 })
    }
    expect(kith.google.ledger.of('photo').length + kith.google.ledger.entries.filter(({ faulty }) => faulty).length).toBe(6)
    expect(await owner.waiting()).toBe(0)
  })

  test('of two people who are one contact by now the first one’s stays', async () => {
    const owner = await someone({ url: '/photos/p1=s100' }, { url: '/photos/p2=s100' })
    await fetchPhotos(owner.ctx)
    const [first, second] = [await owner.contactOf(0), await owner.contactOf(1)]
    const { mergeContacts } = await import('../../src/merges/service.ts')
    await mergeContacts(owner.ctx, { survivorId: first, mergedIds: [second] })
    const before = await owner.avatarOf(0)
    await owner.again()
    await owner.again()
    expect(await owner.avatarOf(1)).toEqual(before)
  })

  test('of one owner’s long queue hold nobody up: a job does a part of it, and the owner is due again', async () => {
    const owner = await someone(...Array.from({ length: 130 }, (_, index) => ({ url: `/photos/p${index}=s100` })))
    expect(await fetchPhotos(owner.ctx)).toBe(true)
    expect(await owner.waiting()).toBe(10)
    const due = () => owner.ctx.db.directoryDue.findFirst({ where: { kind: photosDue, ownerId: owner.ownerId } })
    expect((await due())!.dueAt.getTime()).toBeLessThanOrEqual(clock.now().epochMilliseconds)
    expect(await fetchPhotos(owner.ctx)).toBe(false)
    expect(await due()).toBeNull()
  })

  test('syncNow does the whole import, photos included, without a worker', async () => {
    const owner = await someone({ url: '/photos/p1=s100' })
    await owner.ctx.db.googleSyncState.updateMany({
      where: { ownerId: owner.ownerId },
      data: { nextRunAt: new Date(clock.now().epochMilliseconds), fullWanted: true },
    })
    expect(await syncNow(kith.app, owner.ownerId)).toContainEqual(expect.objectContaining({ feature: 'CONTACTS', status: 'IDLE', processed: 1 }))
    expect(await owner.avatarOf(0)).not.toBeNull()
  })
})

describe('a photo’s address', () => {
  test('row 25: leads nowhere but to Google’s photo host: not by itself, and not by a redirect', async () => {
    const asked: string[] = []
    const inside = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.end(png(8))
    }).listen(0, '127.0.0.1')
    await once(inside, 'listening')
    const { port } = inside.address() as { port: number }
    const target = `http://127.0.0.1:${port}/metadata`
    for (const address of [
      target,
      `http://localhost:${port}/`,
      `${kith.google.origin.replace('http://', 'http://user@')}.googleusercontent.com/`,
      'http://lh3.googleusercontent.com/p1',
      'https://lh3.googleusercontent.com:8443/p1',
      'https://googleusercontent.com.example.com/p1',
      'https://evilgoogleusercontent.com/p1',
      'file:///etc/passwd',
      'data:image/png;base64,AAAA',
      'nonsense',
    ])
      expect(await downloadPhoto(kith.app, address)).toEqual({ refused: 'its address is not one of Google’s' })
    kith.google.faults.add({ path: photoPath, status: 302, headers: { location: target } })
    expect(await downloadPhoto(kith.app, `${kith.google.origin}/photos/p1=s100`)).toEqual({ refused: 'it leads away from Google' })
    kith.google.faults.add({ path: photoPath, times: Infinity, status: 302, headers: { location: `${kith.google.origin}/photos/p1` } })
    expect(await downloadPhoto(kith.app, `${kith.google.origin}/photos/p1=s100`)).toEqual({ refused: 'it leads on and on' })
    expect(asked).toEqual([])
    inside.close()
  })

  test('on the simulator’s host is taken only where that is configured', async () => {
    const { app } = kith
    const elsewhere = { ...app, google: { ...app.google, origin: null } }
    expect(await downloadPhoto(elsewhere, `${kith.google.origin}/photos/p1=s100`)).toEqual({ refused: 'its address is not one of Google’s' })
    expect(await downloadPhoto(app, `${kith.google.origin}/photos/p1=s100`)).toEqual({ bytes: expect.any(Buffer) })
  })
})

test('a picture for a contact that is gone is not kept', async () => {
  const owner = await someone(null)
  expect(await setAvatar(owner.ctx, '00000000-0000-7000-8000-000000000000', png(8), 'GOOGLE')).toBe('KEPT')
})
