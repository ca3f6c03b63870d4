// Searches among 100,000 contacts of one owner, through the service that the API calls: node bench/search.ts [--contacts 100000] [--searches 200] [--kept-in DIRECTORY]
import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { applyDrafts, fingerprintOf } from '../src/contacts/drafts.ts'
import { contactsListing } from '../src/contacts/list.ts'
import { countList, listPage, pageOf } from '../src/db/keyset.ts'
import { inTransaction } from '../src/events/service.ts'
import { openBench, percentile } from './open.ts'
import { personOf, searches } from './people.ts'

const { values } = parseArgs({
  options: { contacts: { type: 'string', default: '100000' }, searches: { type: 'string', default: '200' }, 'kept-in': { type: 'string' } },
})
const [contacts, count] = [Number(values.contacts), Number(values.searches)]
await using bench = await openBench({ keptIn: values['kept-in'] })
const { app, ctx, ownerId } = bench
const { pool } = app.database
const vault = await app.vault.of(ownerId)

const begun = performance.now()
const { rows: there } = await pool.query<{ count: number }>('SELECT count(*)::int AS count FROM contacts WHERE "ownerId" = $1', [ownerId])
for (let from = there[0]?.count ?? 0; from < contacts; from += 500) {
  const drafts = Array.from({ length: Math.min(500, contacts - from) }, (_, index) => {
    const draft = personOf(from + index)
    return {
      contactId: null,
      draft,
      source: { kind: 'IMPORT' as const, externalId: `bench:${from + index}`, raw: '{}', fingerprint: fingerprintOf(vault, String(from + index)) },
    }
  })
  await inTransaction(ctx, (tx) => applyDrafts(tx, drafts))
  if (process.stderr.isTTY) process.stderr.write(`\r${from + drafts.length} contacts`)
}
console.log(`${contacts} contacts made in ${((performance.now() - begun) / 1000).toFixed(1)} s`)
const { rows: sizes } = await pool.query(
  `SELECT count(*)::int AS terms, pg_size_pretty(pg_table_size('search_terms')) AS table, pg_size_pretty(pg_indexes_size('search_terms')) AS indexes FROM search_terms`,
)
console.log(sizes[0])
await pool.query('VACUUM ANALYZE')
// The pool has this one connection only, for as long as the searches take.
const { rows: connections } = await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
const backend = connections[0]?.pid ?? 0

/** How long the server's process and this one were on a processor so far, ms: on a busy machine the time that counts. */
function onProcessorMs(): number {
  const { user, system } = process.cpuUsage()
  return Number(readFileSync(`/proc/${backend}/schedstat`, 'utf8').split(' ')[0]) / 1e6 + (user + system) / 1000
}

interface Measure {
  kind: string
  wallMs: number
  cpuMs: number
  totalMs: number
  found: number
}
const measures: Measure[] = []
for (let round = 0; round < 2; round += 1) {
  for (const { kind, text } of searches(count, contacts)) {
    const [wall, cpu] = [performance.now(), onProcessorMs()]
    const listing = await contactsListing(ctx, { search: text })
    const page = await listPage(ctx, listing, pageOf({ first: 25 }))
    const [wallMs, cpuMs] = [performance.now() - wall, onProcessorMs() - cpu]
    const counting = performance.now()
    const found = await countList(ctx, listing)
    // The first round warms PostgreSQL's memory, as use does.
    if (round > 0) measures.push({ kind, wallMs, cpuMs, totalMs: performance.now() - counting, found })
    if (page.rows.length !== Math.min(25, found)) throw new Error(`The page and the count of ${text} differ.`)
  }
}
const ms = (value: number): string => value.toFixed(1)
console.table(
  [...Map.groupBy(measures, ({ kind }) => kind)].map(([kind, all]) => ({
    kind,
    n: all.length,
    'median ms': ms(
      percentile(
        all.map(({ wallMs }) => wallMs),
        0.5,
      ),
    ),
    'worst ms': ms(
      percentile(
        all.map(({ wallMs }) => wallMs),
        1,
      ),
    ),
    'on processor, median ms': ms(
      percentile(
        all.map(({ cpuMs }) => cpuMs),
        0.5,
      ),
    ),
    worst: ms(
      percentile(
        all.map(({ cpuMs }) => cpuMs),
        1,
      ),
    ),
    'totalCount, median ms': ms(
      percentile(
        all.map(({ totalMs }) => totalMs),
        0.5,
      ),
    ),
    'found, median': percentile(
      all.map(({ found }) => found),
      0.5,
    ),
  })),
)
for (const [what, values] of [
  ['elapsed', measures.map(({ wallMs }) => wallMs)],
  ['on a processor', measures.map(({ cpuMs }) => cpuMs)],
] as const)
  console.log(
    `${values.length} searches, ${what}: median ${ms(percentile(values, 0.5))} ms, p95 ${ms(percentile(values, 0.95))} ms, worst ${ms(percentile(values, 1))} ms`,
  )
