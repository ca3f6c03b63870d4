import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { exchangeRoutes } from '../../src/exchange/routes.ts'
import { runImport } from '../../src/exchange/run.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

let kith: TestApp
let ada: Person

beforeAll(async () => {
  kith = await testApp()
})
afterAll(() => kith.close())
beforeEach(async () => {
  ada = await kith.signUp()
})

const importing = `mutation ($input: ContactsImportInput!) { contactsImport(input: $input) {
  ... on ContactsImported { created updated unchanged skipped rows { index outcome message contact { id displayName } } }
  ... on InvalidInputError { issues { path message } } } }`

const cards = `BEGIN:VCARD\r\nVERSION:3.0\r\nN:Lindqvist;Åsa;;;\r\nFN:Åsa Lindqvist\r\nEMAIL;TYPE=WORK,PREF:asa@example.org\r\nTEL;TYPE=CELL:0171 5550100\r\nX-FAVOURITE-TEA:Earl Grey\r\nCATEGORIES:friends,climbing\r\nEND:VCARD\r\n
BEGIN:VCARD\r\nVERSION:3.0\r\nNOTE:nobody in here\r\nEND:VCARD\r\n
BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg\r\nTEL;CELL:+49 30 5550101\r\nEND:VCARD\r\n`

async function bring(content: string, format = 'VCARD', dryRun = false) {
  const { data, errors } = await ada.graphql(importing, { input: { format, content, dryRun } })
  expect(errors).toBeUndefined()
  return data.contactsImport
}

async function total(person = ada): Promise<number> {
  return (await person.graphql('{ contacts { totalCount } }')).data.contacts.totalCount
}

async function post(path: string, init: RequestInit = {}): Promise<Response> {
  return exchangeRoutes(kith.app).request(path, { ...init, headers: { authorization: `Bearer ${await ada.token()}`, ...init.headers } })
}

test('a card that cannot be taken is a row with a reason, and the rest go in', async () => {
  const imported = await bring(cards)
  expect(imported).toMatchObject({ created: 2, updated: 0, unchanged: 0, skipped: 1 })
  expect(imported.rows.map((row: { outcome: string }) => row.outcome)).toEqual(['CREATED', 'SKIPPED', 'CREATED'])
  expect(imported.rows[1].message).toBeTruthy()
  expect(imported.rows[2].contact.displayName).toBe('Jörg Müller')
})

test('the same file brought in twice changes nothing', async () => {
  await bring(cards)
  expect(await bring(cards)).toMatchObject({ created: 0, updated: 0, unchanged: 2, skipped: 1 })
  expect(await total()).toBe(2)
})

test('a dry run says what would come of it and changes nothing', async () => {
  expect(await bring(cards, 'VCARD', true)).toMatchObject({ created: 2, skipped: 1 })
  expect(await total()).toBe(0)
})

test('a card without an id is the contact of the same name and address, not another one', async () => {
  await bring(cards)
  const imported = await bring('BEGIN:VCARD\nVERSION:4.0\nFN:Åsa Lindqvist\nEMAIL:ASA@example.org\nTITLE:Guide\nEND:VCARD\n')
  expect(imported).toMatchObject({ created: 0, updated: 1 })
  expect(await total()).toBe(2)
})

test('what the user has edited or taken away, no import brings back', async () => {
  const [{ contact }] = (await bring(cards)).rows
  await ada.graphql('mutation ($id: ID!) { contactUpdate(id: $id, input: { name: { given: "Asa", family: "Lind" }, phones: [] }) { __typename } }', {
    id: contact.id,
  })
  await bring(cards.replace('Earl Grey', 'Darjeeling'))
  const { data } = await ada.graphql('query ($id: ID!) { contact(id: $id) { displayName phones { number } emails { address } } }', { id: contact.id })
  expect(data.contact.phones).toEqual([])
  expect(data.contact.emails).toEqual([{ address: 'asa@example.org' }])
  const named = await ada.graphql('query ($id: ID!) { contact(id: $id) { name { given family } } }', { id: contact.id })
  expect(named.data.contact.name).toEqual({ given: 'Asa', family: 'Lind' })
})

test('what Kith does not model survives from one vCard to the next', async () => {
  await bring(cards)
  const exported = await (await post('/contacts/export.vcf')).text()
  expect(exported).toContain('X-FAVOURITE-TEA:Earl Grey')
})

test('an exported address book, brought into an empty account, is exported the same again', async () => {
  await bring(cards)
  const exported = await (await post('/contacts/export.vcf')).text()
  const csv = await (await post('/contacts/export.csv')).text()
  ada = await kith.signUp()
  expect(await bring(exported)).toMatchObject({ created: 2, skipped: 0 })
  const again = await (await post('/contacts/export.vcf')).text()
  const still = (text: string): string => text.replaceAll(/^REV:.*\r\n/gm, '')
  expect(still(again)).toBe(still(exported))
  ada = await kith.signUp()
  expect(await bring(csv, 'CSV')).toMatchObject({ created: 2, skipped: 0 })
  const names = (await ada.graphql('{ contacts { nodes { displayName emails { address primary } tags } } }')).data.contacts.nodes
  expect(names).toEqual([
    { displayName: 'Åsa Lindqvist', emails: [{ address: 'asa@example.org', primary: true }], tags: ['friends', 'climbing'] },
    { displayName: 'Jörg Müller', emails: [], tags: [] },
  ])
})

test('content without a card is refused with the field at fault', async () => {
  expect(await bring('')).toEqual({ issues: [{ path: ['content'], message: expect.any(String) }] })
})

const run = `query ($id: ID!) { node(id: $id) { ... on ContactsImportRun { state processed created unchanged skipped error rows { index outcome message } } } }`
const many = Array.from(
  { length: 1203 },
  (_, index) => `BEGIN:VCARD\nVERSION:4.0\nUID:card-${index}\nFN:Person ${index}\nEMAIL:person${index}@example.org\nEND:VCARD\n`,
).join('')

test('a larger file is taken at once and imported by a job that shows its progress', async () => {
  const answer = await post('/contacts/import', { method: 'POST', body: many, headers: { 'content-type': 'text/vcard' } })
  expect(answer.status).toBe(202)
  const { id } = (await answer.json()) as { id: string }
  expect((await ada.graphql(run, { id })).data.node.state).toBe('WAITING')
  await kith.runJobs()
  expect((await ada.graphql(run, { id })).data.node).toEqual({ state: 'DONE', processed: 1203, created: 1203, unchanged: 0, skipped: 0, error: null, rows: [] })
  expect(await kith.app.blobs.listAll('imports', { recursive: true }).then(({ objects }) => [...objects].length)).toBe(0)
})

test('an import that is interrupted goes on where it was, and two workers do not import twice', async () => {
  const { id } = (await (await post('/contacts/import', { method: 'POST', body: many, headers: { 'content-type': 'text/vcard' } })).json()) as { id: string }
  const importId = Buffer.from(id, 'base64url').toString().split(':')[1] ?? ''
  let commits = 0
  const prisma = kith.app.database.prisma
  const dying = new Proxy(prisma, {
    get: (target, key) => {
      const value = Reflect.get(target, key) as unknown
      if (key !== '$transaction') return value
      return async (...args: unknown[]) => {
        commits += 1
        if (commits === 2) throw new Error('The process died.')
        return (value as (...rest: unknown[]) => Promise<unknown>).apply(target, args)
      }
    },
  })
  const app = { ...kith.app, database: { ...kith.app.database, prisma: dying } }
  await expect(runImport({ ...ada.ctx, app }, importId)).rejects.toThrow('died')
  expect((await ada.graphql(run, { id })).data.node).toMatchObject({ state: 'RUNNING', processed: 500 })
  await Promise.all([runImport(ada.ctx, importId), runImport(ada.ctx, importId)])
  expect((await ada.graphql(run, { id })).data.node).toMatchObject({ state: 'DONE', processed: 1203, created: 1203, unchanged: 0 })
  expect(await total()).toBe(1203)
})

test('a file without an end is cut off at the limit, and nothing of it is kept', async () => {
  let sent = 0
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      sent += 1_000_000
      controller.enqueue(new Uint8Array(1_000_000).fill(65))
      if (sent > 60_000_000) controller.close()
    },
  })
  const routes = exchangeRoutes(kith.app).onError((error, c) => c.text(error.message, 418))
  const answer = await routes.request('/contacts/import', {
    method: 'POST',
    body,
    duplex: 'half',
    headers: { authorization: `Bearer ${await ada.token()}`, 'content-type': 'text/vcard' },
  } as RequestInit)
  expect(await answer.text()).toContain('50 MB')
  expect(sent).toBeLessThan(60_000_000)
  expect(await kith.app.blobs.listAll('imports', { recursive: true }).then(({ objects }) => [...objects].length)).toBe(0)
})

test('nobody sees another owner’s import', async () => {
  const { id } = (await (await post('/contacts/import', { method: 'POST', body: 'BEGIN:VCARD', headers: { 'content-type': 'text/vcard' } })).json()) as {
    id: string
  }
  const other = await kith.signUp()
  expect((await other.graphql(run, { id })).data.node).toBeNull()
})

const samples = new URL('../../../shared/data/vcards/', import.meta.url)
test.runIf(existsSync(samples))('the cards of real programs import whole', async () => {
  for (const name of await readdir(samples)) {
    const imported = await bring(await readFile(new URL(name, samples), 'utf8'))
    expect(imported.skipped, name).toBe(0)
    expect(imported.created + imported.updated, name).toBeGreaterThan(0)
  }
})
