/** One change of a mailbox. */
export interface HistoryRecord {
  id: bigint
  /** When it happened, milliseconds since 1970. */
  at: number
  kind: 'added' | 'deleted' | 'labels'
  messageId: string
  threadId: string
  /** The message's labels after the change; before it, when the message was deleted. */
  labelIds: readonly string[]
  labelsAdded: readonly string[]
  labelsRemoved: readonly string[]
}

/** The changes of a mailbox in order, as far as they are remembered. */
export interface History {
  /** The id of the last change, or where counting began. */
  lastId(): bigint
  append(change: Omit<HistoryRecord, 'id'>): bigint
  /** What came after an id; undefined when some of it is forgotten, or the id has not come yet. Changes before `keptSince` (milliseconds) are forgotten. */
  after(id: bigint, keptSince: number): readonly HistoryRecord[] | undefined
  /** Forgets every change there has been; only ids from now on can be asked for. */
  forget(): void
}

/**
 * An empty history that starts counting after `start`. Ids grow with gaps, as Gmail's do. `forget` also moves the last id on: a client that
 * knows the last change is behind, as it is when Gmail forgets.
 */
export function createHistory(start: bigint): History {
  let last = start
  let forgotten = start
  let records: HistoryRecord[] = []
  let appended = 0
  const next = () => (last += BigInt(1 + ((appended++ * 7) % 5)))
  return {
    lastId: () => last,
    append: (change) => {
      records.push({ id: next(), ...change })
      return last
    },
    after: (id, keptSince) => {
      const kept = firstIndex(records, (record) => record.at >= keptSince)
      if (kept > 0) {
        forgotten = records[kept - 1]?.id ?? forgotten
        records = records.slice(kept)
      }
      if (id < forgotten || id > last) return undefined
      return records.slice(firstIndex(records, (record) => record.id > id))
    },
    forget: () => {
      records = []
      forgotten = next()
    },
  }
}

function firstIndex<T>(sorted: readonly T[], reached: (item: T) => boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (reached(sorted[middle] as T)) high = middle
    else low = middle + 1
  }
  return low
}
