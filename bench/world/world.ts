import pg from 'pg'
import { open } from '../../src/commands/open.ts'
import { configure } from '../../src/config.ts'
import { readEnv } from '../../src/env.ts'
import { makeData, type Reader } from './data.ts'
import { kithEnvironment } from './environment.ts'
import { peerFunctions } from './functions.ts'
import { searchFunction } from './searching.ts'
import { writeFunctions } from './writing.ts'
import { openPlace, type Place, recall, remember } from './place.ts'
import type { Size } from './size.ts'

/** The databases with everything in them. */
export interface World extends AsyncDisposable {
  readonly place: Place
  readonly size: Size
  /** The account with the large book, which is the first of all. */
  readonly book: Reader
  readonly readers: readonly Reader[]
}

/** Opens the databases and fills them, or finds them filled in a directory that an earlier run has kept. */
export async function openWorld(size: Size, keptIn: string | undefined, say: (what: string) => void): Promise<World> {
  await using stack = new AsyncDisposableStack()
  const place = stack.use(await openPlace(keptIn))
  const kept = await recall<{ size: Size; readers: Reader[] }>(place, 'world')
  if (kept && JSON.stringify(kept.size) !== JSON.stringify(size))
    throw new Error(`In ${place.directory} is data of another size: ${JSON.stringify(kept.size)}.`)
  const readers = kept?.readers ?? (await fill(place, size, say))
  await defineFunctions(place)
  const [book, ...others] = readers
  if (!book) throw new Error('Nobody reads.')
  const owned = stack.move()
  return { place, size, book, readers: others, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function fill(place: Place, size: Size, say: (what: string) => void): Promise<Reader[]> {
  await using opened = await open({ simulator: false, patient: true, configuration: configure(readEnv(kithEnvironment(place, 4000))) })
  // What commits set off waits: no worker runs.
  Object.assign(opened.app, { relay: { ...opened.app.relay, nudge: () => {} } })
  const readers = await makeData(opened.app, place.adminUrl, size, say)
  await remember(place, 'world', { size, readers })
  return readers
}

/** At every start: the data is kept longer than the functions stay as they are. */
async function defineFunctions(place: Place): Promise<void> {
  const client = new pg.Client({ connectionString: place.databaseUrl })
  await client.connect()
  for (const statements of [peerFunctions, searchFunction, writeFunctions]) await client.query(statements)
  await client.end()
}
