import fc from 'fast-check'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { policies } from '../../src/domains.ts'
import { distributable } from '../../src/policy/tables.ts'
import { controllerId } from '../../src/privacy/service.ts'
import { wholeApp } from '../google/whole.ts'
import { convergesWhole, sequences } from '../google/wholeConvergence.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { distributeAll } from '../support/distribute.ts'
import { ownedTables, unowned } from '../support/ownership.ts'
import { mutableFunctionsIn, type Reading, readingOf, record, type Recorded } from '../support/plans.ts'
import { cloneDatabases, type TestDatabases } from '../support/postgres.ts'
import { crossingStatements, crossingTransactions, directoryTransactions } from './crossing.ts'
import { callEverything } from './everything.ts'

let databases: TestDatabases
let kith: TestApp
/** Every statement that mentions an owned table, as what is done in beforeAll sends it. */
let statements: { statement: string; reading: Reading; mutable: string[] }[]
const recorded: Recorded[] = []

// On partitions everything is done that can be done: each field of the API, every job, a month going by, erasures, and a Google account in all that can happen to it.
beforeAll(async () => {
  databases = await cloneDatabases()
  await distributeAll(databases.url, null)
  const onCreate = ({ database }: TestApp['app']): void => void recorded.push(record(database.pool))
  const clock = fixedClock('2026-05-04T10:00:00Z')
  const everything = Object.assign(await testApp({ clock, databases, onCreate }), { clock })
  kith = everything
  await callEverything(everything)
  const whole = await wholeApp({ databases, onCreate })
  for (const sequence of fc.sample(sequences, { seed: 1, numRuns: 3 })) await convergesWhole(whole, sequence)
  await whole.close()
  statements = []
  const client = await kith.app.database.pool.connect()
  try {
    // What the planner knows is the same however long the above took.
    await client.query('ANALYZE')
    for (const [statement, sent] of new Map(recorded.flatMap((each) => [...each.sent]))) {
      const reading = await readingOf(client, sent)
      if (reading && reading.tables.length > 0)
        statements.push({ statement, reading, mutable: /^(INSERT|UPDATE|DELETE|WITH)\b/.test(statement) ? await mutableFunctionsIn(client, sent) : [] })
    }
  } finally {
    client.release()
  }
}, 300_000)
afterAll(async () => {
  await kith?.close()
  await databases.drop()
})

const nameOf = (statement: string) => crossingStatements.find((each) => each.statement.test(statement))
/** Whether a table or partition that happened to be sampled is empty (src/erasure/statistics.ts): which ones those are differs each time, and nothing of their rows is read. */
const isLook = (statement: string) => /^SELECT 1 FROM (public|partitions)\.\w+ LIMIT 1$/.test(statement)
const isNamed = (statement: string) => nameOf(statement) !== undefined || isLook(statement)
const those = (which: (each: (typeof statements)[number]) => unknown) => statements.filter(which).map(({ statement }) => statement)

test('every owned table is written to and read', () => {
  const touched = new Set(statements.flatMap(({ reading }) => reading.tables))
  expect([...ownedTables].filter((table) => !touched.has(table))).toEqual([])
  expect(statements.length).toBeGreaterThan(500)
})

test('every statement on an owned table says whose rows it means, whatever is called', () => {
  expect(those(({ statement }) => unowned(statement).length > 0 && !isNamed(statement))).toEqual([])
})

test('no statement reads an owned table from beginning to end, but for those that make or verify everything anew', () => {
  expect(those(({ statement, reading }) => reading.sequential.length > 0 && !nameOf(statement)?.readsAll && !isLook(statement))).toEqual([])
})

test('every statement looks for its owner in one partition of each table, but for those that are named', () => {
  expect(those(({ statement, reading }) => reading.crossing.length + reading.whole.length > 0 && !isNamed(statement))).toEqual([])
  const crossing = those(({ reading }) => reading.crossing.length > 0)
  expect(crossingStatements.filter((each) => !crossing.some((statement) => each.statement.test(statement))).map(({ why }) => why)).toEqual([])
})

describe('what Citus refuses is nowhere', () => {
  test('rows of several owners are not locked by one statement', () => {
    expect(those(({ statement, reading }) => reading.crossing.length > 0 && /FOR (UPDATE|SHARE|NO KEY|KEY)/.test(statement))).toEqual([])
  })

  test('no statement reads tables with an owner and tables without', () => {
    const without = distributable(kith.app, policies).flatMap(({ name, owned }) => (owned ? [] : [name]))
    // Into a table of the coordinator rows can be taken from distributed ones.
    const read = (statement: string) => statement.replace(/^INSERT INTO \w+/, '').replace(/ ON CONFLICT .*/, '')
    expect(those(({ statement }) => without.some((table) => new RegExp(`\\b${table}\\b`).test(read(statement))))).toEqual([])
  })

  test('an insert stands by itself and takes its rows from values or from one query', () => {
    expect(those(({ statement }) => /AS (MATERIALIZED )?\( ?INSERT\b/.test(statement) || /^INSERT .*\bVALUES\b.*\bSELECT\b/.test(statement))).toEqual([])
  })

  test('what is written depends on no function whose answer may change; what takes rows out of JSON stands in a FROM', () => {
    const rowsOfJson = /^(json_to_recordset\(json\)|jsonb_to_recordset\(jsonb\)|jsonb_populate_recordset\(anyelement,jsonb\))$/
    const written = statements.filter(({ statement }) => !/^WITH [^;]*?\) SELECT\b/.test(statement) || /\b(DELETE FROM|UPDATE \w+ SET)\b/.test(statement))
    expect(written.flatMap(({ statement, mutable }) => mutable.filter((name) => !rowsOfJson.test(name)).map((name) => `${name}: ${statement}`))).toEqual([])
    const misplaced = /(?<!FROM |JOIN |USING |, )\bjsonb?_(to|populate)_recordset\(/
    expect(written.filter(({ statement, mutable }) => mutable.length > 0 && misplaced.test(statement)).map(({ statement }) => statement)).toEqual([])
  })
})

describe('a transaction', () => {
  const transactions = () => recorded.flatMap((each) => each.transactions)

  test('writes rows of one owner, but for those that are named', () => {
    const used = new Set<string>()
    for (const { owned } of transactions()) {
      if (owned.size < 2) continue
      const ofController = owned.get(controllerId)?.join(',')
      const ofOwner = [...owned].filter(([owner]) => owner !== controllerId).map(([, tables]) => tables.join(',')) // prettier-ignore
      const named = crossingTransactions.find(
        (each) => each.ofController.test(ofController ?? '') && ofOwner.length === 1 && each.ofOwner.test(ofOwner[0] ?? ''),
      )
      expect(named, JSON.stringify([...owned])).toBeDefined()
      used.add(named?.why ?? '')
    }
    expect(crossingTransactions.filter(({ why }) => !used.has(why))).toEqual([])
  })

  test('writes rows with an owner and rows without only where that is named', () => {
    const others = new Set(transactions().flatMap((each) => (each.owned.size > 0 ? each.others : [])))
    expect([...others].toSorted()).toEqual(directoryTransactions.map(({ table }) => table).toSorted())
  })
})

test('docs/scaling.md has the same list', async () => {
  const text = await readFile(new URL('../../docs/scaling.md', import.meta.url), 'utf8')
  const listed = (name: string) => [...(text.split(`<!-- ${name} -->`)[1] ?? '').split('<!--')[0]!.matchAll(/^- (.*?)\.?$/gm)].map(([, line = '']) => line) // prettier-ignore
  expect(listed('statements')).toEqual(crossingStatements.map(({ why }) => why))
  expect(listed('transactions')).toEqual(crossingTransactions.map(({ why }) => why))
  expect(listed('directories')).toEqual(directoryTransactions.map(({ table, why }) => `\`${table}\`: ${why}`))
})
