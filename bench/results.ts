import type { Turn } from './measure.ts'
import { median } from './measure.ts'
import type { Operation, ServerName } from './operations/operation.ts'

/** What was measured of one server under one operation: medians of its turns. */
export interface Measured extends Turn {
  statements: number
  turns: readonly Turn[]
}

/** Kith against another server: medians of the ratios within each round. */
export interface Ratio {
  perSecond: number
  serverUs: number
  p99Ms: number
}

/** One operation's row. */
export interface Row {
  key: string
  title: string
  kind: Operation['kind']
  depth: number
  servers: Partial<Record<ServerName, Measured>>
  ratios: Partial<Record<ServerName, Ratio>>
}

/** Makes a row of the turns. Turns of one place in the lists were of one round. */
export function rowOf({ key, title, kind, depth }: Operation, turns: ReadonlyMap<ServerName, Turn[]>, statements: ReadonlyMap<ServerName, number>): Row {
  const servers = Object.fromEntries([...turns].map(([name, list]) => [name, { ...middle(list), statements: statements.get(name) ?? Number.NaN, turns: list }]))
  const kith = turns.get('kith') ?? []
  const others = [...turns].filter(([name]) => name !== 'kith' && kith.length > 0)
  return { key, title, kind, depth, servers, ratios: Object.fromEntries(others.map(([name, list]) => [name, ratioOf(kith, list)])) }
}

const figures = ['perSecond', 'p50Ms', 'p99Ms', 'serverUs', 'databaseUs', 'bytes', 'rssBytes'] as const

function middle(turns: readonly Turn[]): Turn {
  return Object.fromEntries(figures.map((figure) => [figure, median(turns.map((turn) => turn[figure]))])) as unknown as Turn
}

function ratioOf(left: readonly Turn[], right: readonly Turn[]): Ratio {
  const of = (figure: keyof Ratio): number => median(left.map((turn, round) => turn[figure] / (right[round]?.[figure] ?? Number.NaN)))
  return { perSecond: of('perSecond'), serverUs: of('serverUs'), p99Ms: of('p99Ms') }
}

/** The rows as a table for the terminal. */
export function table(rows: readonly Row[]): string {
  const lines = [['', 'server', 'req/s', 'p50 ms', 'p99 ms', 'µs CPU', 'µs db', 'stmts', 'bytes', 'RSS MB', 'Kith: req/s', 'CPU']]
  for (const row of rows) {
    for (const [name, measured] of Object.entries(row.servers)) {
      const ratio = row.ratios[name as ServerName]
      lines.push([
        row.key,
        name,
        measured.perSecond.toFixed(0),
        measured.p50Ms.toFixed(1),
        measured.p99Ms.toFixed(1),
        measured.serverUs.toFixed(0),
        measured.databaseUs.toFixed(0),
        String(measured.statements),
        measured.bytes.toFixed(0),
        (measured.rssBytes / 1e6).toFixed(0),
        ratio ? `${ratio.perSecond.toFixed(2)} ×` : '',
        ratio ? `${ratio.serverUs.toFixed(2)} ×` : '',
      ])
    }
  }
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? []
  return lines
    .map((line) => line.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '))
    .join('\n')
}
