import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { convergesWhole, sequences } from '../google/wholeConvergence.ts'
import { wholeApp } from '../google/whole.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { distributeAll } from '../support/distribute.ts'
import { ownedTables } from '../support/ownership.ts'
import { type Reading, readingOf, record, type Sent } from '../support/plans.ts'
import { cloneDatabases, type TestDatabases } from '../support/postgres.ts'
import { callEverything } from './everything.ts'

let databases: TestDatabases
let kith: TestApp
let readings: { statement: string; reading: Reading }[]

beforeAll(async () => {
  databases = await cloneDatabases()
  await distributeAll(databases.url, null)
  const sent: Map<string, Sent>[] = []
  const onCreate = ({ database }: TestApp['app']): void => void sent.push(record(database.pool))
  const clock = fixedClock('2026-05-04T10:00:00Z')
  kith = Object.assign(await testApp({ clock, databases, onCreate }), { clock })
  await callEverything(kith as TestApp & { clock: typeof clock })
  const whole = await wholeApp({ databases, onCreate })
  for (const sequence of fc.sample(sequences, { seed: 1, numRuns: 4 })) await convergesWhole(whole, sequence)
  await whole.close()
  const client = await kith.app.database.pool.connect()
  try {
    readings = []
    for (const [statement, each] of new Map(sent.flatMap((all) => [...all]))) {
      const reading = await readingOf(client, each)
      if (reading && reading.tables.length > 0) readings.push({ statement, reading })
    }
  } finally {
    client.release()
  }
}, 240_000)
afterAll(async () => {
  await kith.close()
  await databases.drop()
})

test('x', () => {
  console.log(readings.length)
  for (const what of ['sequential', 'whole', 'crossing'] as const) {
    const bad = readings.filter(({ reading }) => reading[what].length > 0)
    console.log(what, bad.length)
    for (const { statement, reading } of bad) console.log('   ', what, reading[what].join(), ':', statement.slice(0, 700))
  }
  console.log(
    'untouched',
    [...ownedTables].filter((t) => !readings.some(({ reading }) => reading.tables.includes(t))),
  )
})
