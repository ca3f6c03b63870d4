import type { GoogleQuota } from '../google/quota.ts'

/** A message that is to be fetched. */
export interface Wanted {
  id: string
  threadId: string
  /** How often it was asked for in vain. */
  attempts: number
}

/** One call: a message, or a whole conversation for the sake of several of its messages. */
export interface Part {
  kind: 'message' | 'thread'
  /** Of the message or the conversation. */
  id: string
  /** The messages it is asked for. */
  wanted: readonly Wanted[]
  units: number
}

/** The cheapest calls that fetch all of these messages, in their order: a conversation at once where that costs no more than its messages one by one. */
export function planParts(wanted: readonly Wanted[], { getMessage, getThread }: Pick<GoogleQuota['gmail'], 'getMessage' | 'getThread'>): Part[] {
  const threads = new Map<string, Wanted[]>()
  // A conversation that did not bring a message once is no way to it.
  for (const each of wanted) if (each.attempts === 0) threads.set(each.threadId, [...(threads.get(each.threadId) ?? []), each])
  const parts: Part[] = []
  for (const each of wanted) {
    const members = each.attempts === 0 ? (threads.get(each.threadId) ?? []) : []
    if (members.length < 2 || getThread > members.length * getMessage) parts.push({ kind: 'message', id: each.id, wanted: [each], units: getMessage })
    else if (members[0] === each) parts.push({ kind: 'thread', id: each.threadId, wanted: members, units: getThread })
  }
  return parts
}

/** Cuts parts into batches that are neither too many calls nor, all together, too many units; a part that is too much by itself goes alone. */
export function batchesOf(parts: readonly Part[], { size, units }: { size: number; units: number }): Part[][] {
  const batches: Part[][] = []
  let batch: Part[] = []
  let spent = 0
  for (const part of parts) {
    if (batch.length > 0 && (batch.length >= size || spent + part.units > units)) {
      batches.push(batch)
      batch = []
      spent = 0
    }
    batch.push(part)
    spent += part.units
  }
  if (batch.length > 0) batches.push(batch)
  return batches
}
