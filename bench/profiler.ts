// Loaded by the probe when it is asked for a profile: where the process spends its time, by V8's sampling profiler.
import { type Profiler, Session } from 'node:inspector/promises'

/** Time of one function itself, without what it calls. */
export interface SelfTime {
  name: string
  /** File and line; empty for what has none. */
  place: string
  share: number
}

const session = new Session()
const project = new URL('..', import.meta.url).href
/** What is no work of the process. */
const unasked = new Set(['(idle)', '(program)'])

/** Begins to take samples, every 200 µs. */
export async function startProfile(): Promise<void> {
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 200 })
  await session.post('Profiler.start')
}

/** Ends it, and answers the functions by their own time; idle time is left out. */
export async function stopProfile(): Promise<SelfTime[]> {
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  return selfTimes(profile)
}

function selfTimes({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): SelfTime[] {
  const nodeOf = new Map(nodes.map((node) => [node.id, node]))
  const spent = new Map<string, { name: string; place: string; us: number }>()
  let busy = 0
  for (const [index, id] of samples.entries()) {
    const frame = nodeOf.get(id)?.callFrame
    if (!frame || unasked.has(frame.functionName) || frame.url === 'node:inspector') continue
    const us = timeDeltas[index] ?? 0
    busy += us
    const place = frame.url === '' ? '' : `${frame.url.replace(/^.*\/node_modules\//, '').replace(project, '')}:${frame.lineNumber + 1}`
    const key = `${frame.functionName} ${place}`
    const entry = spent.get(key) ?? { name: frame.functionName || '(anonymous)', place, us: 0 }
    entry.us += us
    spent.set(key, entry)
  }
  return [...spent.values()].map(({ name, place, us }) => ({ name, place, share: us / busy })).toSorted((left, right) => right.share - left.share)
}
