import { relative } from 'node:path'
import type { Config } from '../config.ts'
import { checkAddress, listen } from '../serve.ts'
import { aborted, stopSignal } from '../stopSignal.ts'
import { startWorker } from '../worker.ts'
import { type Ground, open, readConfiguration } from './open.ts'
import { progress } from './progress.ts'

/** Runs the server until it is told to end: the endpoint, and in the same process the background work unless `worker` is false. */
export async function serve({ worker }: { worker: boolean }): Promise<void> {
  const stop = stopSignal()
  const since = performance.now()
  const configuration = await readConfiguration()
  await checkAddress(configuration.config)
  const loading = import('../http/server.ts') // while the databases start
  loading.catch(() => {}) // it is awaited below, once there is something to let go of
  const shown = progress()
  await using opened = await open({ simulator: true, configuration, shown })
  const { app } = opened
  if (stop.aborted) return
  const { createHttpServer } = await loading
  await Promise.all([app.queue.start(), app.notices.start()])
  const listening = await listen(app, createHttpServer(app))
  const background = worker ? await startWorker(app) : null
  process.stdout.write(greeting(opened, performance.now() - since, worker))
  await aborted(stop)
  app.state.stopping = true
  app.log.info('Told to end: finishing what is under way.')
  await Promise.all([listening.drain(), background?.stop()])
}

/** What is said once the server is ready: where it is, and what to do there. */
export function greeting({ config, databases, simulator }: Ground & { config: Config }, tookMs: number, worker: boolean): string {
  const url = config.publicUrl
  const at = url === `http://${config.host}:${config.port}` ? url : `${url} (listening on ${config.host} port ${config.port})`
  const near = relative('', config.dataDir)
  const command = near === '.data' ? 'npx kith' : `KITH_DATA_DIR=${near.startsWith('..') ? config.dataDir : near || '.'} npx kith`
  const lines: [string, string][] = [
    ['Sign in', simulator === null ? `${url}/auth/google` : `${url}/auth/google  as ada@example.test, on the page of a simulated Google (${simulator})`],
    ['GraphiQL', `${url}/graphql`],
    ['A token', `${command} token create --email ${simulator === null ? 'you@example.com' : 'ada@example.test'} --scopes all`],
    [
      'Data',
      databases.embeddedIn === null
        ? `your PostgreSQL; files in ${config.dataDir}`
        : `${config.dataDir}${databases.embeddedIn.startsWith(config.dataDir) ? '' : `; the database in ${databases.embeddedIn}`}`,
    ],
  ]
  if (config.smtpUrl === null) lines.push(['Mail', `is kept as files in ${config.dataDir}/outbox`])
  if (!worker) lines.push(['Jobs', `are left to "${command} worker"`])
  lines.push(['Stop', 'Ctrl-C'])
  const speed = config.production ? '' : ` (${(tookMs / 1000).toFixed(1)} s)`
  return `\nKith is ready at ${at}${speed}\n\n${lines.map(([what, text]) => `  ${what.padEnd(9)} ${text}\n`).join('')}\n`
}
