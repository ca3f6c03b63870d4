import type { Ctx } from '../core/ctx.ts'
import { GoogleFailure } from '../google/failure.ts'
import { moveCursor, type Run, step } from '../google/run.ts'
import { type Change, type HistoryPage, listHistory } from './api.ts'
import { applyChanges } from './changes.ts'

/**
 * Takes over what has happened since the cursor. It moves with the last page, to where history stood when the first was read: what happened in between comes
 * once more. Answers false when Gmail does not remember that far back. @throws GoogleFailure, GrantEnded, LeaseLost, Yield
 */
export async function catchUp(ctx: Ctx, run: Run): Promise<boolean> {
  const since = run.cursor
  if (since === null) throw new Error('There is a cursor once a listing has ended.')
  let pageToken = run.phase === 'history' ? run.pageToken : null
  let target = pageToken === null ? null : run.baselineCursor
  // A run that lists nothing has as much to do as it finds.
  if (run.phase === null) run.total = 0
  for (;;) {
    const page = await readPage(ctx, since, pageToken)
    if (page === 'forgotten') return false
    if (page === 'lost') {
      // The place in the list is not good any more: what was taken over from it comes again, and changes nothing.
      pageToken = null
      target = null
      continue
    }
    target ??= page.historyId
    pageToken = page.nextPageToken
    const cursor: string = target
    if (pageToken === null && page.changes.length === 0 && cursor === since && run.phase === null) {
      run.loops = 0
      return true
    }
    await commitPage(ctx, run, { changes: page.changes, cursor, pageToken })
    if (pageToken === null) {
      run.cursor = cursor
      return true
    }
  }
}

/** A page of history; `forgotten` when Gmail does not remember that far back, `lost` when it does not know the place in the list any more. */
async function readPage(ctx: Ctx, since: string, pageToken: string | null): Promise<HistoryPage | 'forgotten' | 'lost'> {
  try {
    return await listHistory(ctx, { since, pageToken })
  } catch (error) {
    if (error instanceof GoogleFailure && error.kind === 'missing') return 'forgotten'
    if (error instanceof GoogleFailure && error.kind === 'refused' && pageToken !== null) return 'lost'
    throw error
  }
}

interface Page {
  changes: readonly Change[]
  cursor: string
  /** Of the page that follows. */
  pageToken: string | null
}

/** Commits a page with its place; the tally counts what it came to. */
async function commitPage(ctx: Ctx, run: Run, { changes, cursor, pageToken }: Page): Promise<void> {
  const place =
    pageToken === null ? { phase: 'fetch', pageToken, baselineCursor: null, loops: 0 } : { phase: 'history', pageToken, baselineCursor: cursor, loops: 0 }
  let queued = 0
  try {
    await step(ctx, run, place, async (tx, count) => {
      const found = await applyChanges(tx, changes, run.runId)
      queued = found.queued
      count(found)
      if (pageToken === null) await moveCursor(tx, run, cursor)
    })
  } finally {
    // Written down with the next step.
    if (run.total !== null) run.total += queued
  }
}
