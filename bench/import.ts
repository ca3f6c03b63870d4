// Brings a file of 20,000 generated cards in, as POST /contacts/import and its job do: node bench/import.ts [--cards 20000]
import { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import { runImport, startImport } from '../src/exchange/run.ts'
import { cardFile } from '../tests/support/cards.ts'
import { databaseMs, openBench } from './open.ts'

const { values } = parseArgs({ options: { cards: { type: 'string', default: '20000' } } })
const cards = Number(values.cards)
await using bench = await openBench()
const { app, ctx, ownerId } = bench

const megabytes = (bytes: number): number => Math.round(bytes / 1_000_000)
const resident = { before: process.memoryUsage.rss(), most: 0 }
const watch = setInterval(() => (resident.most = Math.max(resident.most, process.memoryUsage.rss())), 20)

async function importOnce(what: string): Promise<void> {
  const [begun, worked, served] = [performance.now(), process.cpuUsage(), await databaseMs(bench)]
  const { id } = await startImport(ctx, 'VCARD', Readable.toWeb(Readable.from(cardFile(cards))) as ReadableStream<Uint8Array>)
  const taken = performance.now()
  await runImport(ctx, id)
  const { user, system } = process.cpuUsage(worked)
  const servedMs = (await databaseMs(bench)) - served
  const run = await app.database.prisma.importRun.findUniqueOrThrow({ where: { ownerId_id: { ownerId, id } } })
  const seconds = (ms: number): string => (ms / 1000).toFixed(1)
  console.log(
    `${what}: ${megabytes(run.bytes)} MB taken in ${seconds(taken - begun)} s, imported in ${seconds(performance.now() - taken)} s (${seconds((user + system) / 1000)} s on a processor here, ${seconds(servedMs)} s in the database): ${run.created} created, ${run.unchanged} unchanged, ${run.skipped} skipped`,
  )
  console.log(
    `Resident memory: ${megabytes(resident.before)} MB before, ${megabytes(resident.most)} MB at most, ${megabytes(resident.most - resident.before)} MB more`,
  )
}

await importOnce(`${cards} cards`)
await importOnce('The same file again')
clearInterval(watch)
