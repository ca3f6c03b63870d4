// Searches among 100,000 contacts of one owner, through the service that the API calls: node bench/search.ts [contacts] [searches]
import { performance } from 'node:perf_hooks'
import { applyDrafts, fingerprintOf } from '../src/contacts/drafts.ts'
import { contactsListing } from '../src/contacts/list.ts'
import { countList, listPage, pageOf } from '../src/db/keyset.ts'
import { inTransaction } from '../src/events/service.ts'
import { openBench, percentile } from './open.ts'
import { personOf, searches } from './people.ts'

const [contacts = 100_000, count = 200] = process.argv.slice(2).map(Number)
await using bench = await openBench()
const { app, ctx, ownerId } = bench
const { pool } = app.database
const vault = await app.vault.of(ownerId)

const begun = performance.now()
for (let from = 0; from < contacts; from += 500) {
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
if (!process.argv.includes('--as-is')) await pool.query('VACUUM ANALYZE')

const took: Record<string, number[]> = {}
const found: Record<string, number[]> = {}
const totals: Record<string, number[]> = {}
const all: number[] = []
for (let round = 0; round < 2; round += 1) {
  for (const { kind, text } of searches(count, contacts)) {
    const start = performance.now()
    const listing = await contactsListing(ctx, { search: text })
    const page = await listPage(ctx, listing, pageOf({ first: 25 }))
    const ms = performance.now() - start
    if (round === 0)
      continue // the first round warms PostgreSQL's memory, as use does
    ;(took[kind] ??= []).push(ms)
    ;(found[kind] ??= []).push(page.rows.length)
    all.push(ms)
    const counting = performance.now()
    await countList(ctx, listing)
    ;(totals[kind] ??= []).push(performance.now() - counting)
  }
}
const ms = (value: number): string => value.toFixed(1)
console.table(
  Object.entries(took).map(([kind, values]) => ({
    kind,
    n: values.length,
    'median ms': ms(percentile(values, 0.5)),
    'worst ms': ms(percentile(values, 1)),
    'total, median ms': ms(percentile(totals[kind] ?? [], 0.5)),
    'found at most': Math.max(...(found[kind] ?? [])),
  })),
)
console.log(`${all.length} searches: median ${ms(percentile(all, 0.5))} ms, p95 ${ms(percentile(all, 0.95))} ms, worst ${ms(percentile(all, 1))} ms`)
