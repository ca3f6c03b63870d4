import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDownloadLink, openDownload } from '../../src/archive/service.ts'
import { applyDrafts } from '../../src/contacts/drafts.ts'
import { inTransaction } from '../../src/events/service.ts'
import { submit } from '../../src/privacy/requests.ts'
import { personOf } from '../../bench/people.ts'
import { bagFaults, recordsIn, storedArchives, unpack } from '../archive/support.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

let kith: TestApp
let who: Person
const contacts = 1500
beforeAll(async () => {
  kith = await testApp()
  who = await kith.signUp()
  await inTransaction(who.ctx, (tx) =>
    applyDrafts(
      tx,
      Array.from({ length: contacts }, (_, number) => ({
        contactId: null,
        draft: personOf(number),
        source: { kind: 'IMPORT' as const, externalId: `kill:${number}`, raw: '{}', fingerprint: Buffer.alloc(32, number) },
      })),
    ),
  )
})
afterAll(() => kith.close())

/** Runs a worker until it has come to a step, and kills it there. */
async function killAt(step: string, requestId: string): Promise<void> {
  const key = Buffer.from(kith.app.secrets.masterKeys[0]!).toString('base64')
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      'tests/heavy/archive-child.ts',
      JSON.stringify({ config: { ...kith.app.config }, key, ownerId: who.ownerId, requestId }),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(child, 'exit')
  const steps: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    steps.push(line)
    if (line === step) child.kill('SIGKILL')
  }
  const [, signal] = await ended
  expect(signal, `it came to ${steps.join(', ')}`).toBe('SIGKILL')
}

const rowOf = (requestId: string) => kith.app.database.prisma.archive.findUnique({ where: { ownerId_id: { ownerId: who.ownerId, id: requestId } } })

test.each(['cleared', 'begun', 'storing', 'stored', 'ready'])(
  '[S-23] an archive whose worker is killed at the step %s is whole once the next worker has ended, and there once',
  { timeout: 120_000 },
  async (step) => {
    const { id } = await submit(who.ctx, { type: step === 'begun' ? 'PORTABILITY' : 'ACCESS' })
    await killAt(step, id)
    const left = await rowOf(id)
    // Half of one is never called whole, and nobody gets at it.
    if (step === 'ready') expect(left?.state).toBe('READY')
    else {
      expect(left?.state ?? 'BUILDING').toBe('BUILDING')
      await expect(createDownloadLink(who.ctx, id)).rejects.toThrow('no archive to fetch')
    }
    await kith.runJobs()
    expect(await rowOf(id)).toMatchObject({ state: 'READY' })
    expect(await storedArchives(kith, who.ownerId)).toBe(1)
    const { url } = await createDownloadLink(who.ctx, id)
    const { content } = await openDownload(who.ctx, url.split('/').at(-1) ?? '')
    const files = await unpack(Buffer.concat(await Array.fromAsync(content)))
    expect(bagFaults(files)).toEqual([])
    expect(recordsIn(files, 'Contact')).toHaveLength(contacts)
    await kith.runJobs()
    expect(await storedArchives(kith, who.ownerId)).toBe(0)
  },
)
