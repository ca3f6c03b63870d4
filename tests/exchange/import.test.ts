import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { exchangeRoutes } from '../../src/exchange/routes.ts'
import { dueSources } from '../../src/domains.ts'
import { runImport, startImport } from '../../src/exchange/run.ts'
import { rebuildDues } from '../../src/jobs/rebuild.ts'
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

const query = async (text: string, values: unknown[] = []) => (await kith.app.database.pool.query(text, values)).rows
const files = async () => [...(await kith.app.blobs.listAll('imports', { recursive: true })).objects].length
const dues = async () => (await query(`SELECT 1 FROM directory_due WHERE kind = 'import' AND "ownerId" = $1`, [ada.ownerId])).length
const letFallDue = () => query(`UPDATE directory_due SET "dueAt" = now() - interval '1 minute' WHERE kind = 'import'`)

/** The app of a process that dies as it begins its nth transaction. */
function dyingAt(nth: number): TestApp['app'] {
  let begun = 0
  const pool = new Proxy(kith.app.database.pool, {
    get: (target, key) => {
      const value = Reflect.get(target, key) as unknown
      if (key !== 'connect') return value
      // A single statement's connection is taken with a callback.
      return async (...args: unknown[]) => {
        begun += args.length === 0 ? 1 : 0
        if (begun === nth && args.length === 0) throw new Error('The process died.')
        return (value as (...rest: unknown[]) => Promise<unknown>).apply(target, args)
      }
    },
  })
  return { ...kith.app, database: { ...kith.app.database, pool } }
}

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
  expect(await files()).toBe(0)
})

test('an import that is interrupted goes on where it was, and two workers do not import twice', async () => {
  const { id } = (await (await post('/contacts/import', { method: 'POST', body: many, headers: { 'content-type': 'text/vcard' } })).json()) as { id: string }
  const importId = Buffer.from(id, 'base64url').toString().split(':')[1] ?? ''
  await expect(runImport({ ...ada.ctx, app: dyingAt(2) }, importId)).rejects.toThrow('died')
  expect((await ada.graphql(run, { id })).data.node).toMatchObject({ state: 'RUNNING', processed: 500 })
  await Promise.all([runImport(ada.ctx, importId), runImport(ada.ctx, importId)])
  expect((await ada.graphql(run, { id })).data.node).toMatchObject({ state: 'DONE', processed: 1203, created: 1203, unchanged: 0 })
  expect(await total()).toBe(1203)
  await kith.runJobs()
  expect(await files()).toBe(0)
})

test('an import whose job was lost is handed out again, also after its entry in the directory was lost', async () => {
  const { id } = (await (await post('/contacts/import', { method: 'POST', body: cards, headers: { 'content-type': 'text/vcard' } })).json()) as { id: string }
  await query('DELETE FROM outbox WHERE "ownerId" = $1', [ada.ownerId])
  await kith.runJobs()
  expect((await ada.graphql(run, { id })).data.node.state).toBe('WAITING')
  await query(`DELETE FROM directory_due WHERE kind = 'import'`)
  await rebuildDues(kith.app, dueSources)
  expect(await dues()).toBe(1)
  await letFallDue()
  await kith.runJobs()
  expect((await ada.graphql(run, { id })).data.node).toMatchObject({ state: 'DONE', created: 2 })
  expect({ files: await files(), dues: await dues() }).toEqual({ files: 0, dues: 0 })
})

test('a file whose process died before it was written down as an import is removed later', async () => {
  await expect(startImport({ ...ada.ctx, app: dyingAt(1) }, 'VCARD', new Blob([cards]).stream())).rejects.toThrow('died')
  await kith.runJobs()
  expect(await files(), 'somebody may still be at it').toBe(1)
  await letFallDue()
  await kith.runJobs()
  expect({ files: await files(), dues: await dues() }).toEqual({ files: 0, dues: 0 })
})

test('a file whose process died just as its import was done is removed', async () => {
  const { id } = (await (await post('/contacts/import', { method: 'POST', body: cards, headers: { 'content-type': 'text/vcard' } })).json()) as { id: string }
  const importId = Buffer.from(id, 'base64url').toString().split(':')[1] ?? ''
  const blobs = new Proxy(kith.app.blobs, {
    get: (target, key) => {
      if (key === 'delete') throw new Error('The process died.')
      const value = Reflect.get(target, key) as unknown
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  await runImport({ ...ada.ctx, app: { ...kith.app, blobs } }, importId).catch(() => {})
  expect((await ada.graphql(run, { id })).data.node.state).toBe('DONE')
  await kith.runJobs()
  expect({ files: await files(), dues: await dues() }).toEqual({ files: 0, dues: 0 })
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
  expect(await files()).toBe(0)
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

test('an exported address book, brought back into its own account, makes nobody twice', async () => {
  await ada.graphql('mutation { contactCreate(input: { displayName: "By hand", phones: [{ number: "+49 30 5550199" }] }) { __typename } }')
  await bring(cards)
  const bob = await kith.signUp()
  for (const extension of ['vcf', 'csv']) {
    const exported = await (await post(`/contacts/export.${extension}`)).text()
    expect(await bring(exported, extension === 'vcf' ? 'VCARD' : 'CSV')).toMatchObject({ created: 0, skipped: 0 })
    expect(await bring(exported, extension === 'vcf' ? 'VCARD' : 'CSV')).toMatchObject({ created: 0, updated: 0, unchanged: 3, skipped: 0 })
    expect(await total()).toBe(3)
    const owner = ada
    ada = bob
    // The ids of another owner's contacts name nobody here.
    expect((await bring(exported, extension === 'vcf' ? 'VCARD' : 'CSV')).skipped).toBe(0)
    ada = owner
  }
  expect(await total(bob)).toBe(3)
})

test('[F-09] [S-27] a file that waits to be read lies sealed, bound to its owner, and is read back whole', async () => {
  const long = Array.from(
    { length: 9000 },
    (_, index) => `BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Secret ${index} Keeper\r\nEMAIL:s${index}@example.org\r\nNOTE:${'x'.repeat(60)}\r\nEND:VCARD\r\n`,
  )
  const run = await startImport(ada.ctx, 'VCARD', new Blob([long.join('')]).stream())
  const stored = Buffer.from(await kith.app.blobs.getBytes(run.blobKey ?? ''))
  // More than one frame, so that the seams are tried too.
  expect(stored.length).toBeGreaterThan(1_000_000)
  for (const text of ['Secret', 'VCARD', '@example.org', 'xxxx']) expect(stored.includes(text), text).toBe(false)
  const bea = await kith.signUp()
  const { openFile } = await import('../../src/vault/sealedFile.ts')
  const asBea = openFile(await kith.app.vault.of(bea.ownerId), run.blobKey ?? '', await kith.app.blobs.getStream(run.blobKey ?? ''))
  await expect(asBea.next()).rejects.toThrow()
  const asAda = openFile(await kith.app.vault.of(ada.ownerId), run.blobKey ?? '', await kith.app.blobs.getStream(run.blobKey ?? ''))
  expect(Buffer.concat(await Array.fromAsync(asAda)).toString()).toBe(long.join(''))
})
