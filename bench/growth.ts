// How Kith does as data grows: node bench/growth.ts [--small-in DIRECTORY] [--large-in DIRECTORY] [--rounds 15] [--accounts 10000] [--others 82] [--book 100000] [--small-accounts 200] [--small-book 10000]
import { parseArgs } from 'node:util'
import { median } from './measure.ts'
import { operations } from './operations/all.ts'
import type { Operation } from './operations/operation.ts'
import { searches } from './people.ts'
import { commit, keep, type Machine, machineOf } from './record.ts'
import { writeReport } from './report.ts'
import { loadsOf, openRig, prepared, type Rig } from './run.ts'
import { startServer } from './servers.ts'
import { fullSize, largeSize, type Size } from './world/size.ts'
import { openWorld } from './world/world.ts'

/** How Kith does on a large scale against a small one. */
export interface Growth {
  commit: string
  machine: Machine
  small: Size
  large: Size
  rows: { key: string; title: string; smallMs: number; largeMs: number; ratio: number }[]
  search: { searches: number; p50Ms: number; p95Ms: number }
  coldStartMs: number[]
}

/** Asked one after the other in each turn. */
const asked = 40

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      'small-in': { type: 'string' },
      'large-in': { type: 'string' },
      rounds: { type: 'string', default: '15' },
      accounts: { type: 'string', default: String(largeSize.accounts) },
      others: { type: 'string', default: String(largeSize.others) },
      book: { type: 'string', default: String(largeSize.book) },
      'small-accounts': { type: 'string', default: String(fullSize.accounts) },
      'small-book': { type: 'string', default: String(fullSize.book) },
    },
  })
  const begun = performance.now()
  const say = (what: string): void => console.error(`${((performance.now() - begun) / 1000).toFixed(1).padStart(7)} s  ${what}`)
  const sized = (size: Size, accounts: string, book: string, others = size.others): Size => ({
    ...size,
    accounts: Number(accounts),
    others,
    book: Number(book),
    readers: Math.min(size.readers, Number(accounts)),
  })
  const small = sized(fullSize, values['small-accounts'], values['small-book'])
  const large = sized(largeSize, values.accounts, values.book, Number(values.others))
  await using smallWorld = await openWorld(small, values['small-in'], (what) => say(`small: ${what}`))
  await using largeWorld = await openWorld(large, values['large-in'], (what) => say(`large: ${what}`))
  const coldStartMs: number[] = []
  for (let start = 0; start < 3; start += 1) {
    await using server = await startServer(largeWorld, 'kith')
    coldStartMs.push(server.readyMs)
  }
  await using smallRig = await openRig(smallWorld, ['kith'], say)
  await using largeRig = await openRig(largeWorld, ['kith'], say)
  const rows: Growth['rows'] = []
  for (const operation of operations.filter(({ key }) => /^[abcdfgh]/.test(key))) {
    rows.push(await compare(operation, smallRig, largeRig, Number(values.rounds)))
    say(operation.title)
  }
  const growth: Growth = { commit: commit(), machine: await machineOf(smallRig), small, large, rows, search: await searchedThrough(largeRig), coldStartMs }
  for (const { key, smallMs, largeMs, ratio } of rows)
    console.log(`${key.padEnd(3)} ${smallMs.toFixed(2).padStart(8)} ms ${largeMs.toFixed(2).padStart(8)} ms ${ratio.toFixed(2).padStart(6)} ×`)
  console.log(growth.search, coldStartMs)
  if (JSON.stringify([small, large]) === JSON.stringify([fullSize, largeSize])) await keep('growth', growth)
  await writeReport()
}

async function compare(operation: Operation, small: Rig, large: Rig, rounds: number): Promise<Growth['rows'][number]> {
  const sides = []
  for (const rig of [small, large]) {
    const [server] = rig.servers
    if (!server) throw new Error('Kith does not run.')
    const { samples } = await prepared(rig, operation)
    const requests = loadsOf([server], operation, samples).get('kith') ?? []
    const turn = async (): Promise<number> => (await rig.loader.send({ port: server.port, requests, connections: 1, durationMs: 60_000, most: asked })).p50Ms
    await turn()
    sides.push({ turn, times: [] as number[] })
  }
  for (let round = 0; round < rounds; round += 1) for (const side of sides) side.times.push(await side.turn())
  const [smallTimes = [], largeTimes = []] = sides.map(({ times }) => times)
  const ratio = median(largeTimes.map((ms, round) => ms / (smallTimes[round] ?? Number.NaN)))
  return { key: operation.key, title: operation.title, smallMs: median(smallTimes), largeMs: median(largeTimes), ratio }
}

/** Every kind of search, in the large book. */
async function searchedThrough({ servers, world, loader }: Rig): Promise<Growth['search']> {
  const [server] = servers
  const operation = operations.find(({ key }) => key === 'e')
  if (!server || !operation) throw new Error('Kith does not run.')
  const samples = searches(200, world.size.book).map(({ text }) => ({ reader: world.book, floor: [], kith: { text }, postgraphile: {} }))
  const load = {
    port: server.port,
    requests: loadsOf([server], operation, samples).get('kith') ?? [],
    connections: 1,
    durationMs: 600_000,
    most: samples.length,
  }
  await loader.send(load)
  const { answered, p50Ms, p95Ms } = await loader.send(load)
  return { searches: answered, p50Ms, p95Ms }
}
