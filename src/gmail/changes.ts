import type { Ctx } from '../core/ctx.ts'
import type { Change, Named } from './api.ts'
import { hidingLabels, knownLabels } from './message.ts'
import { buryMessages, type Known, putLabels, readKnown } from './mirror.ts'
import { settle } from './project.ts'
import { dequeue, enqueue, first, waitingOf } from './queue.ts'

/** What changes of a mailbox come to. */
export interface Outcome {
  /** To be fetched. */
  wanted: Named[]
  /** Deleted for good. */
  deleted: Named[]
  /** With other labels than before. */
  relabelled: Known[]
}

/** Works out what changes come to, given what the mirror knows and what waits to be fetched. Changes that a message's state is newer than are left out, so that they may come again. */
export function foldChanges(changes: readonly Change[], known: ReadonlyMap<string, Known>, waiting: ReadonlySet<string>): Outcome {
  const wanted = new Map<string, Named>()
  const deleted = new Map<string, Named>()
  const now = new Map(known)
  const inOrder = changes.toSorted((one, other) =>
    BigInt(one.historyId) < BigInt(other.historyId) ? -1 : BigInt(one.historyId) > BigInt(other.historyId) ? 1 : 0,
  )
  for (const change of inOrder) {
    const { id, threadId, kind, labels, historyId } = change
    const message = now.get(id)
    if (message?.state === 'GONE' || deleted.has(id)) continue
    if (kind === 'deleted') {
      if (message || waiting.has(id) || wanted.has(id)) deleted.set(id, { id, threadId })
      wanted.delete(id)
    } else if (kind === 'added') {
      if (!message && !labels.some(isHiding)) wanted.set(id, { id, threadId })
    } else if (!message) {
      // It lay where nothing is read from, and comes to light.
      if (kind === 'unlabelled' && labels.some(isHiding)) wanted.set(id, { id, threadId })
    } else if (BigInt(historyId) > BigInt(message.historyId)) {
      const after = labelsAfter(message.labels, change)
      if (kind === 'unlabelled' && message.state === 'HIDDEN' && labels.some(isHiding) && !after.some(isHiding)) wanted.set(id, { id, threadId })
      if (kind === 'labelled' && after.some(isHiding)) wanted.delete(id)
      if (String(after) === String(message.labels)) continue
      now.set(id, { ...message, labels: after, historyId, state: after.some(isHiding) ? 'HIDDEN' : message.state })
    }
  }
  const relabelled = [...now.values()].filter((message) => message !== known.get(message.id) && !deleted.has(message.id))
  return { wanted: [...wanted.values()], deleted: [...deleted.values()], relabelled }
}

/** Takes changes over into the mirror, the queue and the interactions, in an open transaction; answers how many of each there were. */
export async function applyChanges(tx: Ctx, changes: readonly Change[], runId: number): Promise<{ queued: number; deleted: number; hidden: number }> {
  const ids = [...new Set(changes.map(({ id }) => id))]
  const known = await readKnown(tx, ids)
  const waiting = await waitingOf(tx, ids)
  const { wanted, deleted, relabelled } = foldChanges(changes, known, waiting)
  const fresh = wanted.filter(({ id }) => !waiting.has(id))
  await enqueue(tx, fresh, { place: first, runId })
  await dequeue(
    tx,
    deleted.map(({ id }) => id),
  )
  await buryMessages(tx, deleted, runId)
  await putLabels(tx, relabelled)
  const touched = [...deleted, ...relabelled].flatMap(({ id }) => known.get(id) ?? [])
  const sent = touched.filter(({ labels }) => labels.includes('SENT'))
  await settle(tx, { ids: touched.map(({ id }) => id), sentIn: sent.map(({ threadId }) => threadId), sentFrom: [] })
  const hidden = relabelled.filter(({ id, state }) => state === 'HIDDEN' && known.get(id)?.state === 'KNOWN')
  return { queued: fresh.length, deleted: deleted.filter(({ id }) => known.has(id)).length, hidden: hidden.length }
}

function isHiding(label: string): boolean {
  return hidingLabels.includes(label)
}

function labelsAfter(labels: readonly string[], change: Change): string[] {
  const concerned = change.labels.filter((label) => knownLabels.has(label))
  return (change.kind === 'labelled' ? [...new Set([...labels, ...concerned])] : labels.filter((label) => !concerned.includes(label))).toSorted()
}
