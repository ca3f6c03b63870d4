import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAccount } from '../src/accounts/service.ts'
import { type App, createApp, type Overrides } from '../src/app.ts'
import type { Config } from '../src/config.ts'
import type { Ctx } from '../src/core/ctx.ts'
import { prepareDatabases } from '../src/db/databases.ts'
import { removeEmbedded, startEmbedded } from '../src/db/embedded.ts'
import { systemCtx } from '../src/jobs/relay.ts'

/** An application over a server of its own, set up as `npm start` sets it up, with one account; gone with all its data when disposed of. */
export interface Bench extends AsyncDisposable {
  app: App
  ctx: Ctx
  ownerId: string
}

/** Starts one. The server is durable as in use, so that figures hold what a commit costs. A directory that is named is kept, with what is in it, for the next run. */
export async function openBench({ keptIn, ...overrides }: Overrides & { keptIn?: string | undefined } = {}): Promise<Bench> {
  const dataDir = keptIn ?? (await mkdtemp(join(tmpdir(), 'kith-bench-')))
  const embedded = await startEmbedded({ dataDir })
  const config: Config = {
    production: false,
    host: '127.0.0.1',
    port: 0,
    publicUrl: 'http://127.0.0.1:4000',
    dataDir,
    databaseUrl: embedded.url,
    keysDatabaseUrl: embedded.keysUrl,
    maxConnections: 6,
    preparedStatements: true,
    statementTimeoutMs: 0,
    google: null,
    googleQuota: 'off',
    smtpUrl: null,
    mailFrom: 'Kith <kith@example.test>',
    timeZone: 'UTC',
    controller: { name: '', address: '', email: '', country: 'DE', authority: '', dpo: null, representative: null, processingCountries: ['DE'] },
    blobs: { driver: 'fs' },
    limits: { costCapacity: 1_000_000, costRestorePerSecond: 100_000, anonymousPerMinute: 100_000 },
    metrics: false,
    logLevel: 'warn',
  }
  const databases = { databaseUrl: embedded.url, keysDatabaseUrl: embedded.keysUrl }
  await prepareDatabases(config, { ...databases, embeddedIn: embedded.directory, stop: embedded.stop })
  const app = createApp(
    { ...config, ...databases },
    { masterKeys: [keptIn === undefined ? randomBytes(32) : Buffer.alloc(32, 'bench')], googleClientSecret: null },
    overrides,
  )
  // What commits set off waits: no worker runs beside the measurement.
  Object.assign(app, { relay: { ...app.relay, nudge: () => {} } })
  const { ownerId } = await createAccount(app, {
    subject: 'bench',
    email: 'bench@example.test',
    name: 'Bench',
    locale: 'en-GB',
    timeZone: 'Europe/Berlin',
    region: 'DE',
  })
  return {
    app,
    ownerId,
    ctx: systemCtx(app, ownerId, 'bench'),
    [Symbol.asyncDispose]: async () => {
      await app.close()
      await embedded.stop()
      if (keptIn !== undefined) return
      await removeEmbedded(dataDir)
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** The value below which a share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}
