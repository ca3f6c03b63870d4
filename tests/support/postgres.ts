import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'
import { withDatabase } from './database-url.ts'
import { dropDatabase } from './drop-database.ts'

/** Two databases as the application has them: migrated, empty, and nobody else's. */
export interface TestDatabases {
  url: string
  keysUrl: string
  /** Drops both, whoever is still connected. */
  drop(): Promise<void>
}

/** Clones the run's two templates. Once a test file; tests that share a file share its databases. */
export async function cloneDatabases(): Promise<TestDatabases> {
  const main = await createDatabase('main')
  const keys = await createDatabase('keys')
  return {
    url: main.url,
    keysUrl: keys.url,
    drop: async () => {
      await main.drop()
      await keys.drop()
    },
  }
}

/** Makes a database of a template, or an empty one. */
export async function createDatabase(template?: 'main' | 'keys'): Promise<{ url: string; drop(): Promise<void> }> {
  const { url, prefix } = inject('postgres')
  const name = `${prefix}${template ?? 'empty'}_${randomBytes(6).toString('hex')}`
  await execute(url, `CREATE DATABASE ${name} TEMPLATE ${template ? `${prefix}${template}` : 'template0'}`)
  return { url: withDatabase(url, name), drop: () => dropDatabase(name, (statement) => execute(url, statement)) }
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
