// How Kith does over time, at half of what it can: node bench/soak.ts [--minutes 10] [--kept-in DIRECTORY] [--quick]
import { parseArgs } from 'node:util'
import { operations } from './operations/all.ts'
import { commit, keep, type Machine, machineOf } from './record.ts'
import { writeReport } from './report.ts'
import { loadsOf, openRig, prepared, type Rig } from './run.ts'
import type { RunningServer } from './servers.ts'
import { fullSize, quickSize } from './world/size.ts'
import { openWorld } from './world/world.ts'
import { takeBack } from './writtenRows.ts'

/** What came of it. */
export interface Soak {
  commit: string
  machine: Machine
  mix: string[]
  minutes: number
  warmUpMinutes: number
  perSecond: number
  answered: number
  rssStartBytes: number
  rssEndBytes: number
  rssSlopeBytesPerMinute: number
  loopDelayP99Ms: number
  connections: { least: number; most: number; end: number }
}

/** What people do: lists, contacts, searches, what is due, and notes. */
const mix = ['a', 'b+', 'c+', 'e', 'f+', 'g+', 'i']
const connections = 16
const sliceMs = 10_000
/** Which part of the time is given for memory to settle. */
const warmUpShare = 0.3

if (import.meta.main) {
  const { values } = parseArgs({
    options: { minutes: { type: 'string', default: '10' }, 'kept-in': { type: 'string' }, quick: { type: 'boolean', default: false } },
  })
  const begun = performance.now()
  const say = (what: string): void => console.error(`${((performance.now() - begun) / 1000).toFixed(1).padStart(7)} s  ${what}`)
  await using world = await openWorld(values.quick ? quickSize : fullSize, values['kept-in'], say)
  await using rig = await openRig(world, ['kith'], say)
  const soak = await soaked(rig, Number(values.minutes), say)
  console.log(soak)
  if (!values.quick && Number(values.minutes) >= 10) await keep('soak', soak)
  await writeReport()
}

async function soaked(rig: Rig, minutes: number, say: (what: string) => void): Promise<Soak> {
  const [server] = rig.servers
  if (!server) throw new Error('Kith does not run.')
  const requests = await mixedRequests(rig, server)
  await rig.loader.send({ port: server.port, requests, connections, durationMs: sliceMs })
  const most = await rig.loader.send({ port: server.port, requests, connections, durationMs: sliceMs })
  const perSecond = most.answered / most.seconds / 2
  say(`${(perSecond * 2).toFixed(0)} requests/s at the most`)
  const slices: { minute: number; rss: number; open: number }[] = []
  const count = Math.round((minutes * 60_000) / sliceMs)
  let answered = 0
  for (let slice = 0; slice < count; slice += 1) {
    if (slice === Math.floor(count * warmUpShare)) await server.forgetDelays()
    const outcome = await rig.loader.send({ port: server.port, requests, connections, durationMs: sliceMs, perSecond })
    if (outcome.failed > 0) throw new Error(`${outcome.failed} failed: ${outcome.failure}`)
    answered += outcome.answered
    slices.push({ minute: ((slice + 1) * sliceMs) / 60_000, rss: (await server.usage()).rssBytes, open: await openConnections(rig) })
  }
  await takeBack(rig.admin, rig.catalogue.writers)
  const settled = slices.slice(Math.floor(count * warmUpShare))
  const open = settled.map((slice) => slice.open)
  return {
    commit: commit(),
    machine: await machineOf(rig),
    mix,
    minutes,
    warmUpMinutes: minutes * warmUpShare,
    perSecond,
    answered,
    rssStartBytes: settled[0]?.rss ?? 0,
    rssEndBytes: settled.at(-1)?.rss ?? 0,
    rssSlopeBytesPerMinute: slope(settled.map(({ minute, rss }) => [minute, rss])),
    loopDelayP99Ms: (await server.usage()).loopDelayP99Ms,
    connections: { least: Math.min(...open), most: Math.max(...open), end: await openConnections(rig) },
  }
}

/** Requests of all operations of the mix, taking turns. */
async function mixedRequests(rig: Rig, server: RunningServer): Promise<string[]> {
  const lists: string[][] = []
  for (const operation of operations.filter(({ key }) => mix.includes(key))) {
    const { samples } = await prepared(rig, operation)
    lists.push(loadsOf([server], operation, samples).get('kith') ?? [])
  }
  const longest = Math.max(...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list[index % list.length] ?? [])).flat()
}

async function openConnections({ admin }: Rig): Promise<number> {
  const { rows } = await admin.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'kith' AND datname = current_database()`,
  )
  return rows[0]?.count ?? 0
}

/** By how much the second number grows when the first grows by one, by least squares. */
function slope(points: readonly [number, number][]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(points.map((point) => point[0])), mean(points.map((point) => point[1]))]
  const over = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0)
  return over / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
}
