import { setTimeout as sleep } from 'node:timers/promises'

/** Drops a database. While PostgreSQL itself looks after its tables nobody may end that, so it is tried again. */
export async function dropDatabase(name: string, execute: (statement: string) => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await execute(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      return
    } catch (error) {
      if (tries === 20 || !/permission denied to terminate process|being accessed by other users/.test(String(error))) throw error
      await sleep(250)
    }
  }
}
