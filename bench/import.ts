// Imports a file of generated cards as POST /contacts/import does: node bench/import.ts [--cards 20000]
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { runImport, startImport } from '../src/exchange/run.ts'
import { cardText } from '../tests/support/cards.ts'
import { openBench } from './open.ts'

const { values } = parseArgs({ options: { cards: { type: 'string', default: '20000' } } })
const cards = Number(values.cards)
await using bench = await openBench({})
const { ctx } = bench

let next = 0
const file = new ReadableStream<Uint8Array>({
  pull: (controller) => {
    if (next === cards) return controller.close()
    const to = Math.min(next + 100, cards)
    let text = ''
    for (; next < to; next += 1) text += cardText(next, 1)
    controller.enqueue(Buffer.from(text))
  },
})

const before = process.memoryUsage.rss()
let most = before
const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 50)
const begun = performance.now()
const cpu = process.cpuUsage()
const { id } = await startImport(ctx, 'VCARD', file)
await runImport(ctx, id)
const seconds = (performance.now() - begun) / 1000
const { user, system } = process.cpuUsage(cpu)
clearInterval(watch)
const run = await ctx.db.importRun.findUniqueOrThrow({ where: { ownerId_id: { ownerId: bench.ownerId, id } } })
console.log(JSON.stringify({ cards, state: run.state, created: run.created, unchanged: run.unchanged, updated: run.updated, skipped: run.skipped, seconds: Math.round(seconds * 10) / 10, cpuSeconds: Math.round((user + system) / 1e5) / 10, residentGrowthMb: Math.round((most - before) / 1e6) }))
