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

/** What an application stands on: databases that are ready, and a Google. */
export interface Ground {
  readonly databases: Pick<Databases, 'databaseUrl' | 'keysDatabaseUrl' | 'embeddedIn'>
  /** The origin of the simulated Google; null with the real one. */
  readonly simulator: string | null
}

/** A wired application with its databases ready, and how to let go of all of it. */
export interface Opened extends Ground, AsyncDisposable {
  readonly app: App
  readonly config: Config
}

/** Reads the settings; oddities are told on standard error, unless `quiet`. @throws ConfigError */
export async function readConfiguration({ quiet = false } = {}): Promise<Configuration> {
  const configuration = await withMasterKey(configure(readEnv()))
  if (quiet) return configuration
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
    const opening = lay(config, { simulator: options.simulator, shown })
    const loading = import('../app.ts') // some hundreds of modules, while PostgreSQL starts
    loading.catch(() => {}) // it is awaited below, once there is something to let go of
    const ground = stack.use(await opening)
    await loading
    const opened = stack.use(await build(config, secrets, ground))
    const kept = stack.move()
    return { ...opened, [Symbol.asyncDispose]: () => kept.disposeAsync() }
  } finally {
    shown.done()
  }
}

/** Lays the ground: databases found or started and migrated, and with `simulator` a Google beside them if none is configured. @throws ConfigError, DatabaseError, MigrationError */
export async function lay(config: Config, { simulator: wanted, shown }: { simulator: boolean; shown: Progress }): Promise<Ground & AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  shown.step('Opening the databases')
  const simulated = config.google === null
  // The two have nothing to do with each other, so they start side by side; each is let go of even if the other fails.
  const [databases, simulator] = await Promise.allSettled([databasesOf(config, shown, stack), simulated && wanted ? startSimulator(config.dataDir) : null])
  if (simulator.status === 'fulfilled') stack.defer(async () => simulator.value?.stop())
  if (databases.status === 'rejected') throw databases.reason
  if (simulator.status === 'rejected') throw simulator.reason
  const origin = simulated ? (simulator.value?.origin ?? (await rememberedSimulator(config.dataDir)) ?? nowhere) : (config.google?.origin ?? null)
  const kept = stack.move()
  return { databases: databases.value, simulator: origin, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** Builds the application on ground that was laid, here or in the process that began this one. @throws ConfigError */
export async function build(config: Config, secrets: Secrets, ground: Ground): Promise<Opened> {
  await using stack = new AsyncDisposableStack()
  const app = (await import('../app.ts')).createApp(...wiring(config, secrets, ground))
  stack.defer(() => app.close())
  await checkMasterKeys(app, secrets)
  const kept = stack.move()
  return { app, config, databases: ground.databases, simulator: ground.simulator, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

async function databasesOf(config: Config, shown: Progress, stack: AsyncDisposableStack): Promise<Databases> {
  const databases = await openDatabases(config, shown.step)
  stack.defer(() => databases.stop())
  await prepareDatabases(config, databases, (name) => shown.step(`Applied migration ${name}`))
  return databases
}

function wiring(config: Config, secrets: Secrets, { databases, simulator }: Ground): Parameters<typeof createApp> {
  const { databaseUrl, keysDatabaseUrl } = databases
  if (config.google !== null) return [{ ...config, databaseUrl, keysDatabaseUrl }, secrets]
  return [
    { ...config, databaseUrl, keysDatabaseUrl, google: { clientId: demoClient.clientId, origin: simulator } },
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
