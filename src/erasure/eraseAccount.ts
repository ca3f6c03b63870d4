import type { App } from '../app.ts'
import { toDate } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { execute, rows, sql } from '../db/client.ts'
import { notifying } from '../db/notices.ts'
import { transaction } from '../db/transaction.ts'
import { endForErasure, type GrantEnd } from '../google/service.ts'
import { systemCtx } from '../jobs/relay.ts'
import { tablesOf } from '../policy/tables.ts'
import { controllerActor, controllerId } from '../privacy/service.ts'
import { dataKeyClasses, shredDataKeys } from '../vault/keys.ts'
import { certify } from './certificate.ts'
import { checkAccount, type Needles, pattern } from './check.ts'
import { dropCheckpoints } from '../events/checkpoints.ts'
import { deleteBlobs, deleteFiles, deleteJobs, mailFilesOf } from './copies.ts'
import { deleteRows } from './deleteRows.ts'
import { walHorizon } from './horizon.ts'
import * as ledger from './ledger.ts'
import { outcomes } from './outcome.ts'
import { countOf, keptClasses, planFor, standing } from './plan.ts'
import { forgetStatistics, tablesSampled } from './statistics.ts'

/** Told before and after each step, and between chunks of rows; tests end the process there. */
export type Watcher = (moment: string) => Promise<void> | void

/** So often Google is asked to end the grant before the erasure goes on without its answer: half an hour, with the waits between tries. */
const googleTries = 5
/** What a process that was still running has written meanwhile is taken away as often as this, before it is called a failure. */
const sweeps = 3

interface Work {
  app: App
  ctx: Ctx
  entry: ledger.LedgerEntry
  ownerId: string
  requestId: string
  watch: Watcher
}

/** The steps of erasing an account, in order. Each finds what it did before, and each is noted in the ledger once it is done. */
const steps: readonly { name: string; run: (work: Work) => Promise<Record<string, unknown>> }[] = [
  { name: 'google', run: endGrant },
  { name: 'credentials', run: dropCredentials },
  { name: 'mail files', run: dropMailFiles },
  { name: 'jobs', run: async ({ app, ownerId }) => ({ deleted: await deleteJobs(app, ownerId) }) },
  { name: 'rows', run: dropRows },
  { name: 'blobs', run: async ({ app, ownerId }) => (await deleteBlobs(app, ownerId), {}) },
  { name: 'keys', run: shred },
  { name: 'statistics', run: forget },
  { name: 'check', run: check },
]

/** The names of the steps, for the tests that end the process at each of them. */
export const stepNames: readonly string[] = [...steps.map(({ name }) => name), 'certificate']

/** Writes the entry that keeps an account from coming back, before anything of it is destroyed; answers the open one if there is one. */
export async function entomb(app: App, ownerId: string, requestId: string): Promise<ledger.LedgerEntry> {
  const open = await ledger.openEntry(app, requestId)
  if (open) return open
  const plan = await planFor(app, ownerId, requestId)
  return ledger.open(app, {
    requestId,
    scope: 'ACCOUNT',
    subjectId: ownerId,
    places: [],
    hashes: [],
    planHash: Buffer.from(plan.version, 'hex'),
    before: Object.fromEntries(plan.items.map(({ name, count }) => [name, count])),
    needles: await needlesOf(app, ownerId),
  })
}

/** Carries out an entry of the ledger, from wherever it stands, and closes it with its certificate. @throws Error when something is left or cannot be reached: then it is not closed */
export async function eraseAccount(app: App, entry: ledger.LedgerEntry, watch: Watcher = () => {}): Promise<string> {
  const ownerId = entry.subjectId
  if (ownerId === null) throw new Error('The entry names no account.')
  const work: Work = { app, ctx: systemCtx(app, ownerId, 'erasure'), entry, ownerId, requestId: entry.requestId, watch }
  const done = await ledger.stepsOf(app, entry.seq)
  for (const { name, run } of steps) {
    await watch(`before ${name}`)
    // The check is made again whenever somebody comes back: what it found then may not hold now.
    if (!done.has(name) || name === 'check') await ledger.noteStep(app, entry.seq, name, await run(work))
    await watch(`after ${name}`)
  }
  await watch('before certificate')
  const jws = await close(work)
  await watch('after certificate')
  return jws
}

/** Does to a database that knows nothing of it what an entry says: after a restore. Nobody is told again, and the certificate stands. */
export async function eraseAgain(app: App, entry: ledger.LedgerEntry): Promise<void> {
  const ownerId = entry.subjectId
  if (ownerId === null) throw new Error('The entry names no account.')
  const work: Work = { app, ctx: systemCtx(app, ownerId, 'erasure again'), entry, ownerId, requestId: entry.requestId, watch: () => {} }
  await dropMailFiles(work)
  await deleteJobs(app, ownerId)
  await dropRows(work)
  await deleteBlobs(app, ownerId)
  await shred(work)
  await forget(work)
  await check(work)
}

async function endGrant({ app, ctx, entry }: Work): Promise<Record<string, unknown>> {
  try {
    return { outcome: await endForErasure(ctx, { insist: true }) }
  } catch (error) {
    if ((await ledger.noteGoogleTry(app, entry.seq)) < googleTries) throw error
    app.log.warn({ requestId: entry.requestId }, 'Google could not be told that a grant has ended; the erasure goes on without.')
    return { outcome: await endForErasure(ctx, { insist: false }) }
  }
}

async function dropCredentials({ app, ctx, ownerId }: Work): Promise<Record<string, unknown>> {
  const deleted = await execute(ctx, sql`DELETE FROM directory_credentials WHERE "ownerId" = ${ownerId}::uuid`)
  await tell(app, ownerId)
  return { deleted }
}

async function dropMailFiles({ app, ownerId, requestId }: Work): Promise<Record<string, unknown>> {
  const paths = await mailFilesOf(app, ownerId, requestId, outcomes(app.policies, tablesOf(app)))
  await deleteFiles(paths)
  return { deleted: paths.length }
}

async function dropRows({ app, ctx, ownerId, requestId, watch }: Work): Promise<Record<string, unknown>> {
  const deleted: Record<string, number> = {}
  for (const outcome of outcomes(app.policies, tablesOf(app))) {
    const count = await deleteRows(ctx, outcome, ownerId, requestId, async () => watch(`within rows: ${outcome.model}`))
    if (count > 0) deleted[outcome.model] = count
  }
  return { deleted }
}

async function shred({ app, ownerId, requestId, entry }: Work): Promise<Record<string, unknown>> {
  const found = outcomes(app.policies, tablesOf(app))
  const counts = new Map<string, number>()
  for (const outcome of found) if (outcome.what === 'EVIDENCE') counts.set(outcome.model, await countOf(app, outcome, ownerId, requestId))
  const kept = keptClasses(found, app, counts)
  // Which there were is noted first: whoever takes this up after it was done finds none.
  const begun = (await ledger.stepsOf(app, entry.seq)).get(keysBegun)?.result['destroyed']
  const destroyed = Array.isArray(begun) ? begun : await dataKeyClasses(app.keys.pool, ownerId, kept)
  await ledger.noteStep(app, entry.seq, keysBegun, { destroyed })
  await shredDataKeys(app.keys.pool, ownerId, kept)
  await tell(app, ownerId)
  await dropCheckpoints(app, ownerId)
  return { destroyed, kept }
}

/** Has every process let go of what it remembers of an account: whom its secrets let in, and its keys. */
async function tell(app: App, ownerId: string): Promise<void> {
  app.notices.hear([ownerId])
  await execute({ app, db: app.database.prisma }, notifying([ownerId]))
}

const keysBegun = 'keys begun'

async function forget({ app, entry, ownerId }: Work): Promise<Record<string, unknown>> {
  const emptied = tablesOf(app).flatMap(({ model, table }) => ((entry.before[model] ?? 0) > 0 ? [`public.${table}`] : []))
  const { own } = await ledger.needlesOf(app, entry.seq)
  await forgetStatistics(app, [...new Set([...emptied, ...(await tablesSampled(app, [ownerId, ...own].map(pattern)))])])
  return {}
}

async function check(work: Work): Promise<Record<string, unknown>> {
  const { app, entry, ownerId, requestId } = work
  const needles = await ledger.needlesOf(app, entry.seq)
  for (let sweep = 1; ; sweep += 1) {
    const kept = (await ledger.stepsOf(app, entry.seq)).get('keys')?.result['kept']
    const report = await checkAccount(app, ownerId, requestId, needles, Array.isArray(kept) ? kept : [])
    if (report.leftovers.length === 0) return { ...report }
    if (sweep === sweeps) throw new Error(`Something is left: ${report.leftovers.map(({ place, count }) => `${place} (${count})`).join(', ')}.`)
    await deleteJobs(app, ownerId)
    await dropRows(work)
    await deleteBlobs(app, ownerId)
    await shredDataKeys(app.keys.pool, ownerId, Array.isArray(kept) ? kept : [])
    await dropCheckpoints(app, ownerId)
    await forget(work)
  }
}

async function close({ app, entry, ownerId, requestId }: Work): Promise<string> {
  const done = await ledger.stepsOf(app, entry.seq)
  const plan = await planFor(app, ownerId, requestId)
  const report = done.get('check')?.result as { tables: number; leftovers: [] } | undefined
  if (!report) throw new Error('Nobody has looked whether anything is left.')
  const id = newId(app.clock)
  const google = (done.get('google')?.result['outcome'] ?? 'NONE') as GrantEnd
  const jws = await certify(app, {
    id,
    entry,
    erased: plan.items.flatMap(({ name, what, count }) => (what === 'EVIDENCE' ? [] : [{ name, before: entry.before[name] ?? 0, after: count }])),
    keysDestroyed: (done.get('keys')?.result['destroyed'] as string[] | undefined) ?? [],
    recipients: google === 'NONE' ? [] : [{ name: 'Google', outcome: googleWords[google] }],
    report,
    retained: [
      // Evidence of the controller's does not say any more whose it is: how much there was is how much there is.
      ...plan.items.flatMap(({ name, kept, what }) => {
        const count = what === 'EVIDENCE' ? (entry.before[name] ?? 0) : 0
        return count === 0 ? [] : kept.map(({ columns, ground, until }) => ({ name, count, what: columns.join(', '), ground, until }))
      }),
      ...standing,
    ],
    wal: await walHorizon(app),
  })
  await keep(app, entry, id, jws)
  return jws
}

/** Stores a certificate and that the entry was carried out here, then closes the entry. */
export async function keep(app: App, entry: ledger.LedgerEntry, id: string, jws: string): Promise<void> {
  const ctx: Ctx = { ...systemCtx(app, controllerId, 'erasure'), actor: controllerActor('erasure') }
  const createdAt = toDate(app.clock.now())
  await transaction(app.database, async (db) => {
    await db.erasureCertificate.upsert({
      where: { ownerId_ledgerSeq: { ownerId: controllerId, ledgerSeq: entry.seq } },
      create: { ownerId: controllerId, id, requestId: entry.requestId, ledgerSeq: entry.seq, jws, createdAt },
      update: { jws },
    })
    await execute(
      { ...ctx, db },
      sql`INSERT INTO applied_erasures (seq, "appliedAt") VALUES (${entry.seq}::bigint, ${createdAt}::timestamptz) ON CONFLICT DO NOTHING`,
    )
  })
  await ledger.close(app, entry.seq, jws)
}

const googleWords: Readonly<Record<GrantEnd, string>> = {
  NONE: '',
  REVOKED: 'The grant was revoked; Google may send nothing more.',
  UNANSWERED: 'Google did not answer. The tokens were forgotten here; the grant can be removed at https://myaccount.google.com/permissions.',
}

async function needlesOf(app: App, ownerId: string): Promise<Needles> {
  const ctx = { app, db: app.database.prisma }
  const accounts = await rows<{ id: string; email: string }>(ctx, sql`SELECT id, email FROM accounts WHERE "ownerId" = ${ownerId}::uuid`)
  const identities = await rows<{ subject: string }>(ctx, sql`SELECT subject FROM google_identities WHERE "ownerId" = ${ownerId}::uuid`)
  const grants = await rows<{ email: string }>(ctx, sql`SELECT email FROM google_grants WHERE "ownerId" = ${ownerId}::uuid`)
  return {
    own: [...accounts.map(({ id }) => id), ...identities.map(({ subject }) => subject)].filter(isTelling),
    shared: [...new Set([...accounts, ...grants].map(({ email }) => email))].filter(isTelling),
  }
}

/** Shorter texts stand in anything. */
function isTelling(text: string): boolean {
  return text.length >= 6
}
