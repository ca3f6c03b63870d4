import { applyDrafts, fingerprintOf } from '../contacts/drafts.ts'
import type { SourcedDraft } from '../contacts/sources.ts'
import { isPermitted } from '../consent/service.ts'
import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, sql } from '../db/client.ts'
import { inTransaction, record } from '../events/service.ts'
import { withAccessToken } from './accessToken.ts'
import { type FailureKind, GoogleFailure, GrantEnded } from './failure.ts'
import { purposeOfFeature, scopesOf } from './features.ts'
import { type ConnectionsPage, listConnections, listLabels, paramsHashOf, type Person } from './people.ts'
import { contentOf, draftOfPerson } from './personDraft.ts'
import { queuePhotos } from './photos.ts'
import { setbackOf } from './setback.ts'
import { advance, claimRun, completeRun, LeaseLost, pauseRun, type Progress, type Run, scheduleSync } from './syncState.ts'

/** The most that Google lists at once. */
const largestPage = 1000

/**
 * Brings the owner's Google contacts in, page by page; each page commits with the place of the next, so that whoever comes after a crash goes on there.
 * A failure lets go of the run and says when it goes on.
 */
export async function importContacts(ctx: Ctx, stateId: string, { pageSize = largestPage } = {}): Promise<void> {
  const run = await claimRun(ctx, stateId)
  if (run) {
    try {
      await readPages(ctx, run, pageSize)
    } catch (error) {
      await settle(ctx, run, error)
    }
  }
  await scheduleSync(ctx, stateId)
}

async function readPages(ctx: Ctx, run: Run, pageSize: number): Promise<void> {
  const paramsHash = paramsHashOf(pageSize)
  // A place in a list that was asked for otherwise is none in this one.
  const resumes = run.paramsHash === paramsHash && run.pageToken !== null
  let progress: Progress = resumes ? { ...run, paramsHash } : { processed: 0, total: null, pageToken: null, paramsHash, runId: run.runId }
  const labels = await withAccessToken(ctx, (token) => listLabels(ctx.app, token))
  for (;;) {
    const { pageToken } = progress
    const page = await withAccessToken(ctx, (token) => listConnections(ctx.app, token, { pageToken, pageSize }))
    // An end without the token of the next run would be an end that nothing can follow.
    if (page.nextPageToken === null && page.nextSyncToken === null) throw new GoogleFailure('unavailable', 'a last page without a sync token')
    progress = await savePage(ctx, run, page, progress, labels)
    run.pageToken = progress.pageToken
    run.failures = 0
    if (page.nextPageToken === null) return
  }
}

async function savePage(ctx: Ctx, run: Run, page: ConnectionsPage, before: Progress, labels: ReadonlyMap<string, string>): Promise<Progress> {
  const vault = await ctx.app.vault.of(ownerOf(ctx))
  const read = page.people.map((person) => ({ person, ...draftOfPerson(person, labels) }))
  const drafts = read.map(({ person, draft }): SourcedDraft => ({
    contactId: null,
    draft,
    source: { kind: 'GOOGLE', externalId: nameOf(person), raw: JSON.stringify(person), fingerprint: fingerprintOf(vault, contentOf(person, draft.tags)) },
  }))
  const progress = { ...before, processed: before.processed + page.people.length, total: page.total ?? before.total, pageToken: page.nextPageToken }
  await inTransaction(ctx, async (tx) => {
    await advance(tx, run, progress)
    // Each page is a use of its own: a consent that is gone by now stops the run here.
    if (!(await isPermitted(tx, purposeOfFeature.CONTACTS))) throw new LeaseLost()
    const applied = await applyDrafts(tx, drafts)
    await queuePhotos(
      tx,
      read.flatMap(({ person, photoUrl }, index) => {
        const result = applied[index]
        return !result || result.outcome === 'SKIPPED' ? [] : [{ contactId: result.contactId, person: nameOf(person), url: photoUrl }]
      }),
    )
    if (page.nextPageToken !== null || page.nextSyncToken === null) return
    await completeRun(tx, run, page.nextSyncToken)
    record(tx, { type: 'google.contactsImported', entityType: 'GoogleSyncState', entityId: run.id, changed: ['cursor', 'status'] })
  })
  return progress
}

function nameOf(person: Person): string {
  return person.resourceName ?? ''
}

async function settle(ctx: Ctx, run: Run, error: unknown): Promise<void> {
  if (error instanceof LeaseLost) return
  // Whoever found out has written down that the grant has ended; a run that began after that ends here.
  if (error instanceof GrantEnded) {
    await pauseRun(ctx, run, { status: 'NEEDS_REAUTHORIZATION', errorCode: 'NEEDS_REAUTHORIZATION', nextRunAt: null, failures: 0 })
    return
  }
  const expected = error instanceof GoogleFailure
  const setback = setbackOf(error, run, ctx.clock)
  const held = await pauseRun(ctx, run, setback)
  if (held && expected && isOf(error, 'scope')) await forgetScopes(ctx)
  const said = { stateId: run.id, errorCode: setback.errorCode, failures: setback.failures }
  if (expected) ctx.app.log.info({ ...said, reason: error.message }, 'An import from Google pauses.')
  else ctx.app.log.error({ ...said, err: error }, 'An import from Google failed for a reason of our own and will be tried again.')
}

function isOf(error: GoogleFailure, kind: FailureKind): boolean {
  return error.kind === kind
}

/** Google has said that the contacts are not granted any more: what we remember follows. */
async function forgetScopes(ctx: Ctx): Promise<void> {
  await execute(
    ctx,
    sql`UPDATE google_grants SET "grantedScopes" = ARRAY(SELECT s FROM unnest("grantedScopes") AS s WHERE s <> ALL(${scopesOf(['CONTACTS'])}::text[])), "updatedAt" = ${toDate(ctx.clock.now())}::timestamptz WHERE "ownerId" = ${ownerOf(ctx)}::uuid`,
  )
}
