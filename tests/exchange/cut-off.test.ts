import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Person } from '../support/app.ts'
import { type WebApp, webApp } from '../support/web.ts'

let kith: WebApp
let ada: Person
let token: string
const logged: string[] = []

beforeAll(async () => {
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: (_fields: object, message: string) => void logged.push(message) }
  kith = await webApp({ log: log as never })
})
afterAll(() => kith.close())
beforeEach(async () => {
  ada = await kith.signUp()
  token = await ada.token()
})

/** Begins to send a file, in chunks as they are given, and goes away. */
async function breakOff(sent: string[], line = 'POST /contacts/import'): Promise<void> {
  const { port } = new URL(kith.origin)
  const socket = connect(Number(port), '127.0.0.1')
  const head = `${line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: text/vcard\r\nTransfer-Encoding: chunked\r\n\r\n`
  socket.on('error', () => {})
  socket.write(head + sent.join(''))
  // What cannot be a chunk has the server let go at once; without one it is us who hang up.
  if (sent.at(-1) !== 'ZZ\r\n') setTimeout(() => socket.destroy(), 50)
  await once(socket.resume(), 'close')
}

test.each([[['ZZ\r\n']], [['5\r\nBEGIN\r\n', 'ZZ\r\n']], [[]], [['ffff\r\nBEGIN:VCARD\r\n']]])(
  'a file that is cut off harms nobody, and leaves nothing behind: %j',
  async (sent) => {
    for (let times = 0; times < 5; times += 1) await breakOff(sent)
    const stored = async () => [...(await kith.app.blobs.listAll('imports', { recursive: true })).objects].length
    await expect.poll(stored).toBe(0)
    expect(await ada.ctx.db.importRun.count({ where: { ownerId: ada.ownerId } })).toBe(0)
    expect((await fetch(`${kith.origin}/health`)).status).toBe(200)
    expect(logged).toEqual([])
  },
)

test('a picture that is cut off is no fault of ours', async () => {
  for (const sent of [['ZZ\r\n'], ['5\r\nBEGIN\r\n', 'ZZ\r\n'], []]) await breakOff(sent, 'PUT /contacts/ref:x/avatar')
  expect((await fetch(`${kith.origin}/health`)).status).toBe(200)
  expect(logged).toEqual([])
})
