import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Embedded, removeEmbedded, startEmbedded } from '../../src/db/embedded.ts'

/** Two PostgreSQL servers, the main one and the keys' own, as production wants them; gone with all their data when disposed of, unless the directory was named. */
export interface Place extends AsyncDisposable {
  readonly directory: string
  /** The main database, as the role that owns it. */
  readonly databaseUrl: string
  readonly keysUrl: string
  /** The main database, as superuser: to make data in bulk and to look at PostgreSQL's processes. */
  readonly adminUrl: string
}

/** Starts both servers, durable as in use. */
export async function openPlace(keptIn: string | undefined): Promise<Place> {
  const directory = keptIn ?? (await mkdtemp(join(tmpdir(), 'kith-bench-')))
  const opened: Embedded[] = []
  const dirs = ['main', 'keys'].map((name) => join(directory, name))
  for (const dataDir of dirs) opened.push(await startEmbedded({ dataDir }))
  const [main, keys] = opened
  if (!main || !keys) throw new Error('There are two servers.')
  return {
    directory,
    databaseUrl: main.url,
    keysUrl: keys.keysUrl,
    adminUrl: Object.assign(new URL(main.adminUrl), { pathname: '/kith' }).href,
    [Symbol.asyncDispose]: async () => {
      for (const each of opened) await each.stop()
      if (keptIn !== undefined) return
      for (const dataDir of dirs) await removeEmbedded(dataDir)
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Reads what an earlier run left in the directory under a name; undefined when there is nothing. */
export async function recall<Value>(place: Place, name: string): Promise<Value | undefined> {
  const text = await readFile(join(place.directory, `${name}.json`), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as Value)
}

/** Leaves something for a later run. */
export async function remember(place: Place, name: string, value: unknown): Promise<void> {
  await writeFile(join(place.directory, `${name}.json`), JSON.stringify(value), { mode: 0o600 })
}
