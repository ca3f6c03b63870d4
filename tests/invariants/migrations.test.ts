import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { missingSql } from '../../scripts/schema-diff.ts'
import { createDatabase } from '../support/postgres.ts'

const place = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

test('the migrations arrive at the schema: run `npm run migration NAME`', async () => {
  const empty = await createDatabase()
  try {
    expect(await missingSql(empty.url, { schema: place('prisma'), migrations: place('prisma/migrations') })).toBe('')
  } finally {
    await empty.drop()
  }
})
