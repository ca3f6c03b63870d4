import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { freePort } from './web.ts'

/** A PgBouncer in transaction mode before a PostgreSQL. */
export interface Bouncer {
  /** The way through it to a database that the given URL leads to. */
  through(url: string): string
  stop(): Promise<void>
}

const program = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find((path) => existsSync(path))

/** Why a test that needs PgBouncer does not run; undefined when it does. CI installs it, and fails without. */
export const noBouncer = program || process.env['CI'] ? undefined : 'PgBouncer is not installed: apt-get install pgbouncer'

/** Whom PgBouncer runs as when root runs the tests: it refuses to be root. */
const nobody = { uid: 65_534, gid: 65_534 }

/** Starts it as README.md says, with so many connections to each database, which its clients share, a transaction each. */
export async function startBouncer(url: string, { connections = 3 } = {}): Promise<Bouncer> {
  if (!program) throw new Error('PgBouncer is not installed: apt-get install pgbouncer')
  const { hostname, port: behind, username, password } = new URL(url)
  const port = await freePort()
  const home = await mkdtemp(join(tmpdir(), 'kith-bouncer-'))
  const files = {
    'users.txt': `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`,
    'pgbouncer.ini': `[databases]
* = host=${hostname} port=${behind} connect_query='SET statement_timeout = 15000'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(home, 'users.txt')}
pool_mode = transaction
default_pool_size = ${connections}
max_client_conn = 500
ignore_startup_parameters = extra_float_digits,statement_timeout
`,
  }
  const user = process.getuid?.() === 0 ? nobody : undefined
  await chmod(home, 0o700)
  for (const [name, text] of Object.entries(files)) await writeFile(join(home, name), text, { mode: 0o600 })
  if (user) for (const path of [home, ...Object.keys(files).map((name) => join(home, name))]) await chown(path, user.uid, user.gid)
  const child = spawn(program, ['-q', join(home, 'pgbouncer.ini')], { ...user, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'], env: {} })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)))
  const ended = once(child, 'exit')
  const through = (to: string): string => {
    const way = new URL(to)
    way.port = String(port)
    return way.href
  }
  for (let tries = 0; !(await answers(through(url))); tries += 1) {
    if (child.exitCode !== null || tries > 200) throw new Error(`PgBouncer does not start:\n${said}`)
    await sleep(50)
  }
  return {
    through,
    stop: async () => {
      child.kill('SIGINT')
      const late = setTimeout(() => child.kill('SIGKILL'), 5000)
      await ended
      clearTimeout(late)
      await rm(home, { recursive: true, force: true })
    },
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
