// Searches among 100,000 contacts of one owner, through the service that the API calls: node bench/search.ts [--contacts 100000] [--searches 200] [--kept-in DIRECTORY]
// With --kept-in and --against CHECKOUT, every search runs in that checkout of Kith too, in turn and over the same data; give it our prisma/migrations and dependencies.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { applyDrafts, fingerprintOf } from '../src/contacts/drafts.ts'
import { inTransaction } from '../src/events/service.ts'
import { type Bench, openBench, percentile } from './open.ts'
import { personOf, searches } from './people.ts'

const { values } = parseArgs({
  options: {
    contacts: { type: 'string', default: '100000' },
    searches: { type: 'string', default: '200' },
    'kept-in': { type: 'string' },
    against: { type: 'string' },
  },
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

/** One checkout's way to search. The pool has this one connection only, for as long as the searches take. */
async function sideOf(name: string, checkout: string, opened: Bench) {
  const { contactsListing } = (await import(`${checkout}/src/contacts/list.ts`)) as typeof import('../src/contacts/list.ts')
  const { countList, listPage, pageOf } = (await import(`${checkout}/src/db/keyset.ts`)) as typeof import('../src/db/keyset.ts')
  const { rows: connections } = await opened.app.database.pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const backend = connections[0]?.pid ?? 0
  /** How long the server's process and this one were on a processor so far, ms: on a busy machine the time that counts. */
  const onProcessorMs = (): number => {
    const { user, system } = process.cpuUsage()
    return Number(readFileSync(`/proc/${backend}/schedstat`, 'utf8').split(' ')[0]) / 1e6 + (user + system) / 1000
  }
  const timed = async <Result>(work: () => Promise<Result>): Promise<{ result: Result; wallMs: number; cpuMs: number }> => {
    const [wall, cpu] = [performance.now(), onProcessorMs()]
    const result = await work()
    return { result, wallMs: performance.now() - wall, cpuMs: onProcessorMs() - cpu }
  }
  return {
    name,
    measures: [] as Measure[],
    async search(kind: string, text: string): Promise<Measure> {
      const page = await timed(async () => listPage(opened.ctx, await contactsListing(opened.ctx, { search: text }), pageOf({ first: 25 })))
      const listing = await contactsListing(opened.ctx, { search: text })
      const total = await timed(() => countList(opened.ctx, listing))
      if (page.result.rows.length !== Math.min(25, total.result)) throw new Error(`The page and the count of ${text} differ.`)
      return { kind, wallMs: page.wallMs, cpuMs: page.cpuMs, totalCpuMs: total.cpuMs, found: total.result }
    },
  }
}

interface Measure {
  kind: string
  wallMs: number
  cpuMs: number
  totalCpuMs: number
  found: number
}

const sides = [await sideOf('here', resolve(import.meta.dirname, '..'), bench)]
await using opposite = values.against === undefined ? null : await benchOf(resolve(values.against))
if (values.against !== undefined && opposite) sides.push(await sideOf('there', resolve(values.against), opposite))
let turn = 0
for (let round = 0; round < 2; round += 1) {
  for (const { kind, text } of searches(count, contacts)) {
    for (const side of (turn += 1) % 2 === 0 ? sides : sides.toReversed()) {
      const measure = await side.search(kind, text)
      // The first round warms PostgreSQL's memory, as use does.
      if (round > 0) side.measures.push(measure)
    }
  }
}

async function benchOf(checkout: string): Promise<Bench> {
  const { openBench: open } = (await import(`${checkout}/bench/open.ts`)) as typeof import('./open.ts')
  return open({ keptIn: values['kept-in'] })
}

/** The median, the 95th of a hundred and the worst. */
function spread(measured: readonly Measure[], read: (measure: Measure) => number): string {
  return [0.5, 0.95, 1].map((share) => percentile(measured.map(read), share).toFixed(1)).join(' / ')
}
for (const { name, measures } of sides) {
  console.log(`${name}, ms: median / p95 / worst`)
  console.table(
    [...Map.groupBy(measures, ({ kind }) => kind), ['all', measures] as const].map(([kind, all]) => ({
      kind,
      'on a processor': spread(all, ({ cpuMs }) => cpuMs),
      elapsed: spread(all, ({ wallMs }) => wallMs),
      'totalCount, on a processor': spread(all, ({ totalCpuMs }) => totalCpuMs),
      'found, median': percentile(
        all.map(({ found }) => found),
        0.5,
      ),
    })),
  )
}
