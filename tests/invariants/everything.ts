import { acknowledgePolicy, policyTemplate, publishPolicy } from '../../src/policies/service.ts'
import { completedEntry } from '../../src/erasure/ledger.ts'
import { controllerId } from '../../src/privacy/service.ts'
import { erase } from '../../src/erasure/execute.ts'
import { erasePersonAgain } from '../../src/erasure/erasePerson.ts'
import { exportContacts } from '../../src/exchange/export.ts'
import { fetchArchive } from '../archive/support.ts'
import { identifierHashes, rebuildPersons } from '../../src/directory/persons.ts'
import { verifyLedgers } from '../../src/consent/verify.ts'
import { rebuildUnsubscribes } from '../../src/deliveries/unsubscribe.ts'
import { rebuildDirectories } from '../../src/directory/rebuild.ts'
import { dueSources, jobs } from '../../src/domains.ts'
import { chains } from '../../src/erasure/service.ts'
import { verifyCheckpoints } from '../../src/events/checkpoints.ts'
import { verifyChains } from '../../src/events/verify.ts'
import { rebuildDues } from '../../src/jobs/rebuild.ts'
import { verifyJournals } from '../../src/privacy/verifyJournal.ts'
import { png } from '../avatars/pictures.ts'
import { randomUUID } from 'node:crypto'
import { startSession } from '../../src/accounts/sessions.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { uploadAvatar } from '../../src/avatars/service.ts'
import { expect } from 'vitest'
import { createContacts } from '../../src/contacts/service.ts'
import type { fixedClock } from '../../src/core/clock.ts'
import type { TestApp } from '../support/app.ts'
import { call, calls, makeWorld, rootFields } from './world.ts'

/** Does everything that can be done without a Google account: each field of the API, every job, what is downloaded, a month going by, and erasures. */
export async function callEverything(kith: TestApp & { clock: ReturnType<typeof fixedClock> }): Promise<void> {
  const world = await makeWorld(kith, 'adaquartz')
  const { who } = world
  await uploadAvatar(
    who.ctx,
    (await createContacts(who.ctx, [{ name: { given: 'Pictured' } }], 'REJECT_ALL')).map((made) => ('contactId' in made ? made.contactId : ''))[0] ?? '',
    png(2),
  )
  for (const name of [...rootFields.filter((each) => each.startsWith('Query.')), ...Object.keys(calls).filter((each) => each.startsWith('Mutation.'))]) {
    const own = (thing: keyof typeof world.ids): string => world.ids[thing]
    for (const args of calls[name]?.(own, own, (what) => `${world.mark} ${what}`) ?? []) {
      const { errors } = await call(kith, who, name, args)
      // Google is not configured here; what it needs has tests of its own.
      if (name !== 'Mutation.googleConnect') expect(errors, `${name} ${JSON.stringify(args)}`).toBeUndefined()
    }
    await kith.runJobs()
  }
  await who.graphql('mutation { accountUpdate(input: { name: "Other" }) { __typename } }', {}, { headers: { 'idempotency-key': randomUUID() } })
  for await (const _part of exportContacts(who.ctx, 'VCARD')) continue
  for await (const _part of exportContacts(who.ctx, 'CSV')) continue
  const { sessionId } = await startSession(kith.app, who.ownerId, { userAgent: null })
  await fetchArchive(kith, { ...who, ctx: { ...who.ctx, actor: { kind: 'user', ownerId: who.ownerId, sessionId } } })
  kith.clock.advance({ days: 40 })
  await kith.runJobs()
  const { hash } = await publishPolicy(kith.app, { text: await policyTemplate(), reason: 'First', material: false })
  await acknowledgePolicy(who.ctx, { hash: Buffer.from(hash).toString('hex'), method: 'test' })
  await publishPolicy(kith.app, { text: `${await policyTemplate()}\nMore.\n`, reason: 'Second', material: true })
  for (const job of jobs.filter(({ cron }) => cron)) await job.run(systemCtx(kith.app, '00000000-0000-0000-0000-000000000000', job.name), {} as never)
  // Last of all a person of the address book is erased, as after a restore too, and then the account.
  const ctx = systemCtx(kith.app, controllerId, 'test')
  const erasing = { type: 'ERASURE', regime: 'GDPR', details: { identifiers: ['x@example.test'] } as never, decision: [] } as const
  const person = {
    requestId: randomUUID(),
    subject: { kind: 'PERSON', places: [], hashes: await identifierHashes(kith.app, [{ kind: 'email', value: 'x@example.test' }]) },
  } as const
  await erase(ctx, { ...erasing, ...person })
  await erasePersonAgain(kith.app, (await completedEntry(kith.app, person.requestId)) ?? expect.fail('There is no entry.'))
  await erase(ctx, { ...erasing, requestId: randomUUID(), subject: { kind: 'USER', ownerId: who.ownerId } })

  // What the commands do that go through all accounts.
  for (let more = 0; more < 4; more += 1) await kith.signUp()
  kith.clock.advance({ hours: 2 })
  await rebuildDirectories(kith.app)
  await rebuildPersons(kith.app)
  await rebuildUnsubscribes(kith.app)
  await rebuildDues(kith.app, dueSources)
  await verifyChains(kith.app)
  await verifyJournals(kith.app)
  await verifyLedgers(kith.app)
  await verifyCheckpoints(kith.app, chains)
}
