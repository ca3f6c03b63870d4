import pg from 'pg'
import type { App } from '../../src/app.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { createToken } from '../../src/tokens/service.ts'
import { allScopes } from '../../src/tokens/scopes.ts'
import { makePersons } from './persons.ts'
import { accounts, book, functions, happenings, inserts } from './rows.ts'
import { sealInto } from './seal.ts'
import { type Size, writingAccounts } from './size.ts'
import { makeTerms } from './terms.ts'
import { makeTexts } from './texts.ts'
import { belongingsOf, makeTwins, sealedColumns, twinned } from './twin.ts'

/** An account whose token the load carries. */
export interface Reader {
  readonly ownerId: string
  readonly token: string
}

/** Tables that are filled; twins have the same names. */
const tables = Object.keys(inserts)

/** Makes all data, and answers who reads it: first the account with the large book. */
export async function makeData(app: App, adminUrl: string, size: Size, say: (what: string) => void): Promise<Reader[]> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  try {
    // Rows that refer to one another come in any order, and are right.
    await client.query(`SET session_replication_role = replica; SET ROLE kith; SET maintenance_work_mem = '512MB'; SET work_mem = '128MB'`)
    const ownerIds = await makeAccounts(client, size)
    say('accounts and persons')
    const belongings = await belongingsOf(client, tables)
    for (const index of belongings.indexes) await client.query(`DROP INDEX ${/INDEX "?(\w+)"?/.exec(index)?.[0].replace(/INDEX /, 'public.')}`)
    await makeTwins(client, tables)
    for (const [table, insert] of Object.entries(inserts)) {
      await client.query(insert)
      say(`twin ${table}`)
    }
    const twins = (statements: readonly string[]): string[] => statements.flatMap((statement) => twinned(statement, tables) ?? [])
    for (const statement of [...twins(belongings.keys), ...twins(belongings.indexes)]) await client.query(statement)
    say('keys and indexes of the twins')
    const readers = ownerIds.slice(0, size.readers + 1)
    for (const table of tables) {
      if (table in sealedColumns) await sealInto(client, app, table, readers)
      else await client.query(`INSERT INTO public.${table} SELECT * FROM twin.${table}`)
      say(table)
    }
    for (const statement of [...belongings.indexes, ...twins(belongings.references)]) await client.query(statement)
    say('indexes and references')
    // What is written to is found as well: a change writes only the terms in which it differs from what was there.
    await makeTerms(client, app, [...new Set([...readers.slice(0, size.searched + 1), ...readers.slice(-writingAccounts)])])
    say('search terms')
    await client.query('VACUUM ANALYZE')
    say('statistics')
    return await makeTokens(app, readers)
  } finally {
    await client.end()
  }
}

async function makeAccounts(client: pg.ClientBase, size: Size): Promise<string[]> {
  await client.query('CREATE SCHEMA bench')
  await client.query(functions)
  const persons = Math.max(size.book, 2000)
  await makePersons(client, persons)
  await makeTexts(client)
  await client.query(filled(accounts, [size.book, size.contacts, size.others, size.readers, size.accounts]))
  await client.query(filled(book, [persons]))
  await client.query(happenings)
  await client.query(`
    INSERT INTO accounts ("ownerId", id, email, name, locale, "timeZone", region, "sendTime", "createdAt", "updatedAt")
    SELECT "ownerId", bench.id('2026-01-01', 8, a), 'reader' || a || '@example.test', 'Reader ' || a, 'en-GB', 'Europe/Berlin', 'DE', '08:00', '2026-01-01', '2026-01-01' FROM bench.accounts`)
  const { rows } = await client.query<{ ownerId: string }>('SELECT "ownerId" FROM bench.accounts ORDER BY a')
  return rows.map(({ ownerId }) => ownerId)
}

/** Numbers in place of parameters, which statements that define something cannot have. */
function filled(statements: string, values: readonly number[]): string {
  return statements.replaceAll(/\$(\d+)/g, (_, place: string) => String(values[Number(place) - 1]))
}

async function makeTokens(app: App, ownerIds: readonly string[]): Promise<Reader[]> {
  const readers: Reader[] = []
  for (const ownerId of ownerIds) {
    const { token } = await createToken(systemCtx(app, ownerId, 'bench'), { name: 'bench', scopes: [...allScopes] })
    readers.push({ ownerId, token })
  }
  return readers
}
