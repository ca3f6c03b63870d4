import type { Ctx } from '../core/ctx.ts'
import { readGrant } from '../google/accessToken.ts'
import { counted, moveCursor, type Run, step } from '../google/run.ts'
import { getProfile, listMessages } from './api.ts'
import { bulkLabels } from './bulk.ts'
import { putMailbox } from './mailbox.ts'
import { hideUnseen, lastListing, readKnown, sortIn, sortOut, touchMessages } from './mirror.ts'
import { projectAddresses, projectMessages, settle } from './project.ts'
import { dequeueUnseen, enqueue } from './queue.ts'
import { learnSelf } from './self.ts'

/** Begins a listing of the whole mailbox. Where its history stands is read before anything is listed, so that what happens meanwhile is found there. */
export async function beginListing(ctx: Ctx, run: Run): Promise<void> {
  const { email, historyId, messagesTotal } = await getProfile(ctx)
  const grant = await readGrant(ctx)
  const place = {
    phase: 'list',
    pageToken: null,
    baselineCursor: historyId,
    runId: Math.max(run.runId, await lastListing(ctx)) + 1,
    processed: 0,
    total: messagesTotal,
    tally: {},
  }
  await step(ctx, run, place, async (tx) => {
    await putMailbox(tx, email)
    await projectAddresses(tx, await learnSelf(tx, [email, ...(grant ? [grant.email] : [])]))
  })
}

/** Lists all messages, page by page: those that are new are queued. With the last page, what none has shown is hidden, and the cursor moves to where the listing began. @throws GoogleFailure, GrantEnded, LeaseLost, Yield */
export async function listAll(ctx: Ctx, run: Run): Promise<void> {
  while (run.phase === 'list') {
    const { messages, nextPageToken } = await listMessages(ctx, { pageToken: run.pageToken })
    const { runId, baselineCursor } = run
    const known = await readKnown(
      ctx,
      messages.map(({ id }) => id),
    )
    // What lay in the trash lies there no more; a draft and a chat are listed, and stay what they are.
    const fresh = messages.filter(({ id }) => {
      const message = known.get(id)
      return !message || (message.state === 'HIDDEN' && !message.labels.some((label) => label === 'DRAFT' || label === 'CHAT'))
    })
    const tally = counted(run.tally, { pages: 1, listed: messages.length, known: known.size })
    const processed = run.processed + messages.length - fresh.length
    const savePage = async (tx: Ctx): Promise<void> => {
      await touchMessages(tx, [...known.keys()], runId)
      await enqueue(tx, fresh, { place: tally['pages'] ?? 0, runId })
    }
    if (nextPageToken !== null) {
      await step(ctx, run, { pageToken: nextPageToken, processed, total: Math.max(run.total ?? 0, tally['listed'] ?? 0), tally }, savePage)
      continue
    }
    if (baselineCursor === null) throw new Error('A listing begins with a baseline.')
    // What is fetched only now has its labels as they are.
    const isFirst = tally['known'] === undefined
    await step(
      ctx,
      run,
      {
        phase: isFirst ? 'history' : 'sort',
        pageToken: null,
        paramsHash: isFirst ? null : (bulkLabels[0] ?? null),
        baselineCursor: null,
        processed,
        total: tally['listed'] ?? 0,
        tally,
      },
      async (tx) => {
        await savePage(tx)
        const hidden = await hideUnseen(tx, runId)
        await dequeueUnseen(tx, runId)
        await moveCursor(tx, run, baselineCursor)
        const sent = hidden.filter(({ labels }) => labels.includes('SENT'))
        await settle(tx, { ids: hidden.map(({ id }) => id), sentIn: [...new Set(sent.map(({ threadId }) => threadId))], sentFrom: [] })
      },
    )
    run.cursor = baselineCursor
    return
  }
}

/** Lists what Gmail has sorted out as bulk, label by label: of messages that are known this may have changed while nobody looked, and nothing else of them can. @throws GoogleFailure, GrantEnded, LeaseLost, Yield */
export async function sortAll(ctx: Ctx, run: Run): Promise<void> {
  while (run.phase === 'sort' && run.paramsHash !== null) {
    const label = run.paramsHash
    const place = bulkLabels.indexOf(label)
    const pass = run.runId * bulkLabels.length + place
    const { messages, nextPageToken } = await listMessages(ctx, { pageToken: run.pageToken, label })
    const next = nextPageToken === null ? bulkLabels[place + 1] : label
    await step(ctx, run, { phase: next === undefined ? 'history' : 'sort', pageToken: nextPageToken, paramsHash: next ?? null }, async (tx) => {
      const sorted = await sortIn(
        tx,
        messages.map(({ id }) => id),
        { label, pass },
      )
      const changed = nextPageToken === null ? [...sorted, ...(await sortOut(tx, { label, pass }))] : sorted
      await projectMessages(tx, changed)
    })
  }
}
