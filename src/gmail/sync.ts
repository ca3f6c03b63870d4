import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, raw, rows, sql } from '../db/client.ts'
import { setOff } from '../events/service.ts'
import { finish, type Run } from '../google/run.ts'
import type { Sync } from '../google/sync.ts'
import { dropInteractions, refreshLastInteractions } from '../interactions/service.ts'
import { catchUp } from './catchUp.ts'
import { fetchSome } from './fetch.ts'
import { beginListing, listAll, sortAll } from './listing.ts'
import { forgetBuried } from './mirror.ts'
import { rematchMail } from './project.ts'
import { nextTry } from './queue.ts'
import { keepWatch, stopWatching } from './watch.ts'

/** How often mail is looked at, seconds, whatever notices come. */
const everySeconds = 10 * 60
/** How often history is looked at while messages are fetched, seconds. */
const lookEverySeconds = 60
/** Gmail may forget a cursor however fresh it is, again and again. All is listed once in this time at most because of it, seconds. */
const listAgainSeconds = 3600

/** The owner's Gmail: all of it is listed once, and what changes is followed from there. */
export function gmailSync(): Sync {
  return {
    resource: 'gmail',
    models: ['GmailMessage', 'GmailAddress', 'GmailFetch', 'GmailSelfAddress', 'GmailMailbox', 'Interaction'],
    run: syncMailbox,
    purge,
    rematch: rematchMail,
    stop: stopWatching,
  }
}

async function syncMailbox(ctx: Ctx, run: Run): Promise<void> {
  if (run.phase === null && (run.cursor === null || run.fullWanted)) await beginListing(ctx, run)
  await keepWatch(ctx)
  if (run.phase === 'list') await listAll(ctx, run)
  if (run.phase === 'sort') await sortAll(ctx, run)
  let known = isCaughtUp(ctx, run) || (await catchUp(ctx, run))
  let next = everySeconds
  if (!known && !isFull(run)) {
    const wait = secondsToListing(ctx, run)
    if (wait > 0) next = wait
    else {
      await beginListing(ctx, run)
      await listAll(ctx, run)
      await sortAll(ctx, run)
      known = await catchUp(ctx, run)
    }
  }
  if (!known && isFull(run)) {
    // All has just been listed: what is missing comes with the next listing.
    run.loops += 1
    ctx.app.log.warn({ stateId: run.id, loops: run.loops }, 'Gmail has forgotten a cursor that it has just given.')
  }
  while (await fetchSome(ctx, run)) continue
  await end(ctx, run, await secondsToNext(ctx, next))
}

/** While much is fetched, turn after turn, history is only looked at once in a while: were it with each turn, what that costs could keep a batch waiting for ever. */
function isCaughtUp(ctx: Ctx, { phase, cursorAt }: Run): boolean {
  return phase === 'fetch' && cursorAt !== null && toInstant(cursorAt).until(ctx.clock.now()).total('seconds') < lookEverySeconds
}

/** How long it is to be waited before all is listed again. */
function secondsToListing(ctx: Ctx, { lastFullAt }: Run): number {
  return lastFullAt ? listAgainSeconds - toInstant(lastFullAt).until(ctx.clock.now()).total('seconds') : 0
}

/** Whether this run has listed everything. */
function isFull(run: Run): boolean {
  return run.tally['pages'] !== undefined
}

async function end(ctx: Ctx, run: Run, everySeconds: number): Promise<void> {
  const { processed, total, loops, cursor } = run
  await finish(ctx, run, { cursor: cursor ?? '', full: isFull(run), everySeconds, place: { loops, total: total === null ? null : processed } }, async (tx) => {
    await forgetBuried(tx)
    await countArrived(tx)
  })
}

/** When the next run comes: sooner than by itself where a message was put off. */
async function secondsToNext(ctx: Ctx, byItself: number): Promise<number> {
  const at = await nextTry(ctx)
  if (!at) return byItself
  // A quarter is taken off again by chance.
  return Math.min(byItself, Math.max(1, ctx.clock.now().until(at).total('seconds')) / 0.75)
}

/** So far back it is looked for mail whose time has come, in case nothing ran for a while. */
const longestPause = { hours: 45 * 24 }

/** Mail that bore a time to come counts once that has passed, without anything having changed at Google. */
async function countArrived(tx: Ctx): Promise<void> {
  const now = tx.clock.now()
  const due = await rows<{ contactId: string }>(
    tx,
    sql`SELECT DISTINCT ic."contactId" FROM interactions AS i
        JOIN interaction_contacts AS ic ON ic."ownerId" = i."ownerId" AND ic."interactionId" = i.id JOIN contacts AS c ON c."ownerId" = ic."ownerId" AND c.id = ic."contactId"
        WHERE i."ownerId" = ${ownerOf(tx)}::uuid AND i.source = 'GMAIL' AND i."occurredAt" > i."createdAt" AND i."occurredAt" <= ${toDate(now)}::timestamptz AND i."occurredAt" > ${toDate(now.subtract(longestPause))}::timestamptz
          AND ic.counted AND (c."lastInteractionAt" IS NULL OR c."lastInteractionAt" < i."occurredAt")`,
  )
  await refreshLastInteractions(
    tx,
    due.map(({ contactId }) => contactId),
  )
}

const tables = ['gmail_addresses', 'gmail_messages', 'gmail_fetches', 'gmail_self_addresses', 'gmail_mailboxes'] as const

async function purge(tx: Ctx): Promise<void> {
  const ownerId = ownerOf(tx)
  await dropInteractions(tx, 'GMAIL', 'all')
  for (const table of tables) await execute(tx, sql`DELETE FROM ${raw(table)} WHERE "ownerId" = ${ownerId}::uuid`)
  setOff(tx, { kind: 'gmail.directory', payload: {} })
}
