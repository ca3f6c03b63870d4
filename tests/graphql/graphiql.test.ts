import { parse, validate } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exampleTabs } from '../../src/graphql/examples.ts'
import { graphqlRoutes } from '../../src/graphql/routes.ts'
import { limitErrors } from '../../src/graphql/limits.ts'
import { variableErrors } from '../../src/graphql/variables.ts'
import { documentReader } from '../../src/graphql/documents.ts'
import { createGraphqlServer } from '../../src/graphql/server.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

let kith: TestApp
let ada: Person
beforeAll(async () => {
  kith = await testApp()
  ada = await kith.signUp()
})
afterAll(() => kith.close())

const open = (headers: Record<string, string> = {}, production = false) =>
  createGraphqlServer({ ...kith.app, config: { ...kith.app.config, production } }).fetch(
    new Request(`${kith.app.config.publicUrl}/graphql`, { headers: { accept: 'text/html,application/xhtml+xml', ...headers }, redirect: 'manual' }),
  )
describe('the explorer', () => {
  test('is served to a signed-in browser that follows a link from elsewhere, in production too', async () => {
    expect((await open({ ...ada.browser, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, true)).status).toBe(200)
  })
  test('is served to everyone in development, and to nobody unknown in production', async () => {
    expect((await open()).status).toBe(200)
    const refused = await open({}, true)
    expect({ status: refused.status, body: await refused.text() }).toEqual({ status: 303, body: '' })
  })
  test('asks no other site for anything, and runs no inline script', async () => {
    const response = await open()
    const page = await response.text()
    expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self';/)
    expect(page).not.toMatch(/https?:/)
    expect(page.match(/<script[^>]*>/g)).toEqual([expect.stringMatching(/^<script src="\/assets\/graphiql-[\w-]+\.js">$/)])
    const paths = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path!)
    expect(paths).toHaveLength(2)
    for (const path of paths) {
      const asset = await graphqlRoutes().request(path, { headers: { 'accept-encoding': 'gzip' } })
      expect({ status: asset.status, encoding: asset.headers.get('content-encoding'), kept: asset.headers.get('cache-control') }).toEqual({
        status: 200,
        encoding: 'gzip',
        kept: 'public, max-age=31536000, immutable',
      })
      const text = await (await graphqlRoutes().request(path)).text()
      expect(text.length).toBeGreaterThan(10_000)
      if (path.endsWith('.css')) expect(text).not.toMatch(/url\(["']?(https?:)?\/\//)
    }
    expect((await graphqlRoutes().request('/assets/graphiql-other.js')).status).toBe(404)
  })
})

test.each(exampleTabs.map(({ query, variables }) => [query.split('\n')[0], query, variables] as const))('the example runs: %s', (_title, query, variables) => {
  expect(validate(kith.app.schema, parse(query)).map(({ message }) => message)).toEqual([])
  expect(limitErrors(parse(query))).toEqual([])
  const [operation] = documentReader(kith.app.schema)(query).operations ?? []
  expect(variableErrors(kith.app.schema, operation!.node, JSON.parse(variables ?? '{}') as Record<string, unknown>)).toEqual([])
})
