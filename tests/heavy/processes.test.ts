import { execFileSync } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import type { Socket } from 'node:net'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startSession } from '../../src/accounts/sessions.ts'
import { cookieName } from '../../src/http/cookies.ts'
import { freePorts, type RunningKith, serve, type Settings } from '../process/kith.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

const key = Buffer.alloc(32, 'a key for two and more processes')
const home = await mkdtemp(join(tmpdir(), 'kith-processes-'))
await chmod(home, 0o755)
let kith: TestApp
let ada: Person
let running: RunningKith | undefined
let agents: Agent[] = []

beforeAll(async () => {
  kith = await testApp({ secrets: { masterKeys: [key] } })
})
afterEach(() => {
  for (const agent of agents) agent.destroy()
  agents = []
})
const stop = async (): Promise<void> => {
  running?.child.kill('SIGTERM')
  await running?.ended
  running = undefined
}
afterAll(async () => {
  await kith.close()
  await rm(home, { recursive: true, force: true })
}, 60_000)

/** The most that something said within a second may take to be seen from here, milliseconds. */
const second = 1000

/** Starts servers on the test's databases, and makes somebody to ask as. */
async function started(processes: number, settings: Settings = {}): Promise<void> {
  const [port = 0] = await freePorts(1)
  ada = await kith.signUp()
  running = await serve(
    {
      PORT: String(port),
      KITH_DATA_DIR: join(home, String(port)),
      DATABASE_URL: kith.databases.url,
      KEYS_DATABASE_URL: kith.databases.keysUrl,
      KITH_MASTER_KEY: key.toString('base64'),
      KITH_LOG_LEVEL: 'error',
      KITH_ANONYMOUS_PER_MINUTE: '1000000',
      ...settings,
    },
    { args: ['--processes', String(processes)] },
  )
}

interface Reply {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: { data?: Record<string, unknown>; errors?: { extensions: { code: string } }[]; extensions?: { cost?: { actual: number | null; remaining: number } } }
}

/** A connection that is kept, and so stays with the process that has it. */
interface Line {
  ask(headers: Record<string, string>, query?: string, variables?: object): Promise<Reply>
  pid(): Promise<number>
}

function line(): Line {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  agents.push(agent)
  let socket: Socket | undefined
  return {
    ask: (headers, query = '{ viewer { id } }', variables = {}) =>
      new Promise((resolve, reject) => {
        const sent = request(`${running?.url}/graphql`, { method: 'POST', agent, headers: { 'content-type': 'application/json', ...headers } }, (answer) => {
          let text = ''
          answer.setEncoding('utf8').on('data', (part: string) => (text += part))
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: JSON.parse(text) as Reply['body'] }))
          answer.on('error', reject)
        })
        sent.once('socket', (used) => (socket = used))
        sent.once('error', reject)
        sent.end(JSON.stringify({ query, variables }))
      }),
    pid: () => ownerOf(socket?.remotePort ?? 0, socket?.localPort ?? 0),
  }
}

/** Which of our processes has the server's end of a connection. */
async function ownerOf(serverPort: number, clientPort: number): Promise<number> {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0')
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((each) => each.trim().split(/\s+/))
  const inode = lines.find(([, local = '', remote = '']) => local.endsWith(`:${hex(serverPort)}`) && remote.endsWith(`:${hex(clientPort)}`))?.[9]
  for (const pid of servers()) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => []))
      if ((await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')) === `socket:[${inode}]`) return pid
  }
  throw new Error(`Nobody has the connection from ${clientPort}.`)
}

/** The processes below ours: of servers, or for jobs. */
function children(role: 'server' | 'jobs'): number[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((each) => each.trim().split(/\s+/))
  const below = (pid: number): string[][] => lines.filter(([, parent]) => Number(parent) === pid).flatMap((each) => [each, ...below(Number(each[0]))])
  return below(running?.child.pid ?? 0).filter((each) => each.slice(-2).join(' ') === `process ${role}`).map(([pid]) => Number(pid)) // prettier-ignore
}
const servers = (): number[] => children('server')

/** Connections of which each process has at least one. */
async function lines(processes: number): Promise<Line[]> {
  const all = Array.from({ length: 4 * processes }, line)
  for (const each of all) await each.ask({})
  const owners = new Set(await Promise.all(all.map((each) => each.pid())))
  expect(owners.size).toBe(processes)
  return all
}

/** How many requests the servers say they have answered, asked by a connection of its own. */
async function requestsCounted(): Promise<number> {
  const text = await (await fetch(`${running?.url}/metrics`, { headers: { connection: 'close' } })).text()
  return Number(/^kith_http_request_seconds_count\{method="POST",route="\/graphql",status="200"\} (\d+)$/m.exec(text)?.[1] ?? 0)
}

const bearer = async (): Promise<Record<string, string>> => ({ authorization: `Bearer ${await ada.token()}` })
const browser = async (): Promise<Record<string, string>> => {
  const { secret } = await startSession(kith.app, ada.ownerId, { userAgent: 'Phone' })
  return { cookie: `${cookieName({ config: { ...kith.app.config, publicUrl: running?.url ?? '' } }, 'session')}=${secret}`, 'sec-fetch-site': 'same-origin' }
}
const statuses = async (all: Line[], headers: Record<string, string>): Promise<number[]> =>
  (await Promise.all(all.map((each) => each.ask(headers)))).map(({ status }) => status)
/** Asks everybody what they asked before, a second after something was answered. */
async function aSecondAfter(answered: number, all: Line[], headers: Record<string, string>): Promise<number[]> {
  await sleep(answered + second - performance.now())
  return statuses(all, headers)
}

describe.each([2, 4])('%i processes', (processes) => {
  const [capacity, restore] = [5000, 1]
  beforeAll(() => started(processes, { KITH_COST_CAPACITY: String(capacity), KITH_COST_RESTORE: String(restore) }), 180_000)
  afterAll(stop, 60_000)

  test('share the port and one background process; who is refused by one is refused by all within a second', { timeout: 180_000 }, async () => {
    expect([servers().length, children('jobs').length]).toEqual([processes, 1])
    const all = await lines(processes)
    const me = await browser()

    const [token, phone, other] = [await bearer(), await browser(), await browser()]
    for (const each of [token, phone, other]) expect(await statuses(all, each)).toEqual(all.map(() => 200))
    await sleep(2 * second) // nobody relies on what was looked up just now
    for (const each of [token, phone, other]) expect(await statuses(all, each)).toEqual(all.map(() => 200))

    const { body } = await all[0]!.ask(me, '{ viewer { apiTokens { id } } }')
    const [{ id } = { id: '' }] = (body.data as { viewer: { apiTokens: { id: string }[] } }).viewer.apiTokens
    await all[0]!.ask(me, 'mutation ($id: ID!) { apiTokenRevoke(id: $id) { __typename } }', { id })
    expect(await aSecondAfter(performance.now(), all, token)).toEqual(all.map(() => 401))

    const signOut = await fetch(`${running?.url}/auth/sign-out`, { method: 'POST', headers: { ...phone, origin: running?.url ?? '' }, redirect: 'manual' })
    expect(signOut.status).toBeLessThan(400)
    expect(await aSecondAfter(performance.now(), all, phone)).toEqual(all.map(() => 401))

    await all.at(-1)!.ask(me, 'mutation { sessionsRevokeAll { __typename } }')
    expect(await aSecondAfter(performance.now(), all, other)).toEqual(all.map(() => 401))
    expect(await statuses(all, me)).toEqual(all.map(() => 200))
  })

  test('without a connection for notices, too', { timeout: 180_000 }, async () => {
    const all = await lines(processes)
    const [me, phone] = [await browser(), await browser()]
    expect(await statuses(all, phone)).toEqual(all.map(() => 200))
    await sleep(2 * second)
    expect(await statuses(all, phone)).toEqual(all.map(() => 200))
    // Whatever connects is ended again, for as long as this goes on.
    const cutting = new AbortController()
    let cut = 0
    const cutter = (async () => {
      while (!cutting.signal.aborted) {
        const { rows } = await kith.app.database.pool.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kith notices' AND datname = current_database()`,
        )
        cut += rows.length
        await sleep(5)
      }
    })()
    try {
      await expect.poll(() => cut).toBeGreaterThan(processes)
      await all[0]!.ask(me, 'mutation { sessionsRevokeAll { __typename } }')
      expect(await aSecondAfter(performance.now(), all, phone)).toEqual(all.map(() => 401))
      expect(await statuses(all, me)).toEqual(all.map(() => 200))
    } finally {
      cutting.abort()
      await cutter
    }
  })

  test('a request that is sent to all of them under one key is done once', { timeout: 180_000 }, async () => {
    const all = await lines(processes)
    const me = await bearer()
    for (let round = 0; round < 5; round += 1) {
      const create = 'mutation ($given: String!) { contactCreate(input: { name: { given: $given } }) { __typename ... on Contact { id } } }'
      const race = await Promise.all(all.map((each) => each.ask({ ...me, 'idempotency-key': `round ${round}` }, create, { given: `Round ${round}` })))
      const done = race.filter(({ status }) => status === 200)
      expect(done.length).toBeGreaterThan(0)
      for (const { body } of race.filter((each) => each.status !== 200)) expect(body.errors?.[0]?.extensions.code).toBe('IDEMPOTENCY_KEY_IN_USE')
      expect(new Set(done.map(({ body }) => JSON.stringify(body.data))).size).toBe(1)
      expect(done.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1)
      const { body } = await all[0]!.ask(me, '{ contacts(first: 50) { totalCount } }')
      expect(body.data).toEqual({ contacts: { totalCount: round + 1 } })
    }
  })

  test('/metrics answers for all of them, whichever is asked', { timeout: 180_000 }, async () => {
    const me = await bearer()
    const all = await lines(processes)
    const before = await requestsCounted()
    await statuses(all, me)
    for (let ask = 0; ask < 2 * processes; ask += 1) expect(await requestsCounted()).toBe(before + all.length)
  })

  test('together they give no more points than one bucket holds', { timeout: 180_000 }, async () => {
    const all = await lines(processes)
    const me = await bearer()
    const tenPoints = `{ ${Array.from({ length: 10 }, (_, n) => `v${n}: viewer { id }`).join(' ')} }`
    let spent = 0
    const since = performance.now()
    await Promise.all(
      all.map(async (each) => {
        for (;;) {
          const { status, body } = await each.ask(me, tenPoints)
          if (status === 429) return
          expect(status).toBe(200)
          spent += body.extensions?.cost?.actual ?? 0
        }
      }),
    )
    expect(spent).toBeLessThanOrEqual(capacity + (restore * (performance.now() - since)) / 1000)
    // What the others have leased and not spent is all that may be missing.
    expect(spent).toBeGreaterThanOrEqual(capacity * 0.75)
  })
})

describe('its processes', () => {
  afterEach(stop, 60_000)

  test('a process that is killed is replaced, the others answer meanwhile, and all end together', { timeout: 180_000 }, async () => {
    await started(2)
    const me = await bearer()
    const all = await lines(2)
    const counted = await requestsCounted()
    const [victim = 0] = servers()
    const survivors = (await Promise.all(all.map(async (each) => ((await each.pid()) === victim ? [] : [each])))).flat()
    process.kill(victim, 'SIGKILL')
    await expect.poll(() => servers().includes(victim), { timeout: 10_000 }).toBe(false)
    expect(new Set(await statuses(survivors, me))).toEqual(new Set([200]))
    await expect.poll(() => servers().length, { timeout: 60_000 }).toBe(2)
    await expect.poll(async () => (await lines(2).catch(() => [])).length, { timeout: 60_000 }).toBeGreaterThan(0)
    // What it had counted stays counted.
    expect(await requestsCounted()).toBeGreaterThan(counted)
    const [jobs = 0] = children('jobs')
    process.kill(jobs, 'SIGKILL')
    await expect.poll(() => children('jobs').filter((pid) => pid !== jobs).length, { timeout: 60_000 }).toBe(1)

    // Under load: each goes on until an answer says that its connection closes; none may fail.
    const busy = Promise.all(
      (await lines(2)).map(async (each) => {
        for (;;) {
          const { status, headers } = await each.ask(me)
          if (status !== 200) return status
          if (headers['connection'] === 'close') return 'told'
        }
      }),
    )
    await sleep(200)
    running?.child.kill('SIGTERM')
    expect(new Set(await busy)).toEqual(new Set(['told']))
    expect(await running?.ended).toMatchObject({ code: 0 })
  })

  test('when the one that began them is killed, none of them stays', { timeout: 120_000 }, async () => {
    await started(2)
    const [pids, url] = [[...servers(), ...children('jobs')], running?.url]
    expect(pids).toHaveLength(3)
    running?.child.kill('SIGKILL')
    await running?.ended
    const alive = (pid: number): boolean => {
      try {
        return process.kill(pid, 0)
      } catch {
        return false
      }
    }
    await expect.poll(() => pids.filter(alive), { timeout: 30_000 }).toEqual([])
    await expect(fetch(`${url}/health`)).rejects.toThrow()
  })

  test('settings that are wrong are told once, and nothing stays', { timeout: 60_000 }, async () => {
    const outcome = started(2, { KITH_MASTER_KEY: Buffer.alloc(32, 'another key, of another database').toString('base64') })
    await expect(outcome).rejects.toThrow(/KITH_MASTER_KEY lacks the key/)
  })
})
