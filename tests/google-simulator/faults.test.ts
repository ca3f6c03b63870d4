import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startGoogleSimulator, type GoogleSimulator } from '../../dev/google/simulator.ts'
import { createWorld } from '../../dev/google/world.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { oauthClient, peopleClient, redirectUri, refusal } from './clients.ts'

const email = 'ada@example.test'
let simulator: GoogleSimulator
beforeEach(async () => {
  const clock = fixedClock('2026-03-01T12:00:00Z')
  const world = createWorld({ seed: 'people', clock })
  world.addAccount({ email, givenName: 'Ada', familyName: 'Example' })
  world.addAccount({ email: 'grace@example.test', givenName: 'Grace', familyName: 'Example' })
  world.addPerson(email, { names: [{ givenName: 'Person', familyName: 'Exampleton' }] })
  simulator = await startGoogleSimulator({ clock, world })
})
afterEach(() => simulator.close())

describe('faults and the ledger', () => {
  const list = () => peopleClient(simulator, email).people.connections.list({ resourceName: 'people/me', personFields: 'names' }, { timeout: 5000 })

  test('strike the request they name, as often as they say, for the account they name', async () => {
    const fault = simulator.faults.add({
      path: '/v1/people/me/connections',
      account: email,
      nth: 2,
      times: 2,
      status: 503,
      body: { error: { code: 503 } },
      headers: { 'retry-after': '7' },
    })
    await list()
    const grace = peopleClient(simulator, 'grace@example.test')
    await grace.people.connections.list({ resourceName: 'people/me', personFields: 'names' })
    for (const _ of [1, 2]) {
      const { status, headers } = await refusal(list())
      expect([status, headers.get('retry-after')]).toEqual([503, '7'])
    }
    await list()
    expect(fault.hits).toBe(2)
    expect(simulator.ledger.entries.map((entry) => [entry.status, entry.faulty, entry.account])).toEqual([
      [200, false, email],
      [200, false, 'grace@example.test'],
      [503, true, email],
      [503, true, email],
      [200, false, email],
    ])
  })

  test('can cut the connection before or in the middle of an answer, or answer with anything', async () => {
    simulator.faults.add({ reset: true })
    await expect(list()).rejects.toThrow()
    simulator.faults.add({ truncateBytes: 40 })
    await expect(list()).rejects.toThrow()
    simulator.faults.add({ body: '<html>not JSON</html>', headers: { 'content-type': 'text/html' } })
    expect((await list()).data).toBe('<html>not JSON</html>')
    expect(simulator.ledger.entries.map((entry) => entry.status)).toEqual([0, 0, 200])
    await list()
  })

  test('can do the work and then fail, so that the client cannot know', async () => {
    // google-auth-library repeats a POST that met a 503 by itself, whatever `retry` says, and so burns the code.
    const code = simulator.issueCode({ account: email, redirectUri })
    simulator.faults.add({ path: '/token', after: true, status: 503 })
    expect(await refusal(oauthClient(simulator).getToken(code))).toMatchObject({ status: 400, data: { error: 'invalid_grant' } })
    expect(simulator.ledger.of('token.authorization_code').map((entry) => entry.status)).toEqual([503, 400])
  })

  test('the ledger shows no token and no code', async () => {
    await fetch(`${simulator.origin}/tokeninfo?access_token=ya29.secret`)
    await fetch(`${simulator.origin}/revoke?token=secret`, { method: 'POST' })
    expect(JSON.stringify(simulator.ledger.entries)).not.toContain('secret')
  })
})
