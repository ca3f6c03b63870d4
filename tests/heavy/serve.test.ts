import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { removeEmbedded } from '../../src/db/embedded.ts'
import { ask, freePorts, kith, type RunningKith, serve, type Settings } from '../process/kith.ts'

const home = await mkdtemp(join(tmpdir(), 'kith-process-'))
await chmod(home, 0o755)
const dataDirs: string[] = []
const running = new Set<RunningKith>()
afterAll(async () => {
  for (const each of running) each.child.kill('SIGKILL')
  await Promise.all([...running].map((each) => each.ended))
  for (const dataDir of dataDirs) await removeEmbedded(dataDir)
  await rm(home, { recursive: true, force: true })
}, 60_000)

const [firstPort = 0, secondPort = 0] = await freePorts(2)
const first: Settings = { PORT: String(firstPort), KITH_DATA_DIR: join(home, 'first') }
const second: Settings = { PORT: String(secondPort), KITH_DATA_DIR: join(home, 'second') }

async function started(settings: Settings, options?: Parameters<typeof serve>[1]): Promise<RunningKith> {
  dataDirs.push(settings['KITH_DATA_DIR'] ?? '')
  const kith = await serve(settings, options)
  running.add(kith)
  void kith.ended.then(() => running.delete(kith))
  return kith
}

async function tokenOf(settings: Settings): Promise<string> {
  const made = await kith(['token', 'create', '--email', 'ada@example.test', '--scopes', 'all'], settings)
  expect(made.stdout, made.stderr).toMatch(/^kith_[0-9A-Za-z]{36}\n$/)
  return made.stdout.trim()
}

const viewer = '{ viewer { email } }'

test('with no settings but port and place, two instances run side by side, each with data of its own, and survive kill -9', { timeout: 120_000 }, async () => {
  const [one, two] = await Promise.all([started(first), started(second)])
  expect(one.url).toBe(`http://127.0.0.1:${firstPort}`)
  for (const said of ['/auth/google', 'ada@example.test', 'token create', join(home, 'first')]) expect(one.stdout).toContain(said)
  for (const path of ['/health', '/ready', '/metrics']) expect((await fetch(one.url + path)).status, path).toBe(200)

  // The command line works beside the running server, and its token is good there and nowhere else.
  const token = await tokenOf(first)
  expect(await ask(one.url, token, viewer)).toMatchObject({ data: { viewer: { email: 'ada@example.test' } } })
  expect(await ask(two.url, token, viewer)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
  const clash = await kith(['serve'], { ...first, KITH_DATA_DIR: join(home, 'third') })
  expect(clash).toMatchObject({ code: 1, stdout: '' })
  expect(clash.stderr).toContain(`another program listens on port ${firstPort}`)
  expect(existsSync(join(home, 'third', 'postgres'))).toBe(false)

  const simulator = await readFile(join(home, 'first', 'simulator-port'), 'utf8')
  one.child.kill('SIGKILL')
  await one.ended
  const again = await started(first)
  expect(await ask(again.url, token, viewer)).toMatchObject({ data: { viewer: { email: 'ada@example.test' } } })
  expect(await readFile(join(home, 'first', 'simulator-port'), 'utf8')).toBe(simulator)

  again.child.kill('SIGINT')
  expect(await again.ended).toMatchObject({ code: 0 })
  await expect(fetch(`http://127.0.0.1:${simulator.trim()}/`)).rejects.toThrow()
  expect(existsSync(join(home, 'first', 'postgres', 'data', 'postmaster.pid'))).toBe(false)
  const doctor = await kith(['doctor'], first)
  expect(doctor.stdout).toContain('Everything is in order.')
  expect(doctor.code).toBe(0)
})

test('told to end under load it answers every request it took, and ends with 0', { timeout: 60_000 }, async () => {
  const settings = second
  const two = [...running].find((each) => each.url.endsWith(`:${secondPort}`)) ?? (await started(settings))
  const token = await tokenOf(settings)
  const outcomes: number[] = []
  const clients = Array.from({ length: 20 }, () => client(two.url, token, outcomes))
  const late = dribble(two.url, token)
  await late.begun
  while (outcomes.length < 100) await new Promise((resolve) => setTimeout(resolve, 20))

  two.child.kill('SIGTERM')
  await notReady(two.url)
  expect((await late.finish()).statusCode).toBe(200)
  await Promise.all(clients) // each goes on until an answer says that its connection closes; none may fail
  expect(new Set(outcomes)).toEqual(new Set([200]))
  expect(await two.ended).toMatchObject({ code: 0, stderr: '' })
})

test('a second signal ends it at once, with 1', { timeout: 60_000 }, async () => {
  const two = await started(second)
  const late = dribble(two.url, 'kith_none')
  await late.begun
  two.child.kill('SIGTERM')
  await notReady(two.url)
  two.child.kill('SIGTERM')
  expect(await two.ended).toMatchObject({ code: 1 })
  late.abandon()
})

test('production starts with nothing by default, and says everything that is missing at once', { timeout: 30_000 }, async () => {
  for (const command of [['serve'], ['worker'], ['demo']]) {
    const { code, stdout, stderr } = await kith(command, { NODE_ENV: 'production' })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    for (const name of ['PUBLIC_URL', 'DATABASE_URL', 'KEYS_DATABASE_URL', 'KITH_MASTER_KEY', 'GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET'])
      expect(stderr).toContain(`${name} is missing`)
  }
  expect(existsSync('/.data')).toBe(false)
})

/** Sends one request after the other over one kept connection, until an answer says that it closes. */
async function client(url: string, token: string, outcomes: number[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (;;) {
    const answer = await send(url, token, agent)
    outcomes.push(answer.statusCode ?? 0)
    if (answer.headers.connection === 'close') break
  }
  agent.destroy()
}

async function send(url: string, token: string, agent: Agent): Promise<IncomingMessage> {
  const sent = post(url, token, agent)
  sent.end(JSON.stringify({ query: viewer }))
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  answer.resume()
  await once(answer, 'end')
  return answer
}

/** A request whose body is half there. */
function dribble(url: string, token: string): { begun: Promise<unknown>; finish(): Promise<IncomingMessage>; abandon(): void } {
  const body = JSON.stringify({ query: viewer })
  const sent = post(url, token, new Agent({ keepAlive: true }), body.length)
  sent.on('error', () => {})
  sent.write(body.slice(0, 5))
  return {
    // Written out, and the server has answered something that was sent after it.
    begun: writtenOut(sent).then(() => fetch(`${url}/health`)),
    finish: async () => {
      const answered = once(sent, 'response') as Promise<[IncomingMessage]>
      sent.end(body.slice(5))
      const [answer] = await answered
      answer.resume()
      return answer
    },
    abandon: () => void sent.destroy(),
  }
}

async function writtenOut(sent: ClientRequest): Promise<void> {
  const [socket] = (await once(sent, 'socket')) as [Socket]
  if (socket.connecting) await once(socket, 'connect')
}

function post(url: string, token: string, agent: Agent, length?: number) {
  return request(`${url}/graphql`, {
    method: 'POST',
    agent,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...(length && { 'content-length': length }) },
  })
}

async function notReady(url: string): Promise<void> {
  for (;;) {
    const ready = await fetch(`${url}/ready`, { headers: { connection: 'close' } }).then(
      (answer) => answer.status === 200,
      () => false,
    )
    if (!ready) return
  }
}
