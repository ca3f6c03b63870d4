import type { ServerName } from './operations/operation.ts'
import { median } from './measure.ts'
import type { Ratio, Row } from './results.ts'

/** Something that is wanted of an operation, and what came of it. */
export interface Target {
  what: string
  wanted: string
  found: number
  met: boolean
}

/** From which share of the floor's processor time on an operation's work is PostgreSQL's to do, so that less of a lead is there to be had. */
const boundShare = 0.6
/** The operations of which that is granted. The floor has PostgreSQL build its JSON, so that the share alone would grant it to nearly all. */
const databaseBound = new Set(['d', 'e'])

/** What is wanted of each operation. */
export function targetsOf(row: Row): Target[] {
  const { postgraphile, floor, apollo } = row.ratios
  const kith = row.servers.kith
  const bounds = boundsOf(row)
  return [
    ...atLeast('requests/s against PostGraphile', postgraphile?.perSecond, bounds.throughput),
    ...atMost('server CPU against PostGraphile', postgraphile?.serverUs, bounds.cpu),
    ...atMost('p99 against PostGraphile', postgraphile?.p99Ms, 1),
    ...(bounds.floor === undefined ? [] : atLeast('requests/s against the floor', floor?.perSecond, bounds.floor)),
    ...(row.kind === 'write' ? [] : atMost('statements', kith?.statements, 1 + row.depth)),
    ...(/^[bc]/.test(row.key) ? atLeast('requests/s against Apollo Server', apollo?.perSecond, 3) : []),
  ]
}

/** What is wanted of the reads without sealed fields together. */
export function medianTargets(rows: readonly Row[]): Target[] {
  const ratios = rows.flatMap((row): Ratio[] => (row.kind === 'read' && !isBound(row) && row.ratios.postgraphile ? [row.ratios.postgraphile] : []))
  if (ratios.length === 0) return []
  return [
    ...atLeast('requests/s against PostGraphile, median of the reads', median(ratios.map(({ perSecond }) => perSecond)), 1.5),
    ...atMost('server CPU against PostGraphile, median of the reads', median(ratios.map(({ serverUs }) => serverUs)), 0.5),
  ]
}

/** Which part of the processor time of the floor's requests was PostgreSQL's. */
export function databaseShare({ servers: { floor } }: Row): number | undefined {
  return floor && floor.databaseUs / (floor.databaseUs + floor.serverUs)
}

function isBound(row: Row): boolean {
  return databaseBound.has(row.key) && (databaseShare(row) ?? 0) > boundShare
}

function boundsOf(row: Row): { throughput: number; cpu: number; floor?: number } {
  if (row.kind === 'write') return { throughput: 1, cpu: 1, floor: 0.5 }
  if (row.kind === 'sealed') return { throughput: 1, cpu: 1.2 }
  return isBound(row) ? { throughput: 1, cpu: 0.8, floor: 0.8 } : { throughput: 1.3, cpu: 0.6, floor: 0.7 }
}

function atLeast(what: string, found: number | undefined, least: number): Target[] {
  return found === undefined ? [] : [{ what, wanted: `≥ ${least}`, found, met: found >= least }]
}

function atMost(what: string, found: number | undefined, most: number): Target[] {
  return found === undefined ? [] : [{ what, wanted: `≤ ${most}`, found, met: found <= most }]
}

/** What the servers are called in text. */
export const titles: Readonly<Record<ServerName, string>> = {
  kith: 'Kith',
  postgraphile: 'PostGraphile 5',
  floor: 'Floor',
  mercurius: 'Mercurius 16',
  apollo: 'Apollo Server 5',
}
