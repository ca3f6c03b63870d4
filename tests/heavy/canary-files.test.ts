import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { prepareDatabases } from '../../src/db/databases.ts'
import type { Embedded } from '../../src/db/embedded.ts'
import { startScratch } from '../../src/db/embedded-scratch.ts'
import { createGoogleClient } from '../../src/google/client.ts'
import { plant, type Planted } from '../canary/plant.ts'
import { inFiles, staysByRule } from '../canary/scan.ts'
import { type Kith, submit } from '../privacy/support.ts'
import { testApp, testConfig } from '../support/app.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
let scratch: Embedded
let kith: Kith
let ada: Planted
let bob: Planted

beforeAll(async () => {
  scratch = await startScratch()
  const databases = { url: scratch.url, keysUrl: scratch.keysUrl, drop: async () => {} }
  await prepareDatabases(testConfig(''), { databaseUrl: scratch.url, keysDatabaseUrl: scratch.keysUrl, embeddedIn: scratch.directory, stop: async () => {} })
  const google = { ...createGoogleClient(testConfig(''), { masterKeys: [], googleClientSecret: null } as never), revoke: async () => {} }
  kith = Object.assign(await testApp({ clock, google, databases }), { clock })
  const people = ['grace.first@example.test', 'henry.second@example.test']
  ada = await plant(kith.app, await kith.signUp(), people)
  bob = await plant(kith.app, await kith.signUp(), people)
}, 120_000)
afterAll(async () => {
  await kith.close()
  await scratch.stop()
})

/** Writes every table anew and everything to its file, as an administrator would: what no row holds any more is in no file then. */
async function rewriteFiles(): Promise<void> {
  for (const url of [scratch.url, scratch.keysUrl]) {
    const there = new URL(scratch.adminUrl)
    there.pathname = new URL(url).pathname
    const client = new pg.Client({ connectionString: there.href })
    await client.connect()
    await client.query('ANALYZE')
    await client.query('VACUUM FULL')
    await client.query('CHECKPOINT')
    await client.end()
  }
}
const files = () => [join(scratch.directory, 'data', 'base'), join(scratch.directory, 'data', 'global'), kith.app.config.dataDir]
/** Google's own ids are texts, whatever they look like. */
const textIds: readonly string[] = ['GmailMessage.id', 'GmailFetch.id']
/** Ids and instants lie in the files as numbers and not as texts; their bytes are looked for. */
const written = ({ canaries }: Planted) =>
  canaries
    .filter(({ sealed, token }) => !sealed && !token.startsWith('24'))
    .map((canary) => {
      if (textIds.includes(canary.place)) return canary
      const hex = canary.token.replaceAll('-', '')
      return /^[0-9a-f]{32}$|^[0-9a-f]{64}$/.test(hex) ? { ...canary, token: Buffer.from(hex, 'hex').toString('latin1') } : canary
    })
/** The ids that pictures' files are called by, as texts. */
const pictures = ({ canaries }: Planted) => canaries.filter(({ place }) => place === 'Avatar.id')

test(
  '[S-21] [F-38] after an erasure and VACUUM FULL no file of either database, no blob and no mail holds a canary of the account',
  { timeout: 300_000 },
  async () => {
    await rewriteFiles()
    const before = new Set((await inFiles(files(), written(ada))).map(({ canary }) => canary.token))
    expect(
      written(ada)
        .filter(({ token }) => !before.has(token))
        .map(({ place }) => place),
    ).toEqual([])

    const kept = async (planted: Planted) => new Set((await inFiles([kith.app.config.dataDir], pictures(planted))).map(({ canary }) => canary.token))
    expect(pictures(ada).length).toBeGreaterThan(0)
    expect((await kept(ada)).size).toBe(pictures(ada).length)

    await submit(kith, ada.who, { type: 'ERASURE' })
    await kith.runJobs({ mayFail: true })
    await rewriteFiles()
    const left = (await inFiles(files(), [...written(ada), ...pictures(ada)])).filter(({ canary }) => !staysByRule(kith.app, canary))
    expect(left.map(({ canary, where }) => `${canary.place} in ${where}`)).toEqual([])
    const others = new Set((await inFiles(files(), written(bob))).map(({ canary }) => canary.token))
    expect(
      written(bob)
        .filter(({ token }) => !others.has(token))
        .map(({ place }) => place),
    ).toEqual([])
    expect((await kept(bob)).size).toBe(pictures(bob).length)
  },
)
