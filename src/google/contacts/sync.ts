import { applyDrafts, fingerprintOf } from '../../contacts/drafts.ts'
import type { SourcedDraft } from '../../contacts/sources.ts'
import { type Ctx, ownerOf } from '../../core/ctx.ts'
import { record } from '../../events/service.ts'
import { GoogleFailure } from '../failure.ts'
import { counted, finish, type Place, type Run, step } from '../run.ts'
import type { Sync } from '../sync.ts'
import { type ConnectionsPage, listConnections, listLabels, paramsHashOf, type Person } from './people.ts'
import { contentOf, draftOfPerson } from './personDraft.ts'
import { queuePhotos } from './photos.ts'

/** The most that Google lists at once. */
const largestPage = 1000
/** How often the address book is looked at, seconds. */
const everySeconds = 10 * 60

/** The owner's Google contacts, page by page; each page commits with the place of the next. */
export function contactsSync({ pageSize = largestPage } = {}): Sync {
  return {
    resource: 'contacts',
    everySeconds,
    run: (ctx, run) => readPages(ctx, run, pageSize),
    purge: async () => {},
  }
}

async function readPages(ctx: Ctx, run: Run, pageSize: number): Promise<void> {
  const paramsHash = paramsHashOf(pageSize)
  // A place in a list that was asked for otherwise is none in this one.
  const resumes = run.phase === 'list' && run.paramsHash === paramsHash && run.pageToken !== null
  let place: Partial<Place> = resumes ? {} : { phase: 'list', processed: 0, total: null, pageToken: null, paramsHash, runId: run.runId + 1, tally: {} }
  const labels = await listLabels(ctx)
  for (;;) {
    const pageToken = place.pageToken === undefined ? run.pageToken : place.pageToken
    const page = await listConnections(ctx, { pageToken, pageSize })
    // An end without the token of the next run would be an end that nothing can follow.
    if (page.nextPageToken === null && page.nextSyncToken === null) throw new GoogleFailure('unavailable', 'a last page without a sync token')
    const before = { ...run, ...place }
    place = { ...place, processed: before.processed + page.people.length, total: page.total ?? before.total, pageToken: page.nextPageToken }
    if (page.nextPageToken !== null) {
      await step(ctx, run, place, (tx) => savePage(tx, page, labels))
      place = {}
      continue
    }
    await finish(
      ctx,
      run,
      { cursor: page.nextSyncToken ?? '', full: true, everySeconds, place: { ...place, tally: counted(before.tally, { listed: page.people.length }) } },
      async (tx) => {
        await savePage(tx, page, labels)
        record(tx, { type: 'google.contactsImported', entityType: 'GoogleSyncState', entityId: run.id, changed: ['cursor', 'status'] })
      },
    )
    return
  }
}

async function savePage(tx: Ctx, page: ConnectionsPage, labels: ReadonlyMap<string, string>): Promise<void> {
  const vault = await tx.app.vault.of(ownerOf(tx))
  const read = page.people.map((person) => ({ person, ...draftOfPerson(person, labels) }))
  const drafts = read.map(({ person, draft }): SourcedDraft => ({
    contactId: null,
    draft,
    source: { kind: 'GOOGLE', externalId: nameOf(person), raw: JSON.stringify(person), fingerprint: fingerprintOf(vault, contentOf(person, draft.tags)) },
  }))
  const applied = await applyDrafts(tx, drafts)
  await queuePhotos(
    tx,
    read.flatMap(({ person, photoUrl }, index) => {
      const result = applied[index]
      return !result || result.outcome === 'SKIPPED' ? [] : [{ contactId: result.contactId, person: nameOf(person), url: photoUrl }]
    }),
  )
}

function nameOf(person: Person): string {
  return person.resourceName ?? ''
}
