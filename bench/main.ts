// Kith side by side with other servers on the same PostgreSQL: npm run bench -- [--quick] [--only b,c] [--servers kith,floor] [--kept-in DIRECTORY] [--rounds 5] [--seconds 2]
import { parseArgs } from 'node:util'
import pg from 'pg'
import { checkAgreement } from './agree.ts'
import { startLoader, statementsOf, takeTurn, type Turn } from './measure.ts'
import { operations } from './operations/all.ts'
import { type Catalogue, type Operation, type ServerName, serverNames } from './operations/operation.ts'
import { askOnce, messageOf, wireOf } from './requests.ts'
import { type Row, rowOf, table } from './results.ts'
import { type RunningServer, startServer } from './servers.ts'
import { checkRows, keepCopies, takeBack } from './writtenRows.ts'
import { fullSize, quickSize, searchedAccounts, type Size } from './world/size.ts'
import { openWorld, type World } from './world/world.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    servers: { type: 'string' },
    'kept-in': { type: 'string' },
    accounts: { type: 'string' },
    contacts: { type: 'string' },
    book: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    connections: { type: 'string', default: '16' },
  },
})
const preset = values.quick ? quickSize : fullSize
const size: Size = {
  accounts: Number(values.accounts ?? preset.accounts),
  contacts: Number(values.contacts ?? preset.contacts),
  book: Number(values.book ?? preset.book),
  readers: Math.min(Number(values.accounts ?? preset.accounts), preset.readers),
}
const rounds = Number(values.rounds ?? (values.quick ? 3 : 7))
const durationMs = Number(values.seconds ?? (values.quick ? 0.3 : 2)) * 1000
const connections = Number(values.connections)
const chosen = operations.filter(({ key }) => values.only === undefined || values.only.split(',').includes(key))
const names = serverNames.filter((name) => values.servers === undefined || values.servers.split(',').includes(name))

/** So many accounts are written to. */
const writers = 8

const begun = performance.now()
const say = (what: string): void => console.error(`${((performance.now() - begun) / 1000).toFixed(1).padStart(7)} s  ${what}`)
await using world = await openWorld(size, values['kept-in'], (what) => say(`data: ${what}`))
await using servers = new AsyncDisposableStack()
const running: RunningServer[] = []
for (const name of names) {
  const server = servers.use(await startServer(world, name))
  running.push(server)
  say(`${name} listens after ${Math.round(server.readyMs)} ms`)
}
const admin = new pg.Client({ connectionString: world.place.adminUrl })
await admin.connect()
servers.defer(() => admin.end())
using loader = startLoader()

const rows: Row[] = []
for (const operation of chosen) {
  rows.push(await measure(operation, catalogueOf(world)))
  say(`${operation.key}: ${operation.title}`)
}
console.log(table(rows))

async function measure(operation: Operation, catalogue: Catalogue): Promise<Row> {
  const samples = await operation.samples(catalogue)
  const [first] = samples
  if (!first) throw new Error(`${operation.key}: there is nothing to ask for.`)
  if (operation.kind === 'write') {
    await keepCopies(admin, catalogue.writers)
    await checkRows(admin, running, operation, first)
  }
  await checkAgreement(running, operation, samples.slice(0, 12))
  const loads = new Map(running.map(({ name }) => [name, samples.map((sample) => wireOf(messageOf(name, operation, sample)))]))
  const statements = new Map<ServerName, number>()
  for (const server of running) {
    await loader.send({ port: server.port, requests: loads.get(server.name) ?? [], connections, durationMs })
    statements.set(server.name, await statementsOf(server, () => askOnce(server.port, messageOf(server.name, operation, first))))
  }
  const turns = new Map<ServerName, Turn[]>(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const server of running) {
      const turn = await takeTurn(loader, admin, server, { requests: loads.get(server.name) ?? [], connections, durationMs })
      turns.get(server.name)?.push(turn)
    }
  }
  if (operation.kind === 'write') await takeBack(admin, catalogue.writers)
  return rowOf(operation, turns, statements)
}

function catalogueOf({ readers, book }: World): Catalogue {
  return {
    readers: readers.slice(0, -writers),
    writers: readers.slice(-writers),
    searched: [book, ...readers.slice(0, searchedAccounts)],
    book,
    ask: async (name, reader, document) => {
      const server = running.find((each) => each.name === name)
      if (!server) return undefined
      const headers: Record<string, string> = name === 'kith' ? { authorization: `Bearer ${reader.token}` } : { 'x-owner': reader.ownerId }
      return (await askOnce(server.port, { path: '/graphql', headers, body: JSON.stringify(document) })).data as Record<string, unknown>
    },
    rows: async <Row>(text: string, parameters: readonly unknown[] = []) => (await admin.query(text, [...parameters])).rows as Row[],
  }
}
