import type { App } from '../app.ts'
import type { Ctx } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'
import { transaction } from '../db/transaction.ts'
import { sameBytes } from '../vault/master.ts'
import { type ChainEntry, entryHash, headMacs } from './service.ts'

/** An entry of a chain that is not as it was written. */
export interface ChainFault {
  ownerId: string
  /** The entry; for missing ones the first of them. */
  seq: bigint
  /** `end`: the chain was cut off or written anew up to here, and its authenticated end moved along. */
  fault: 'changed' | 'missing' | 'end'
  message: string
}

/** What came of a check. */
export interface ChainReport {
  owners: number
  entries: number
  faults: ChainFault[]
}

type Entry = ChainEntry & { hash: Uint8Array }
interface Head {
  seq: bigint
  hash: Uint8Array
  mac: Uint8Array
}

const pageSize = 2000
/** Chains of many years are read whole, milliseconds. */
const timeoutMs = 30 * 60_000

/**
 * Checks the chain of one owner or of all: every entry against its hash and its predecessor's, `seq` for gaps, and the end against what the master
 * key has authenticated. Who can write to the database without that key cannot change, remove, reorder or cut off entries unseen; putting back an
 * older state of everything at once does not show.
 */
export async function verifyChains(app: App, ownerId?: string): Promise<ChainReport> {
  const report: ChainReport = { owners: 0, entries: 0, faults: [] }
  for (const owner of ownerId === undefined ? await owners(app) : [ownerId]) {
    const { entries, faults } = await verifyChain(app, owner)
    report.owners += 1
    report.entries += entries
    report.faults.push(...faults)
  }
  return report
}

/** One snapshot, so that a write in the middle of the check does not look like a fault. */
function verifyChain(app: App, ownerId: string): Promise<{ entries: number; faults: ChainFault[] }> {
  return transaction(
    app.database,
    async (db) => {
      const ctx = { app, db }
      const [head] = await rows<Head>(ctx, sql`SELECT seq, hash, mac FROM event_heads WHERE "ownerId" = ${ownerId}::uuid`)
      const walk = startWalk(ownerId)
      for (let after = 0n, more = true; more;) {
        const page = await rows<Entry>(ctx, sql`SELECT * FROM events WHERE "ownerId" = ${ownerId}::uuid AND seq > ${after} ORDER BY seq LIMIT ${pageSize}`)
        for (const entry of page) walk.take(entry)
        after = page.at(-1)?.seq ?? after
        more = page.length === pageSize
      }
      walk.finish(head?.hash)
      return { entries: walk.count(), faults: [...walk.faults, ...endFaults(ctx, ownerId, head, walk)] }
    },
    { isolation: 'REPEATABLE READ', timeoutMs },
  )
}

interface Walk {
  readonly faults: ChainFault[]
  take(entry: Entry): void
  /** Settles what is open when no entry follows; the end is what the head says it is. */
  finish(end: Uint8Array | undefined): void
  count(): number
  last(): { seq: bigint; hash: Uint8Array }
}

/** Two entries that are whole and do not fit: which of them is at fault shows in whether what follows fits the later one. */
interface Doubt {
  earlier: bigint
  later: bigint
  hash: Uint8Array
}

function startWalk(ownerId: string): Walk {
  const faults: ChainFault[] = []
  let last: { seq: bigint; hash: Uint8Array } = { seq: 0n, hash: Buffer.alloc(32) }
  let count = 0
  let doubt: Doubt | null = null
  const blame = (seq: bigint, fault: ChainFault['fault'], message: string): void => {
    if (faults.at(-1)?.seq !== seq) faults.push({ ownerId, seq, fault, message })
  }
  const settle = (follows: Uint8Array | undefined): boolean => {
    if (!doubt) return true
    const { earlier, later, hash } = doubt
    doubt = null
    const fits = follows !== undefined && sameBytes(follows, hash)
    if (fits) blame(earlier || 1n, 'changed', `Entry ${earlier || 1n} is not what entry ${later} was chained to.`)
    else blame(later, 'changed', `Entry ${later} is chained neither to the entry before it nor to the one after it.`)
    return fits
  }
  return {
    faults,
    count: () => count,
    last: () => last,
    take: (entry) => {
      count += 1
      const fits = settle(entry.prevHash)
      const whole = sameBytes(entryHash(entry), entry.hash)
      if (entry.seq !== last.seq + 1n) blame(last.seq + 1n, 'missing', gap(last.seq + 1n, entry.seq - 1n))
      else if (whole && fits && !sameBytes(entry.prevHash, last.hash)) doubt = { earlier: last.seq, later: entry.seq, hash: entry.hash }
      if (!whole) blame(entry.seq, 'changed', `Entry ${entry.seq} is not what was written.`)
      last = { seq: entry.seq, hash: entry.hash }
    },
    finish: (end) => void settle(end),
  }
}

/** Whether the last entry is the end that the master key has authenticated. */
function endFaults(ctx: Pick<Ctx, 'app'>, ownerId: string, head: Head | undefined, walk: Walk): ChainFault[] {
  const last = walk.last()
  const after = last.seq + 1n
  if (!head)
    return [
      {
        ownerId,
        seq: after,
        fault: walk.count() === 0 ? 'missing' : 'end',
        message: walk.count() === 0 ? 'The whole chain is missing.' : 'The end of the chain is missing.',
      },
    ]
  const authentic = headMacs(ctx, ownerId, head.seq, head.hash).some((mac) => sameBytes(mac, head.mac))
  if (!authentic)
    return [
      {
        ownerId,
        seq: after,
        fault: 'end',
        message: `The end of the chain at entry ${head.seq} is not authentic: entries from ${after} on may be missing, or all were written anew.`,
      },
    ]
  if (head.seq > last.seq) return [{ ownerId, seq: after, fault: 'missing', message: gap(after, head.seq) }]
  if (head.seq < last.seq) return [{ ownerId, seq: head.seq + 1n, fault: 'changed', message: `Entries from ${head.seq + 1n} on were added past the end.` }]
  if (!sameBytes(head.hash, last.hash))
    return [{ ownerId, seq: last.seq, fault: 'changed', message: `Entry ${last.seq} is not the end of the chain that was written.` }]
  return []
}

function gap(from: bigint, to: bigint): string {
  return from === to ? `Entry ${from} is missing.` : `Entries ${from} to ${to} are missing.`
}

/** Everybody who has, or must have, a chain. */
async function owners(app: App): Promise<string[]> {
  const found = await rows<{ ownerId: string }>(
    { app, db: app.database.prisma },
    sql`SELECT "ownerId" FROM accounts UNION SELECT "ownerId" FROM event_heads UNION SELECT DISTINCT "ownerId" FROM events ORDER BY "ownerId"`,
  )
  return found.map((owner) => owner.ownerId)
}
