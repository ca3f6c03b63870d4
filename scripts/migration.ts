// npm run migration NAME             writes the migration that brings the existing ones to prisma/*.prisma
// npm run migration -- NAME --by-hand    writes it even when nothing differs, with room for SQL of one's own
// npm run migration -- --check       exits 1 and prints what is missing when the migrations do not arrive at the schema
// npm run migration -- --squash NAME     replaces all by one, which keeps every part written by hand; only before the first release
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../src/core/clock.ts'
import { startScratch } from '../src/db/embedded-scratch.ts'
import { readMigrations } from '../src/db/migrate.ts'
import { byHandMarker, byHandPart, missingSql, wholeSql, type SchemaPlace } from './schema-diff.ts'

const usage = 'Usage: npm run migration NAME | npm run migration -- NAME --by-hand | npm run migration -- --check | npm run migration -- --squash NAME'
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: 'boolean' }, squash: { type: 'boolean' }, 'by-hand': { type: 'boolean' }, schema: { type: 'string', default: 'prisma' } },
})
const schema = resolve(values.schema)
const place: SchemaPlace = { schema, migrations: join(schema, 'migrations') }
const name = positionals[0]?.toLowerCase().replace(/[^a-z0-9]+/g, '_')

if (!values.check && !name) {
  console.error(usage)
  process.exit(2)
}
await mkdir(place.migrations, { recursive: true })
const scratch = await startScratch()
try {
  if (values.check) await check(scratch.url)
  else if (values.squash) await squash(scratch, name ?? '')
  else await add(scratch.url, name ?? '')
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  await scratch.stop()
}

async function check(database: string): Promise<void> {
  const missing = await missingSql(database, place)
  if (!missing) return
  console.error(`The migrations do not arrive at the schema; run "npm run migration NAME". Missing:\n\n${missing}`)
  process.exitCode = 1
}

async function add(database: string, what: string): Promise<void> {
  const missing = await missingSql(database, place)
  if (!missing && !values['by-hand']) return console.log('The migrations arrive at the schema: there is nothing to write.')
  console.log(`Wrote ${await write(what, missing, values['by-hand'] ? '' : undefined)}`)
}

async function squash({ url, keysUrl }: { url: string; keysUrl: string }, what: string): Promise<void> {
  const old = await readMigrations(place.migrations)
  const byHand = old.map((migration) => byHandPart(migration.sql)).filter(Boolean)
  const whole = await wholeSql(url, place)
  const kept = `${place.migrations}.old`
  await rm(kept, { recursive: true, force: true })
  await rename(place.migrations, kept)
  try {
    const path = await write(what, whole, byHand.length ? byHand.join('\n\n') : undefined)
    const missing = await missingSql(keysUrl, place)
    if (missing) throw new Error(`The parts written by hand lead away from the schema:\n\n${missing}`)
    await rm(kept, { recursive: true })
    console.log(`Wrote ${path} in place of ${old.length}; databases made by those must be made anew.`)
  } catch (error) {
    await rm(place.migrations, { recursive: true })
    await rename(kept, place.migrations)
    throw error
  }
}

async function write(what: string, generated: string, byHand: string | undefined): Promise<string> {
  const stamp = systemClock.now().toString({ smallestUnit: 'second' }).replace(/\D/g, '')
  const folder = join(place.migrations, `${stamp}_${what}`)
  await mkdir(folder, { recursive: true })
  const sql = byHand === undefined ? generated : `${generated}${generated && '\n'}${byHandMarker}\n${byHand}\n`
  await writeFile(join(folder, 'migration.sql'), sql)
  return join(folder, 'migration.sql')
}
