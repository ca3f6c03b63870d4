import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

/** The `kith` program. */
export const launcher = fileURLToPath(new URL('../../bin/kith.js', import.meta.url))

/** A finished command. */
export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** A server in a process of its own. */
export interface RunningKith {
  child: ChildProcess
  url: string
  stdout: string
  /** How long it took until it said that it is ready, milliseconds. */
  readyMs: number
  ended: Promise<Ended>
}

/** Settings for a process; it gets nothing else from the environment but PATH. */
export type Settings = Record<string, string>

/** Runs a command to its end. */
export async function kith(args: string[], settings: Settings, options: { uid?: number; gid?: number } = {}): Promise<Ended> {
  return start(args, settings, options).ended
}

/** Starts a server and waits until it is ready. @throws Error with what it said, when it ends instead */
export async function serve(settings: Settings, { args = [], ...options }: { args?: string[]; uid?: number; gid?: number } = {}): Promise<RunningKith> {
  const since = performance.now()
  const { child, ended, said } = start(['serve', ...args], settings, options)
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', () => {
      const found = /Kith is ready at (\S+)/.exec(said.stdout)?.[1]
      if (found) resolve(found)
    })
    void ended.then(({ code, stdout, stderr }) => reject(new Error(`kith serve ended with ${code}:\n${stdout}${stderr}`)))
  })
  return { child, url, stdout: said.stdout, readyMs: performance.now() - since, ended }
}

/** Ports that nothing listens on at the moment. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

/** Asks the endpoint with a token. */
export async function ask(url: string, token: string, query: string): Promise<{ data?: Record<string, unknown>; errors?: unknown }> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  return (await response.json()) as { data?: Record<string, unknown>; errors?: unknown }
}

function start(
  args: string[],
  settings: Settings,
  options: { uid?: number; gid?: number },
): { child: ChildProcess; ended: Promise<Ended>; said: { stdout: string; stderr: string } } {
  const child = spawn(process.execPath, [launcher, ...args], {
    ...options,
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }))
  return { child, ended, said }
}
