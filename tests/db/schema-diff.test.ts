import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { missingSql, wholeSql, type SchemaPlace } from '../../scripts/schema-diff.ts'
import { createDatabase } from '../support/postgres.ts'

let place: SchemaPlace
let drops: (() => Promise<void>)[]

beforeEach(async () => {
  const schema = await mkdtemp(join(tmpdir(), 'schema-'))
  place = { schema, migrations: join(schema, 'migrations') }
  drops = [() => rm(schema, { recursive: true })]
  await mkdir(place.migrations)
  await writeFile(join(schema, 'schema.prisma'), 'datasource db {\n  provider = "postgresql"\n}\n')
  await cards('name String')
})

afterEach(async () => {
  for (const drop of drops) await drop()
})

async function cards(...fields: string[]): Promise<void> {
  await writeFile(join(place.schema, 'cards.prisma'), `model Card {\n  id Int @id\n  ${fields.join('\n  ')}\n}\n`)
}

async function write(name: string, sql: string): Promise<void> {
  await mkdir(join(place.migrations, name))
  await writeFile(join(place.migrations, name, 'migration.sql'), sql)
}

async function emptyDatabase(): Promise<string> {
  const { url, drop } = await createDatabase()
  drops.push(drop)
  return url
}

test('what the migrations lack is found, written, and then lacks no more', async () => {
  expect(await missingSql(await emptyDatabase(), place)).toContain('CREATE TABLE "Card"')
  await write('1_first', await wholeSql(await emptyDatabase(), place))
  expect(await missingSql(await emptyDatabase(), place)).toBe('')
  await cards('name String', 'born DateTime? @db.Date')
  expect(await missingSql(await emptyDatabase(), place)).toBe('-- AlterTable\nALTER TABLE "Card" ADD COLUMN     "born" DATE;\n')
})

test('what was written by hand is no difference; the same without the marker is', async () => {
  const whole = await wholeSql(await emptyDatabase(), place)
  const extra = `ALTER TABLE "Card" ADD CONSTRAINT card_name CHECK (name <> '');
    CREATE UNIQUE INDEX card_lower ON "Card" (lower(name)) WHERE id > 0;
    CREATE INDEX IF NOT EXISTS card_latest ON "Card" (name DESC NULLS LAST);
    CREATE UNLOGGED TABLE directory (id int PRIMARY KEY);`
  await write('1_first', `${whole}\n-- by hand: what the schema cannot say\n${extra}\n`)
  expect(await missingSql(await emptyDatabase(), place)).toBe('')
  await rm(join(place.migrations, '1_first'), { recursive: true })
  await write('1_first', `${whole}\n${extra}\n`)
  expect(await missingSql(await emptyDatabase(), place)).toContain('DROP TABLE "directory"')
})
