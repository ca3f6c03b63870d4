import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type WebApp, webApp } from '../support/web.ts'
import { addBook, connectedOwner, movableClock, syncContacts } from './support.ts'
import { createToken, revokeToken } from '../../src/tokens/service.ts'

const clock = movableClock()
let kith: WebApp
let accounts = 0

beforeAll(async () => {
  kith = await webApp({ clock })
})
afterAll(() => kith.close())

async function someone() {
  const email = `watcher${(accounts += 1)}@example.test`
  addBook(kith, email, 3)
  const owner = await connectedOwner(kith, email)
  const made = await createToken(owner.ctx, { name: 'test', scopes: ['google:read', 'google:write', 'account:read'] })
  return { ...owner, ...made }
}

const document = 'subscription { googleSyncProgress { feature status processed } }'

async function follow(token: string, accept = 'text/event-stream'): Promise<Response> {
  return fetch(`${kith.origin}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept },
    body: JSON.stringify({ query: document }),
  })
}

/** Reads events until one fits. */
async function* eventsOf(response: Response): AsyncGenerator<{ data?: { googleSyncProgress: { feature: string; status: string } } }> {
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1]
      text = text.slice(end + 2)
      if (data) yield JSON.parse(data)
    }
  }
}

describe('following a sync', () => {
  test('a stream tells how the feature stands, and each change', async () => {
    const ada = await someone()
    const response = await follow(ada.token)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/event-stream')])
    const seen: string[] = []
    for await (const { data } of eventsOf(response)) {
      if (!data) continue
      seen.push(data.googleSyncProgress.status)
      if (seen.length === 1) await syncContacts(ada.ctx, ada.stateId)
      if (data.googleSyncProgress.status === 'IDLE') break
    }
    expect([seen[0], seen.at(-1)]).toEqual(['PENDING', 'IDLE'])
  })

  test('a token that is revoked hears nothing more', async () => {
    const ada = await someone()
    const events = eventsOf(await follow(ada.token))
    expect((await events.next()).value).toMatchObject({ data: { googleSyncProgress: { status: 'PENDING' } } })
    await revokeToken(ada.ctx, ada.apiToken.id)
    await kith.runJobs()
    await syncContacts(ada.ctx, ada.stateId)
    const rest: unknown[] = []
    for await (const { data } of { [Symbol.asyncIterator]: () => events }) if (data) rest.push(data)
    expect(rest).toEqual([])
  })

  test('who takes no stream, lacks the scope, or holds five streams is refused', async () => {
    const ada = await someone()
    expect((await follow(ada.token, 'application/graphql-response+json')).status).toBe(406)
    const poor = await createToken(ada.ctx, { name: 'poor', scopes: ['notes:read'] })
    const refused = await follow(poor.token)
    expect(await refused.text()).toContain('google:read')
    const held = await Promise.all(Array.from({ length: 5 }, async () => follow(ada.token)))
    const readers = held.map((each) => each.body!.getReader())
    await Promise.all(readers.map((reader) => reader.read()))
    expect(await (await follow(ada.token)).text()).toContain('RATE_LIMITED')
    await Promise.all(readers.map((reader) => reader.cancel()))
  })
})
