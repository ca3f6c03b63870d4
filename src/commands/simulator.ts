import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ConfigError } from '../config.ts'

/** The Google simulator beside this process. It is a program of its own: nothing in src imports it. */
export interface Simulator {
  readonly origin: string
  stop(): Promise<void>
}

/** An account of the simulated Google. */
export interface DemoAccount {
  subject: string
  email: string
  name: string
  locale: string
  region: string
}

const program = (name: string): string => fileURLToPath(new URL(`../../dev/google/${name}`, import.meta.url))
const portFile = (dataDir: string): string => join(dataDir, 'simulator-port')
/** How soon a simulator that went away with another process is replaced, milliseconds. */
const watchEveryMs = 1000

/** Starts the data directory's simulator on the port it had before, or joins the one that runs there; replaces it when it ends. It never outlives its process. */
export async function startSimulator(dataDir: string): Promise<Simulator> {
  if (!existsSync(program('main.ts')))
    throw new ConfigError(['GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET are missing, and this installation has no Google simulator'])
  await mkdir(dataDir, { recursive: true })
  const remembered = await rememberedPort(dataDir)
  let child: ChildProcess | undefined
  let port = remembered ?? 0
  if (remembered === undefined || !(await answers(originOf(remembered)))) {
    const run = await launch(port).catch((error: unknown) => {
      if (port === 0) throw error
      return launch(0) // a stranger has the port meanwhile
    })
    ;({ child, port } = run)
    await writeFile(portFile(dataDir), `${port}\n`)
  }
  const ended = new AbortController()
  const watch = keepAlive(
    () => child,
    (next) => (child = next),
    port,
    ended.signal,
  )
  return {
    origin: originOf(port),
    stop: async () => {
      ended.abort()
      await watch
      if (child) await end(child)
    },
  }
}

/** Where the data directory's simulator was last, whether it runs or not; null when there never was one. */
export async function rememberedSimulator(dataDir: string): Promise<string | null> {
  const port = await rememberedPort(dataDir)
  return port === undefined ? null : originOf(port)
}

/** The accounts of the simulated Google. */
export async function demoAccounts(): Promise<DemoAccount[]> {
  return JSON.parse(await output('accounts.ts', [])) as DemoAccount[]
}

/** Agrees on Google's consent page as the account's holder would; answers the address that the browser is sent back to. */
export async function consentAs(email: string, authorizationUrl: string): Promise<URL> {
  return new URL((await output('agree.ts', [email, authorizationUrl])).trim())
}

// Its own process group: the Ctrl-C of a terminal is for the server, which ends the simulator last. Without the environment: its secrets are none of the simulator's business.
async function launch(port: number): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [program('main.ts'), '--port', String(port), '--with-parent'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {},
    detached: true,
  })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-2000)))
  const line = await new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`The Google simulator does not start: ${complaint}`)))
    createInterface({ input: child.stdout }).once('line', resolve)
  })
  return { child, port: Number(new URL(line).port) }
}

async function keepAlive(current: () => ChildProcess | undefined, replace: (child: ChildProcess) => void, port: number, ended: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(watchEveryMs, undefined, { signal: ended, ref: false }).catch(() => {})
    if (ended.aborted) return
    const child = current()
    const alive = child ? child.exitCode === null && child.signalCode === null : await answers(originOf(port))
    if (alive) continue
    const next = await launch(port).catch(() => undefined) // another process was faster, or a stranger has the port: try again
    if (next && next.port !== port) await end(next.child)
    else if (next) replace(next.child)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await gone
}

async function output(name: string, args: string[]): Promise<string> {
  const child = spawn(process.execPath, [program(name), ...args], { stdio: ['ignore', 'pipe', 'inherit'], env: {} })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  if (code !== 0) throw new Error(`${program(name)} failed.`)
  return text
}

async function rememberedPort(dataDir: string): Promise<number | undefined> {
  const port = Number(await readFile(portFile(dataDir), 'utf8').catch(() => ''))
  return port > 0 && port < 65_536 ? port : undefined
}

async function answers(origin: string): Promise<boolean> {
  try {
    const response = await fetch(`${origin}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(2000) })
    const { token_endpoint: endpoint } = (await response.json()) as { token_endpoint?: string }
    return endpoint === `${origin}/token`
  } catch {
    return false
  }
}

function originOf(port: number): string {
  return `http://127.0.0.1:${port}`
}
