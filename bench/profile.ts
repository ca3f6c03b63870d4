import type { Operation, ServerName } from './operations/operation.ts'
import type { Plan } from './options.ts'
import type { SelfTime } from './profiler.ts'
import { loadsOf, prepared, type Rig } from './run.ts'
import { takeBack } from './writtenRows.ts'

/** Where a server's processor time goes under one operation. */
export interface Profile {
  server: ServerName
  key: string
  title: string
  /** By package or folder of Kith's sources, the largest first. */
  parts: { part: string; share: number }[]
  functions: SelfTime[]
}

/** Loads a server, warms it, and looks where its time goes. */
export async function profileOf(rig: Rig, name: ServerName, operation: Operation, { durationMs, connections }: Plan): Promise<Profile> {
  const server = rig.servers.find((each) => each.name === name)
  if (!server) throw new Error(`${name} does not run.`)
  const { samples } = await prepared(rig, operation)
  const load = {
    port: server.port,
    requests: loadsOf([server], operation, samples).get(name) ?? [],
    connections: Math.min(connections, operation.connections ?? connections),
  }
  await rig.loader.send({ ...load, durationMs })
  await server.startProfile()
  await rig.loader.send({ ...load, durationMs: Math.max(durationMs, 3000) })
  const functions = await server.stopProfile()
  if (operation.kind === 'write') await takeBack(rig.admin, rig.catalogue.writers)
  return { server: name, key: operation.key, title: operation.title, parts: partsOf(functions), functions: functions.slice(0, 40) }
}

/** Prints a profile for the terminal. */
export function printProfile({ server, key, title, parts, functions }: Profile): void {
  const percent = (share: number): string => `${(share * 100).toFixed(1).padStart(5)} %`
  console.log(`\n${server}, ${key}: ${title}\n`)
  for (const { part, share } of parts.slice(0, 20)) console.log(`${percent(share)}  ${part}`)
  console.log()
  for (const { name, place, share } of functions) console.log(`${percent(share)}  ${name.padEnd(36)} ${place}`)
}

function partsOf(functions: readonly SelfTime[]): Profile['parts'] {
  const parts = Map.groupBy(functions, ({ name, place }) => {
    if (place === '') return name === '(garbage collector)' ? 'garbage collection' : 'V8 and native code'
    if (place.startsWith('node:')) return 'Node'
    return /^(src\/[^/]+|@[^/]+\/[^/]+|[^/]+)/.exec(place)?.[0] ?? place
  })
  return [...parts]
    .map(([part, list]) => ({ part, share: list.reduce((sum, { share }) => sum + share, 0) }))
    .toSorted((left, right) => right.share - left.share)
}
