import { openDatabases, prepareDatabases } from '../db/databases.ts'
import { readConfiguration } from './open.ts'
import { progress } from './progress.ts'

/** Brings both databases up to date and says what was done. */
export async function migrateDatabases(): Promise<void> {
  const { config } = await readConfiguration()
  const shown = progress()
  await using stack = new AsyncDisposableStack()
  const databases = await openDatabases(config, shown.step)
  stack.defer(() => databases.stop())
  const applied: string[] = []
  await prepareDatabases(config, databases, (name) => {
    applied.push(name)
    shown.step(`Applied ${name}`)
  })
  shown.done()
  process.stdout.write(applied.length === 0 ? 'Both databases are up to date.\n' : `Applied:\n${applied.map((name) => `  ${name}\n`).join('')}`)
}
