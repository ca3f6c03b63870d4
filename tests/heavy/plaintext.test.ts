import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { Client } from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { exchangeRoutes } from '../../src/exchange/routes.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { befriend, done, mutate } from '../support/crm.ts'

const { url, prefix, directory } = inject('postgres')
const sealed: string[] = []
const open = 'unsealedvaluequince'
const refused: string[] = []
const lines: string[] = []
const payloads: string[] = []
let kith: TestApp
let ada: Person

/** A value that nothing else contains, letters only so that it is one word everywhere. */
function plant(where: string): string {
  const value = `sealed${where}${[...String(sealed.length)].map((digit) => 'qwxzjkvbpf'[Number(digit)]).join('')}quince`
  sealed.push(value)
  return value
}

beforeAll(async () => {
  const log = pino({ level: 'trace' }, new Writable({ write: (chunk, _encoding, next) => (lines.push(String(chunk)), next()) }))
  kith = await testApp({
    log,
    onCreate: (app) => {
      const { send } = app.queue
      Object.assign(app.queue, {
        send: async (name: string, payload: Record<string, string>) => (payloads.push(JSON.stringify([name, payload])), send(name, payload)),
      })
    },
  })
  ada = await kith.signUp()
  for (let round = 0; round < 13; round += 1) {
    const contactId = await befriend(ada, `${open} ${round}`, {
      about: plant('about'),
      customFields: [{ name: plant('fieldname'), value: plant('fieldvalue') }],
    })
    const note = await done(ada, 'noteCreate', { input: { contactId, body: plant('note') } })
    const update = 'mutation ($id: ID!, $body: String!) { noteUpdate(id: $id, input: { body: $body }) { __typename } }'
    const updated = await ada.graphql(update, { id: note.id, body: `${sealed.at(-1)} ${plant('changed')}` })
    expect(updated.data.noteUpdate.__typename).toBe('Note')
    // What is refused is not kept either.
    await mutate(ada, 'noteCreate', { input: { contactId: note.id, body: plant('refused') } })
    refused.push(sealed.at(-1)!)
    await done(ada, 'reminderCreate', {
      input: { contactId, title: plant('title'), details: plant('details'), dueAt: round === 0 ? '2020-01-01T09:00' : '2037-01-01T09:00', timeZone: 'UTC' },
    })
    await done(ada, 'interactionLog', {
      input: { contactIds: [contactId], kind: 'CALL', direction: 'MUTUAL', occurredAt: '2025-03-04T05:06:00Z', subject: plant('subject') },
    })
    const card = (property: string): string => `BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Imported ${round}\r\nX-QUINCE:${property}\r\nEND:VCARD\r\n`
    const format = 'VCARD'
    const { data, errors } = await ada.graphql(
      'mutation ($input: ContactsImportInput!) { contactsImport(input: $input) { ... on ContactsImported { created } } }',
      { input: { format, content: card(plant('card')) } },
      { headers: { 'idempotency-key': `import-${round}` } },
    )
    expect(errors).toBeUndefined()
    expect(data.contactsImport.created).toBe(1)
  }
  const outbox = await kith.app.database.pool.query<{ text: string }>('SELECT o::text AS text FROM outbox AS o')
  payloads.push(...outbox.rows.map(({ text }) => text))
  await kith.runJobs()
})
afterAll(() => kith.close())

/** Every file below a directory. */
async function filesOf(path: string): Promise<string[]> {
  return (await readdir(path, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** Which of the values occur in a file; blocks overlap by the longest of them. */
async function occurrences(path: string, values: readonly string[]): Promise<string[]> {
  const found = new Set<string>()
  const overlap = Math.max(...values.map(({ length }) => length))
  let tail = ''
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const block = tail + (chunk as Buffer).toString('latin1')
    // Every planted value ends in this, so most blocks are done with one search.
    if (block.includes('quince')) for (const value of values) if (block.includes(value)) found.add(value)
    tail = block.slice(-overlap)
  }
  return [...found]
}

/** Has the server write all it holds in memory: copying a template as files begins with that, and needs no superuser. */
async function checkpoint(): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const name = `${prefix}checkpoint`
  try {
    await client.query(`CREATE DATABASE ${name} TEMPLATE template0 STRATEGY file_copy`)
    await client.query(`DROP DATABASE ${name}`)
  } finally {
    await client.end()
  }
}

test('enough is planted, and its owner reads all of it', async () => {
  expect(new Set(sealed).size - refused.length).toBeGreaterThanOrEqual(100)
  const read: string[] = []
  for (let after: string | null = null, more = true; more;) {
    const { data } = await ada.graphql(
      'query ($after: String) { contacts(first: 10, after: $after) { pageInfo { hasNextPage endCursor } nodes { about customFields { name value } notes { nodes { body } } reminders { nodes { title details } } interactions { nodes { subject } } } } }',
      { after },
    )
    read.push(JSON.stringify(data.contacts.nodes))
    more = data.contacts.pageInfo.hasNextPage
    after = data.contacts.pageInfo.endCursor
  }
  const exported = await exchangeRoutes(kith.app).request('/contacts/export.vcf', { headers: { authorization: `Bearer ${await ada.token()}` } })
  const text = (read.join('\n') + (await exported.text())).replaceAll('\r\n ', '')
  expect(sealed.filter((value) => !refused.includes(value) && !text.toLowerCase().includes(value))).toEqual([])
})

test.skipIf(!directory)("no sealed value lies in any of the database server's files", async () => {
  await checkpoint()
  const found = new Map<string, string[]>()
  for (const path of await filesOf(directory!))
    for (const value of await occurrences(path, [...sealed, open])) found.set(value, [...(found.get(value) ?? []), path])
  expect([...found.keys()].filter((value) => value !== open)).toEqual([])
  // In a table and in the write-ahead log: the search looks where rows lie.
  expect(found.get(open)?.some((path) => path.includes('/base/'))).toBe(true)
  expect(found.get(open)?.some((path) => path.includes('/pg_wal/'))).toBe(true)
})

test('no sealed value stands in the log, in a job or in what waits for one', () => {
  expect(payloads.length).toBeGreaterThan(10)
  const said = (): string => [...lines, ...payloads].join('\n')
  expect(said()).not.toContain('quince')
  kith.app.log.error({ err: new Error(open) })
  expect(said()).toContain(open)
})
