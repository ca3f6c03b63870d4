import { closeSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'

/** A lock on a file, released by the kernel when its process dies, however it dies: it is never stale, and needs no process ids. */
export interface FileLock {
  release(): void
}

// A database that nothing refers to is closed by the garbage collector, and its lock would go with it.
const held = new Set<DatabaseSync>()

const busy = 5 // SQLITE_BUSY

/** Joins those who hold a shared lock on the file; undefined while somebody holds it alone. */
export function lockShared(path: string): FileLock | undefined {
  return lock(path, 'BEGIN; SELECT count(*) FROM sqlite_schema')
}

/** Takes the file alone; undefined while anybody else holds it, shared or not. */
export function lockAlone(path: string): FileLock | undefined {
  return lock(path, 'BEGIN EXCLUSIVE')
}

/** Runs the work while holding the file alone, waiting for its turn. @throws after a minute without one */
export async function alone<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  const intervalMs = 40
  let taken = lockAlone(path)
  for (let waitedMs = 0; !taken; waitedMs += intervalMs) {
    if (waitedMs > 60_000) throw new Error(`Another process has been starting or stopping the database for a minute (${path}).`)
    await sleep(intervalMs)
    taken = lockAlone(path)
  }
  try {
    return await work()
  } finally {
    taken.release()
  }
}

// SQLite keeps POSIX record locks right across Linux and macOS, also among several holders within one process; Node itself offers none.
function lock(path: string, statements: string): FileLock | undefined {
  create(path)
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec(statements)
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return undefined
    throw error
  }
  held.add(database)
  return {
    release: () => {
      if (held.delete(database)) database.close()
    },
  }
}

// Only those who may write the data may lock it. A file that is there must not be opened: closing it again would drop every lock this process has on it.
function create(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
