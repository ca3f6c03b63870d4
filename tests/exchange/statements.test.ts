import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runImport, startImport } from '../../src/exchange/run.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { cardText } from '../support/cards.ts'

let kith: TestApp
let ada: Person
const seen: string[] = []

beforeAll(async () => {
  kith = await testApp({ onQuery: (text) => seen.push(text) })
  ada = await kith.signUp()
  // The tags of all cards, and the words whose slips are kept.
  await bring(0, 500)
}, 60_000)
afterAll(() => kith.close())

/** Imports some cards; answers how many were new and what was asked of the database meanwhile. */
async function bring(from: number, count: number): Promise<{ created: number; statements: string[] }> {
  const text = Array.from({ length: count }, (_, index) => cardText(from + index)).join('')
  const { id } = await startImport(ada.ctx, 'VCARD', Readable.toWeb(Readable.from([Buffer.from(text)])) as ReadableStream<Uint8Array>)
  seen.length = 0
  await runImport(ada.ctx, id)
  // Samples are taken as tables grow, which is not a matter of how many cards come at once.
  const statements = seen.filter((text) => !text.startsWith('ANALYZE'))
  const { created } = await ada.ctx.db.importRun.findUniqueOrThrow({ where: { ownerId_id: { ownerId: ada.ownerId, id } } })
  return { created, statements }
}

test('five hundred cards go in with the same statements as a hundred, and come again with the same', async () => {
  const few = await bring(10_000, 100)
  const many = await bring(20_000, 500)
  expect([few.created, many.created]).toEqual([100, 500])
  expect(many.statements).toEqual(few.statements)

  const [fewAgain, manyAgain] = [await bring(10_000, 100), await bring(20_000, 500)]
  expect([fewAgain.created, manyAgain.created]).toEqual([0, 0])
  expect(manyAgain.statements).toEqual(fewAgain.statements)
  expect(manyAgain.statements.length).toBeLessThan(many.statements.length)
})

test('what of a contact that is new has never been there is neither deleted nor looked for', async () => {
  const { statements } = await bring(30_000, 50)
  expect(statements.filter((text) => text.includes('DELETE FROM search_terms'))).toEqual([])
  const inserts = statements.filter((text) => text.includes('INSERT INTO search_terms'))
  expect(inserts).toHaveLength(1)
  expect(inserts[0]).not.toContain('ON CONFLICT')
})

test('a file whose last chunk fails to go in keeps the chunks before, and says so to whoever runs it', async () => {
  const text = Array.from({ length: 1001 }, (_, index) => cardText(40_000 + index)).join('')
  const { id } = await startImport(ada.ctx, 'VCARD', Readable.toWeb(Readable.from([Buffer.from(text)])) as ReadableStream<Uint8Array>)
  const { pool } = kith.app.database
  await pool.query(`ALTER TABLE import_runs ADD CONSTRAINT half CHECK (processed <= 1000) NOT VALID`)
  try {
    await expect(runImport(ada.ctx, id)).rejects.toThrow('half')
  } finally {
    await pool.query('ALTER TABLE import_runs DROP CONSTRAINT half')
  }
  const progress = () => ada.ctx.db.importRun.findUniqueOrThrow({ where: { ownerId_id: { ownerId: ada.ownerId, id } } })
  expect(await progress()).toMatchObject({ processed: 1000, created: 1000, finishedAt: null })
  await runImport(ada.ctx, id)
  expect(await progress()).toMatchObject({ processed: 1001, created: 1001, state: 'DONE' })
})
