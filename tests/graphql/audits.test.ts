import { auditServer } from 'graphql-http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compiler, interpreter } from '../../src/graphql/compile.ts'
import { createGraphqlServer } from '../../src/graphql/server.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

let kith: TestApp
let ada: Person
beforeAll(async () => {
  kith = await testApp()
  ada = await kith.signUp()
})
afterAll(() => kith.close())

describe('GraphQL over HTTP: every audit of graphql-http is ok', () => {
  test.each(['interpreted', 'compiled'])('%s', async (how) => {
    const token = await ada.token()
    const { app } = kith
    const server = createGraphqlServer(app, { execute: how === 'compiled' ? compiler(app, 1) : interpreter(app.schema) })
    const fetchFn = (url: string, init: RequestInit = {}) =>
      server.fetch(new Request(url, { ...init, headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${token}` } }))
    const results = await auditServer({ url: `${app.config.publicUrl}/graphql`, fetchFn })
    expect(results).toHaveLength(61)
    expect(
      results
        .filter(({ status }) => status !== 'ok')
        .map(({ id, name, status, ...rest }) => ({ id, name, status, reason: 'reason' in rest ? rest.reason : '' })),
    ).toEqual([])
  })
})
