import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { removeEmbedded, startEmbedded, type Embedded } from '../../src/db/embedded.ts'

const root = process.getuid?.() === 0
let home: string
let dataDir: string
const children: ChildProcess[] = []

async function makeHome(): Promise<void> {
  home = await mkdtemp(join(tmpdir(), 'embedded-'))
  await chmod(home, 0o711)
  dataDir = join(home, 'data')
}

async function removeHome(): Promise<void> {
  await removeEmbedded(dataDir)
  await rm(home, { recursive: true })
}

afterEach(async () => {
  for (const child of children.splice(0)) await end(child, 'SIGKILL')
})

const start = (durable = false) => startEmbedded({ dataDir, durable })

async function startChild(): Promise<{ child: ChildProcess; embedded: Omit<Embedded, 'stop'> }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'embedded-child.ts'), dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [line] = (await Promise.race([once(child.stdout!, 'data'), once(child, 'exit').then(() => ['"ended"'])])) as [Buffer | string]
  return { child, embedded: JSON.parse(line.toString()) as Embedded }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}

async function query<Row extends object>(url: string, statement: string): Promise<Row[]> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Row>(statement)).rows
  } finally {
    await client.end()
  }
}

const postmasterPid = async (embedded: { directory: string }) =>
  Number((await readFile(join(embedded.directory, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0])

describe('embedded PostgreSQL', () => {
  beforeAll(async () => {
    await makeHome()
    // A first start that was killed half-way left this, and must not be in the way.
    await mkdir(join(dataDir, 'postgres', 'data.new'), { recursive: true, mode: 0o755 })
    await writeFile(join(dataDir, 'postgres', 'data.new', 'PG_VERSION'), '18')
  })
  afterAll(removeHome)

  test('has a database for data and one for keys, and the role of one cannot reach the other', async () => {
    const embedded = await start()
    expect(
      await query(
        embedded.url,
        `SELECT current_setting('server_version_num')::int / 10000 AS major, current_setting('server_encoding') AS encoding, lower('ÄÉŽ') AS folded`,
      ),
    ).toEqual([{ major: 18, encoding: 'UTF8', folded: 'äéž' }])
    await query(embedded.url, 'CREATE TABLE notes (id int)')
    await query(embedded.keysUrl, 'CREATE TABLE keys (id int)')
    const crossed = new URL(embedded.url)
    crossed.pathname = new URL(embedded.keysUrl).pathname
    await expect(query(crossed.href, 'SELECT 1')).rejects.toThrow(/permission denied for database/)
    const guessed = new URL(embedded.url)
    guessed.password = 'postgres'
    await expect(query(guessed.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/)
    expect((await stat(join(embedded.directory, 'secret'))).mode & 0o777).toBe(0o600)
    await embedded.stop()
  })

  test('knows the letters of every script, for search by trigrams', async () => {
    const embedded = await start()
    await query(embedded.url, 'CREATE EXTENSION pg_trgm')
    expect(await query(embedded.url, `SELECT similarity('Привет', 'привет') AS same, cardinality(show_trgm('Žofie')) AS trigrams`)).toEqual([
      { same: 1, trigrams: 6 },
    ])
    await embedded.stop()
  })

  test('a start after kill -9 adopts the orphan with everything that was committed, and stops it at its end', async () => {
    const killed = await startChild()
    await query(killed.embedded.url, 'CREATE TABLE cards AS SELECT generate_series(1, 1000) AS id')
    const pid = await postmasterPid(killed.embedded)
    await end(killed.child, 'SIGKILL')

    const embedded = await start()
    expect(embedded).toMatchObject({ adopted: true, url: killed.embedded.url })
    expect(await postmasterPid(embedded)).toBe(pid)
    expect(await query(embedded.url, 'SELECT count(*)::int FROM cards')).toEqual([{ count: 1000 }])
    await embedded.stop()
    await expect(query(embedded.url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/)

    const again = await start()
    expect(again).toMatchObject({ adopted: false, url: killed.embedded.url })
    expect(await query(again.url, 'SELECT count(*)::int FROM cards')).toEqual([{ count: 1000 }])
    await again.stop()
  })

  test('a second process uses the first one’s server and leaves it running, in whichever order they end', async () => {
    const first = await startChild()
    const second = await start()
    expect(second).toMatchObject({ adopted: true, url: first.embedded.url })
    await second.stop()
    expect(await query(first.embedded.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])

    const third = await start()
    await end(first.child, 'SIGTERM')
    expect(await query(third.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await third.stop()
    await expect(query(third.url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/)
  })

  test('a server that was killed itself is recovered, though its pid now belongs to a stranger', async () => {
    const embedded = await start(true)
    await query(embedded.url, 'CREATE TABLE survivors AS SELECT generate_series(1, 1000) AS id')
    process.kill(await postmasterPid(embedded), 'SIGKILL')
    const path = join(embedded.directory, 'data', 'postmaster.pid')
    const stranger = spawn('sleep', ['60'], root ? { uid: (await stat(path)).uid } : {})
    children.push(stranger)
    await writeFile(path, (await readFile(path, 'utf8')).replace(/^\d+/, String(stranger.pid)))

    const again = await start()
    expect(again.adopted).toBe(false)
    expect(await query(again.url, 'SELECT count(*)::int FROM survivors')).toEqual([{ count: 1000 }])
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
    await again.stop()
    await embedded.stop()
  })

  test('takes another port when its own was taken meanwhile', async () => {
    const embedded = await start()
    await embedded.stop()
    const squatter = createServer().listen(Number(new URL(embedded.url).port), '127.0.0.1')
    await once(squatter, 'listening')
    const again = await start()
    expect(new URL(again.url).port).not.toBe(new URL(embedded.url).port)
    expect(await query(again.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await again.stop()
    squatter.close()
  })

  test('is not removed while somebody uses it', async () => {
    const embedded = await start()
    expect(await removeEmbedded(dataDir)).toBe(false)
    expect(await query(embedded.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await embedded.stop()
    expect(await removeEmbedded(dataDir)).toBe(true)
    await expect(stat(dataDir)).rejects.toThrow(/ENOENT/)
  })
})

describe('the first start of embedded PostgreSQL', () => {
  beforeEach(makeHome)
  afterEach(removeHome)

  test('several first starts at once make one server', async () => {
    const all = await Promise.all([startChild(), startChild(), start()])
    const embedded = all.map((one) => ('embedded' in one ? one.embedded : one))
    expect(new Set(embedded.map((one) => one.url)).size).toBe(1)
    expect(embedded.filter((one) => !one.adopted)).toHaveLength(1)
    await all[2].stop()
  })

  test.runIf(root)('root keeps the data where PostgreSQL’s user can go, and a pointer where it cannot', async () => {
    await chmod(home, 0o700)
    const embedded = await start()
    expect(embedded.directory).toMatch(/^\/var\/lib\/kith\/[0-9a-f]{16}$/)
    expect(await readFile(join(dataDir, 'postgres-directory'), 'utf8')).toBe(`${embedded.directory}\n`)
    await query(embedded.url, 'CREATE TABLE cards (id int)')
    await embedded.stop()

    const again = await start()
    expect(again.directory).toBe(embedded.directory)
    expect(await query(again.url, 'SELECT count(*)::int FROM cards')).toEqual([{ count: 0 }])
    await again.stop()

    await rm(again.directory, { recursive: true })
    await expect(start()).rejects.toThrow(/nothing is there/)
    await rm(join(dataDir, 'postgres-directory'))
    await chmod(home, 0o711)
  })
})
