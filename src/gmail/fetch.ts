import type { Ctx } from '../core/ctx.ts'
import { drain, mostAtOnce } from '../google/budget.ts'
import { quotas } from '../google/quota.ts'
import { counted, type Run, step } from '../google/run.ts'
import { Yield } from '../google/yield.ts'
import { fetchBatch, type PartResult } from './fetchBatch.ts'
import { beGentle, isGentle } from './mailbox.ts'
import { type Metadata, readMessage } from './message.ts'
import { chunkSize, putMessages } from './mirror.ts'
import { batchesOf, type Part, planParts, type Wanted } from './plan.ts'
import { settle } from './project.ts'
import { dequeue, nextWanted, putOff } from './queue.ts'
import { wantsSubjects } from './subjects.ts'

/** So many calls one batch holds: with a hundred Gmail says at once that they are too many. */
const batchSize = 25
/** So many once it has said so with fewer. */
const gentleSize = 10
/** A message that is not there may only be so new that Google does not find it yet: how long it is given each time, seconds. After that it is taken for deleted. */
const missingWaits = [5, 60, 600]
/** How long a message is put off that Google cannot show, doubled each time, and the longest; seconds. */
const brokenWait = 5
const longestBrokenWait = 3600

/** What has been had of the queue. */
interface Haul {
  messages: Metadata[]
  /** Not there. */
  missing: Wanted[]
  /** Not to be had now. */
  broken: Wanted[]
  /** Gmail found a batch too large. */
  tooLarge: boolean
  /** Why no more could be had. */
  stopped: unknown
}

/** Fetches some of what waits and commits it, with its interactions; answers false when nothing is left that could be fetched now. @throws GoogleFailure, GrantEnded, LeaseLost, Yield: what had come by then is committed */
export async function fetchSome(ctx: Ctx, run: Run): Promise<boolean> {
  const wanted = await nextWanted(ctx, chunkSize)
  if (wanted.length === 0) return false
  const parts = planParts(wanted, quotas[ctx.app.config.googleQuota].gmail)
  const size = (await isGentle(ctx)) ? gentleSize : batchSize
  const haul: Haul = { messages: [], missing: [], broken: [], tooLarge: false, stopped: null }
  const subjects = await wantsSubjects(ctx)
  for (const batch of batchesOf(parts, { size, units: mostAtOnce(ctx, 'gmail') })) {
    try {
      await sort(ctx, haul, batch, await fetchBatch(ctx, batch, { subjects }))
    } catch (error) {
      haul.stopped = error
    }
    if (haul.stopped) break
  }
  const { failures } = run
  try {
    await keep(ctx, run, haul)
  } catch (error) {
    // The turn is over, and what stopped it says when the next may begin.
    if (!(error instanceof Yield && haul.stopped)) throw error
  }
  if (!haul.stopped) return true
  // Where Google goes on refusing, the waits grow, whatever it lets through in between.
  run.failures = failures
  throw haul.stopped
}

/** Sorts the answers of a batch. */
async function sort(ctx: Ctx, haul: Haul, parts: readonly Part[], results: readonly PartResult[]): Promise<void> {
  const failures = results.flatMap((result) => ('failure' in result ? [result.failure] : []))
  // Google is down, not one message of it.
  const isDown = parts.length > 1 && failures.length === parts.length && failures.every(({ kind }) => kind === 'unavailable')
  if (isDown) throw failures[0]
  for (const [place, part] of parts.entries()) {
    const result = results[place]
    if (!result || 'failure' in result) {
      const kind = result?.failure.kind
      if (kind === 'missing') haul.missing.push(...part.wanted)
      else if (kind === 'unavailable' || kind === 'refused' || kind === 'expired' || !result) haul.broken.push(...part.wanted)
      else haul.stopped ??= result.failure
      continue
    }
    const had = new Map(result.messages.map((message) => [message.id, message]))
    for (const each of part.wanted) {
      const message = had.get(each.id)
      if (message) haul.messages.push(readMessage(message))
      else haul.missing.push(each)
    }
  }
  const limited = failures.filter(({ kind }) => kind === 'rate')
  if (limited.length > 0) {
    await drain(ctx, 'gmail')
    haul.tooLarge = limited.length < parts.length
    // The longest wait that any of them asks for.
    haul.stopped = limited.reduce((one, other) => ((other.retryAfterSeconds ?? 0) > (one.retryAfterSeconds ?? 0) ? other : one))
  }
}

async function keep(ctx: Ctx, run: Run, { messages, missing, broken, tooLarge }: Haul): Promise<void> {
  if (messages.length + missing.length + broken.length === 0) return
  const given = missing.filter(({ attempts }) => attempts >= missingWaits.length)
  const done = [...messages, ...given].map(({ id }) => id)
  const hidden = messages.filter((message) => message.hidden).length
  const tally = counted(run.tally, {
    fetched: messages.length - hidden,
    'skipped.hidden': hidden,
    'skipped.missing': given.length,
    'skipped.address': messages.reduce((sum, { dropped }) => sum + dropped, 0),
  })
  const work = async (tx: Ctx): Promise<void> => {
    const changed = new Set(await putMessages(tx, messages, { seenRun: run.runId, subjects: await wantsSubjects(tx, { locked: true }) }))
    await dequeue(tx, done)
    await putOff(tx, [
      ...missing.filter((each) => !given.includes(each)).map(({ id, attempts }) => ({ id, seconds: missingWaits[attempts] ?? 0 })),
      ...broken.map(({ id, attempts }) => ({ id, seconds: Math.min(longestBrokenWait, brokenWait * 2 ** Math.min(attempts, 20)) })),
    ])
    if (tooLarge) await beGentle(tx)
    const sent = messages.filter(({ id, labels }) => changed.has(id) && labels.includes('SENT'))
    await settle(tx, {
      ids: [...changed],
      sentIn: [...new Set(sent.map(({ threadId }) => threadId))],
      sentFrom: [...new Set(sent.flatMap(({ participants }) => participants.flatMap(({ role, canonical }) => (role === 'FROM' ? [canonical] : []))))],
    })
  }
  await step(ctx, run, { phase: 'fetch', processed: run.processed + done.length, tally }, work)
}
