// What is exact about Kith under the operations of the bench: statements a request and bytes of the answer's data, held against bench/results/counts.json. Time has no say.
// npm run bench:counts [-- --update]
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { operations } from './operations/all.ts'
import { keep } from './record.ts'
import { askOnce, messageOf } from './requests.ts'
import { openRig, prepared, statementsOf } from './run.ts'
import type { Size } from './world/size.ts'
import { openWorld } from './world/world.ts'
import { takeBack } from './writtenRows.ts'

/** As little as holds something to ask for in every operation. */
const size: Size = { accounts: 12, contacts: 60, others: 60, book: 400, readers: 12, searched: 3 }

const { values } = parseArgs({ options: { update: { type: 'boolean', default: false } } })
/** Statements of reads only: what writes set off is carried out by the same process, in as many batches as there is time for. */
const found: Record<string, { statements?: number; bytes: number }> = {}
{
  await using world = await openWorld(size, undefined, () => {})
  await using rig = await openRig(world, ['kith'], () => {})
  const [server] = rig.servers
  if (!server) throw new Error('Kith does not run.')
  for (const operation of operations) {
    const { samples, first } = await prepared(rig, operation)
    const isWrite = operation.kind === 'write'
    const statements = isWrite ? {} : { statements: await statementsOf(rig, server, operation, samples) }
    const { data } = await askOnce(server.port, messageOf('kith', operation, first))
    found[operation.key] = { ...statements, bytes: Buffer.byteLength(JSON.stringify(data)) }
    if (isWrite) await takeBack(rig.admin, rig.catalogue.writers)
  }
}

const wanted = JSON.parse(await readFile(join(import.meta.dirname, 'results/counts.json'), 'utf8').catch(() => '{}')) as typeof found
const differences = Object.keys({ ...wanted, ...found }).filter((key) => JSON.stringify(found[key]) !== JSON.stringify(wanted[key]))
for (const [key, { statements, bytes }] of Object.entries(found))
  console.log(`${key.padEnd(3)} ${String(statements ?? '').padStart(4)} statements ${String(bytes).padStart(7)} bytes`)
if (values.update) await keep('counts', found)
else if (differences.length > 0) {
  for (const key of differences) console.error(`${key}: ${JSON.stringify(found[key])}, where bench/results/counts.json has ${JSON.stringify(wanted[key])}`)
  console.error('If that is meant, npm run bench:counts -- --update.')
}
process.exitCode = differences.length > 0 && !values.update ? 1 : 0
