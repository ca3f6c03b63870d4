import type { App, createApp } from '../app.ts'
import { type Config, ConfigError, type Configuration, configure, demoClient, type Secrets } from '../config.ts'
import { type Databases, openDatabases, prepareDatabases } from '../db/databases.ts'
import { readEnv } from '../env.ts'
import { withMasterKey } from '../masterKeyFile.ts'
import { missingMasterKeys } from '../vault/fit.ts'
import { progress, type Progress } from './progress.ts'
import { rememberedSimulator, startSimulator } from './simulator.ts'

/** The origin of a simulator that never ran: no origin would mean Google itself. Nothing listens on the discard port. */
const nowhere = 'http://127.0.0.1:9'

/** A wired application with its databases ready, and how to let go of all of it. */
export interface Opened extends AsyncDisposable {
  readonly app: App
  readonly config: Config
  readonly databases: Databases
  /** The origin of the simulated Google; null with the real one. */
  readonly simulator: string | null
}

/** Reads the settings; oddities are told on standard error. @throws ConfigError */
export async function readConfiguration(): Promise<Configuration> {
  const configuration = await withMasterKey(configure(readEnv()))
  for (const warning of configuration.warnings) process.stderr.write(`Note: ${warning}.\n`)
  return configuration
}

/** Opens everything that a command works with: databases found or started and migrated, and with `simulator` a Google beside it if none is configured; with `patient` no statement is given up. @throws ConfigError, DatabaseError, MigrationError */
export async function open(options: { simulator: boolean; patient?: boolean; configuration?: Configuration; shown?: Progress }): Promise<Opened> {
  const { config: given, secrets } = options.configuration ?? (await readConfiguration())
  const config = options.patient ? { ...given, statementTimeoutMs: 0 } : given
  const shown = options.shown ?? progress()
  await using stack = new AsyncDisposableStack()
  try {
    shown.step('Opening the databases')
    const opening = databasesOf(config, shown, stack)
    const loading = import('../app.ts') // some hundreds of modules, while PostgreSQL starts
    loading.catch(() => {}) // it is awaited below, once there is something to let go of
    const simulated = config.google === null
    // The two have nothing to do with each other, so they start side by side; each is let go of even if the other fails.
    const [databases, simulator] = await Promise.allSettled([opening, simulated && options.simulator ? startSimulator(config.dataDir) : null])
    if (simulator.status === 'fulfilled') stack.defer(async () => simulator.value?.stop())
    if (databases.status === 'rejected') throw databases.reason
    if (simulator.status === 'rejected') throw simulator.reason
    const origin = simulated ? (simulator.value?.origin ?? (await rememberedSimulator(config.dataDir)) ?? nowhere) : null
    const app = (await loading).createApp(...wiring(config, secrets, databases.value, origin))
    stack.defer(() => app.close())
    await checkMasterKeys(app, secrets)
    const kept = stack.move()
    return { app, config, databases: databases.value, simulator: origin ?? config.google?.origin ?? null, [Symbol.asyncDispose]: () => kept.disposeAsync() }
  } finally {
    shown.done()
  }
}

async function databasesOf(config: Config, shown: Progress, stack: AsyncDisposableStack): Promise<Databases> {
  const databases = await openDatabases(config, shown.step)
  stack.defer(() => databases.stop())
  await prepareDatabases(config, databases, (name) => shown.step(`Applied migration ${name}`))
  return databases
}

function wiring(config: Config, secrets: Secrets, databases: Databases, origin: string | null): Parameters<typeof createApp> {
  const { databaseUrl, keysDatabaseUrl } = databases
  if (config.google !== null) return [{ ...config, databaseUrl, keysDatabaseUrl }, secrets]
  return [
    { ...config, databaseUrl, keysDatabaseUrl, google: { clientId: demoClient.clientId, origin } },
    { ...secrets, googleClientSecret: demoClient.clientSecret },
  ]
}

async function checkMasterKeys(app: App, secrets: Secrets): Promise<void> {
  const missing = await missingMasterKeys(app.keys.pool, secrets.masterKeys)
  if (missing.length === 0) return
  throw new ConfigError([
    `KITH_MASTER_KEY lacks the key${missing.length > 1 ? 's' : ''} ${missing.map(({ id, owners }) => `${id} (of ${owners} accounts)`).join(', ')}, without which what is sealed cannot be opened. Add it behind the current one, with a comma`,
  ])
}
