import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { checkAgreement } from './agree.ts'
import { countStatements, type Loader, startLoader, takeTurn, type Turn } from './measure.ts'
import type { Catalogue, Operation, Sample, ServerName } from './operations/operation.ts'
import type { Plan } from './options.ts'
import { askOnce, messageOf, wireOf } from './requests.ts'
import { type Row, rowOf } from './results.ts'
import { type RunningServer, startServer } from './servers.ts'
import { writingAccounts } from './world/size.ts'
import type { World } from './world/world.ts'
import { checkRows, keepCopies, takeBack, whileEffectsWait } from './writtenRows.ts'

/** The servers on a world, with what it takes to load them. */
export interface Rig extends AsyncDisposable {
  readonly world: World
  readonly servers: readonly RunningServer[]
  readonly admin: pg.ClientBase
  readonly loader: Loader
  readonly catalogue: Catalogue
}

/** Starts servers on a world. `flags` are Node's. */
export async function openRig(world: World, names: readonly ServerName[], say: (what: string) => void, flags: readonly string[] = []): Promise<Rig> {
  await using stack = new AsyncDisposableStack()
  if (names.some((name) => name !== 'kith' && name !== 'floor')) await installPeers()
  const servers: RunningServer[] = []
  for (const name of names) {
    const server = stack.use(await startServer(world, name, flags))
    servers.push(server)
    say(`${name} listens after ${Math.round(server.readyMs)} ms`)
  }
  const admin = new pg.Client({ connectionString: world.place.adminUrl })
  await admin.connect()
  stack.defer(() => admin.end())
  const loader = stack.use(startLoader())
  const owned = stack.move()
  return { world, servers, admin, loader, catalogue: catalogueOf(world, servers, admin), [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Measures one operation: checks that the servers agree, warms them, counts statements, and loads them in turn, round after round. */
export async function measure(
  rig: Rig,
  operation: Operation,
  { rounds, durationMs, connections: most }: Pick<Plan, 'rounds' | 'durationMs' | 'connections'>,
): Promise<Row> {
  const { servers, loader, admin } = rig
  const connections = Math.min(most, operation.connections ?? most)
  const { samples } = await prepared(rig, operation)
  await checkAgreement(servers, operation, samples.slice(0, compared))
  const loads = loadsOf(servers, operation, samples)
  const statements = new Map<ServerName, number>()
  for (const server of servers) {
    statements.set(server.name, await statementsOf(rig, server, operation, samples))
    await loader.send({ port: server.port, requests: loads.get(server.name) ?? [], connections, durationMs })
  }
  const turns = new Map<ServerName, Turn[]>(servers.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const server of servers) {
      const turn = await takeTurn(loader, admin, server, { requests: loads.get(server.name) ?? [], connections, durationMs })
      turns.get(server.name)?.push(turn)
    }
  }
  if (operation.kind === 'write') await takeBack(admin, rig.catalogue.writers)
  return rowOf(operation, turns, statements)
}

/** So many answers are held against one another. */
const compared = 12

/** How many statements a server takes for one request. Samples that were just compared are left out: a write that changes nothing any more takes fewer. */
export async function statementsOf({ admin, catalogue }: Rig, server: RunningServer, operation: Operation, samples: readonly Sample[]): Promise<number> {
  const counted = Array.from({ length: 9 }, (_, index) => samples[(compared + index) % samples.length]).flatMap((sample) => sample ?? [])
  const warm = async ({ reader }: Sample): Promise<unknown> =>
    server.name === 'kith' && catalogue.ask('kith', reader, { query: '{ reminders(first: 1) { nodes { title } } }' })
  const count = (): Promise<number> => countStatements(server, counted, warm, (sample) => askOnce(server.port, messageOf(server.name, operation, sample)))
  return operation.kind === 'write' ? whileEffectsWait(admin, count) : count()
}

/** What an operation asks for; a write is checked to leave the same rows whoever does it. */
export async function prepared({ catalogue, admin, servers }: Rig, operation: Operation): Promise<{ samples: Sample[]; first: Sample }> {
  const samples = await operation.samples(catalogue)
  const [first] = samples
  if (!first) throw new Error(`${operation.key}: there is nothing to ask for.`)
  if (operation.kind === 'write') {
    await keepCopies(admin, catalogue.writers)
    await checkRows(admin, servers, operation, first)
  }
  return { samples, first }
}

/** The requests of each server, ready to go over the wire. */
export function loadsOf(servers: readonly RunningServer[], operation: Operation, samples: readonly Sample[]): Map<ServerName, string[]> {
  return new Map(servers.map(({ name }) => [name, samples.map((sample) => wireOf(messageOf(name, operation, sample)))]))
}

function catalogueOf({ readers, book, size }: World, servers: readonly RunningServer[], admin: pg.ClientBase): Catalogue {
  return {
    readers: readers.slice(0, -writingAccounts),
    writers: readers.slice(-writingAccounts),
    searched: [book, ...readers.slice(0, size.searched)],
    book,
    ask: async (name, reader, document) => {
      const server = servers.find((each) => each.name === name)
      if (!server) return undefined
      const headers: Record<string, string> = name === 'kith' ? { authorization: `Bearer ${reader.token}` } : { 'x-owner': reader.ownerId }
      return (await askOnce(server.port, { path: '/graphql', headers, body: JSON.stringify(document) })).data as Record<string, unknown>
    },
    rows: async <Found>(text: string, parameters: readonly unknown[] = []) => (await admin.query(text, [...parameters])).rows as Found[],
  }
}

/** Installs the peers as their lockfile says, unless that was done. */
async function installPeers(): Promise<void> {
  const directory = join(import.meta.dirname, 'peers')
  const [installed, wanted] = await Promise.all(
    ['node_modules/.package-lock.json', 'package-lock.json'].map((path) => stat(join(directory, path)).catch(() => undefined)),
  )
  if (installed && wanted && installed.mtimeMs >= wanted.mtimeMs) return
  const child = spawn('npm', ['ci', '--no-audit', '--no-fund', '--silent'], { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error('The peers cannot be installed.')
}
