import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { takeIn } from '../../src/archive/passingFile.ts'
import { maxArchiveBytes } from '../../src/archive/receive.ts'
import { fixedClock } from '../../src/core/clock.ts'
import type { Person } from '../support/app.ts'
import { befriend } from '../support/crm.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { fillAccount } from './fill.ts'
import { fetchArchive, recordsIn, unpack } from './support.ts'

let kith: WebApp
let into: Person
beforeAll(async () => {
  kith = await webApp({ clock: fixedClock('2026-05-04T10:00:00Z') })
})
afterAll(() => kith.close())
beforeEach(async () => {
  into = await kith.signUp()
})

const incoming = () => readdir(join(kith.app.config.dataDir, 'incoming')).catch(() => [])
const give = async (zip: BodyInit, { query = '', headers = {}, as = into }: { query?: string; headers?: Record<string, string>; as?: Person } = {}) => {
  const response = await fetch(`${kith.origin}/privacy/archives${query}`, {
    method: 'POST',
    body: zip,
    headers: { 'content-type': 'application/zip', authorization: `Bearer ${await as.token()}`, ...headers },
    ...({ duplex: 'half' } as object),
  })
  return { status: response.status, body: (await response.json()) as Record<string, never> }
}
const contactsOf = (who: Person) => kith.app.database.prisma.contact.count({ where: { ownerId: who.ownerId } })

describe('an archive that is given back', () => {
  test('[S-23] is the account again: exported, posted, exported, and equal', async () => {
    const ada = await kith.signUp()
    await fillAccount(ada)
    await kith.runJobs()
    const zip = await fetchArchive(kith, ada)
    const dry = await give(new Uint8Array(zip), { query: '?dryRun&signed' })
    expect(dry).toMatchObject({ status: 200, body: { dryRun: true, signature: 'OURS' } })
    expect(await contactsOf(into)).toBe(0)
    const { status, body } = await give(new Uint8Array(zip))
    expect([status, body['signature']]).toEqual([200, 'OURS'])
    await kith.runJobs()
    const [mine, theirs] = [await unpack(zip), await unpack(await fetchArchive(kith, into))]
    for (const { model } of kith.app.restorings.filter((each) => each.model !== 'Account')) {
      expect(recordsIn(mine, model).length, model).toBeGreaterThan(0)
      expect(recordsIn(theirs, model), model).toEqual(recordsIn(mine, model))
    }
    expect(await give(new Uint8Array(zip))).toMatchObject({ status: 409 })
    expect(await incoming()).toEqual([])
  })

  test('[S-23] comes in pieces of any size, and is taken whole or not at all', async () => {
    const ada = await kith.signUp()
    await befriend(ada, 'Grace')
    const zip = await fetchArchive(kith, ada)
    const pieces = function* (): Generator<Uint8Array> {
      for (let at = 0, step = 1; at < zip.length; at += step, step = (step * 7) % 1013) yield zip.subarray(at, at + step)
    }
    const body = Readable.toWeb(Readable.from(pieces(), { objectMode: false })) as ReadableStream<Uint8Array>
    for (const broken of [zip.subarray(0, zip.length - 1), zip.subarray(1), Buffer.from('no zip'), Buffer.alloc(0)])
      expect((await give(new Uint8Array(broken))).status).toBe(400)
    expect(await contactsOf(into)).toBe(0)
    expect((await give(body)).status).toBe(200)
    expect(await contactsOf(into)).toBe(1)
  })

  test('[S-23] is not taken when it is too large, whether or not that is announced, and nothing stays behind', async () => {
    const { port } = new URL(kith.origin)
    const token = await into.token()
    const answerTo = async (length: string, send: (write: (text: string) => void) => void) => {
      const socket = connect(Number(port), '127.0.0.1')
      socket.on('error', () => {})
      socket.write(
        `POST /privacy/archives HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/zip\r\n${length}\r\n\r\n`,
      )
      send((text) => void socket.write(text))
      const said = await Promise.race([buffer(socket).then(String), once(socket, 'data').then(String)])
      socket.destroy()
      return said
    }
    expect(await answerTo(`Content-Length: ${maxArchiveBytes + 1}`, () => {})).toMatch(/^HTTP\/1\.1 400/)
    const megabyte = `${(1_000_000).toString(16)}\r\n${'x'.repeat(1_000_000)}\r\n`
    const unannounced = await answerTo('Transfer-Encoding: chunked', (write) => {
      for (let sent = 0; sent <= maxArchiveBytes; sent += 1_000_000) write(megabyte)
    })
    expect(unannounced).toMatch(/^HTTP\/1\.1 400/)
    // Its sender hangs up: that is no fault of ours.
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write(`POST /privacy/archives HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`)
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.destroy()
    await expect.poll(() => give('no zip').then(({ status }) => status)).toBe(400)
    expect(await incoming()).toEqual([])
  })

  test('[S-28] is not taken from somebody without the right, nor from another site', async () => {
    const zip = new Uint8Array(await fetchArchive(kith, await kith.signUp()))
    expect((await fetch(`${kith.origin}/privacy/archives`, { method: 'POST', body: zip })).status).toBe(401)
    const narrow = await into.token(['contacts:write'])
    expect((await give(zip, { headers: { authorization: `Bearer ${narrow}` } })).status).toBe(403)
    const foreign = await fetch(`${kith.origin}/privacy/archives`, {
      method: 'POST',
      body: zip,
      headers: { 'content-type': 'application/zip', ...into.browser, origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' },
    })
    expect(foreign.status).toBe(403)
    expect(await contactsOf(into)).toBe(0)
  })
})

test('[S-27] what comes in lies on disk enciphered and without a name, and any part of it can be read', async () => {
  const folder = join(kith.app.config.dataDir, 'passing')
  const content = Buffer.from(Array.from({ length: 100_003 }, (_, index) => index % 251))
  const pieces = [content.subarray(0, 1), content.subarray(1, 70_001), content.subarray(70_001)]
  await using file = await takeIn(folder, Readable.from(pieces))
  expect(file.bytes).toBe(content.length)
  expect(await readdir(folder)).toEqual([])
  for (const [start, end] of [
    [0, 1],
    [0, content.length],
    [15, 17],
    [16, 32],
    [4099, 99_999],
    [content.length - 1, content.length],
    [5, 5],
  ] as const)
    expect((await buffer(file.reader.createReadStream({ start, end }))).equals(content.subarray(start, end)), `${start} to ${end}`).toBe(true)
})
