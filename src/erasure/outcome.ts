import { controllerId } from '../privacy/service.ts'
import { dataMap, type MappedColumn, type MappedModel } from '../policy/dataMap.ts'
import type { AnyPolicy, Model, OnErasure } from '../policy/policy.ts'
import type { Table } from '../policy/tables.ts'
import { empty, join, raw, type Sql, sql } from '../db/client.ts'

/** What becomes of the rows of a model when an account is erased. */
export interface Outcome {
  model: Model
  table: Table
  about: string
  /** DELETE: the rows go. EVIDENCE: they stay, less the columns of `emptied`. UNTOUCHED: nothing in them is the account's. */
  what: 'DELETE' | 'EVIDENCE' | 'UNTOUCHED'
  /** Of EVIDENCE: the columns that are set to nothing. */
  emptied: readonly string[]
  /** Of EVIDENCE: the columns that stay, with why and how long. */
  kept: readonly MappedColumn[]
  /** Which of its rows are the account's, given its owner; null where none can be. What the request that is carried out holds to be answered stays until it is answered. */
  rowsOf: ((ownerId: string, requestId: string | null) => Sql) | null
}

/** Models whose rows go last: while an account stands, its quarantine keeps everybody out, and whatever still writes finds the chain that it must write to. */
const last: readonly Model[] = ['Event', 'EventHead', 'GoogleIdentity', 'Account']

/** What erasing an account does to every model, in the order in which it is done. It follows from the policies and the data model alone. */
export function outcomes(policies: Readonly<Record<string, AnyPolicy>>, tables: readonly Table[]): Outcome[] {
  const mapped = new Map(dataMap(policies).map((model) => [model.model, model]))
  const found = tables.map((table) => outcomeOf(table, policies, mapped.get(table.model), tables))
  // What names whom its rows are about forgets it after the rows that hang on it were found by that.
  const names = ({ model }: Outcome): boolean => 'column' in (policies[model]?.holder ?? {})
  const rank = (outcome: Outcome): number => Math.max(last.indexOf(outcome.model) + 1, names(outcome) ? 0.5 : 0)
  return found
    .map((outcome, index) => ({ outcome, index }))
    .toSorted((one, other) => rank(one.outcome) - rank(other.outcome) || one.index - other.index)
    .map(({ outcome }) => outcome)
}

function outcomeOf(table: Table, policies: Readonly<Record<string, AnyPolicy>>, mapped: MappedModel | undefined, tables: readonly Table[]): Outcome {
  const policy = policies[table.model]
  if (!policy || !mapped) throw new Error(`No policy says what becomes of ${table.model}.`)
  const kept = mapped.columns.filter(({ onErasure }) => onErasure === 'KEEP_AS_EVIDENCE')
  const rowsOf = whose(table, policy, policies, tables)
  // What keys a row and says which row it is stays or goes with the row.
  const isEvidence = kept.some(({ name }) => !table.key.includes(name))
  const emptied = isEvidence ? mapped.columns.filter((column) => goes(column.onErasure) && isNullable(table, column.name)).map(({ name }) => name) : []
  const what = rowsOf === null ? 'UNTOUCHED' : isEvidence ? 'EVIDENCE' : 'DELETE'
  return { model: table.model, table, about: policy.about, what, emptied, kept: isEvidence ? kept : [], rowsOf }
}

const goes = (rule: OnErasure): boolean => rule !== 'KEEP_AS_EVIDENCE'

function isNullable(table: Table, name: string): boolean {
  return table.columns.some((column) => column.name === name && !column.required && !column.list)
}

/** Which rows of a table are an account's: by the owner in their key, by the column that names whom they are about, or by the row that they hang on. */
function whose(table: Table, policy: AnyPolicy, policies: Readonly<Record<string, AnyPolicy>>, tables: readonly Table[]): Outcome['rowsOf'] {
  const { holder } = policy
  const controllers = sql`"ownerId" = ${controllerId}::uuid`
  const butOf = (column: Sql, requestId: string | null): Sql => (requestId === null ? empty : sql`AND ${column} <> ${requestId}::uuid`)
  if (holder && 'column' in holder)
    return (ownerId, requestId) => sql`${controllers} AND ${quoted(holder.column)} = ${ownerId}::uuid ${butOf(raw('id'), requestId)}`
  if (holder) {
    const through = tables.find(({ model }) => model === holder.through)
    const named = policies[holder.through]?.holder
    if (!through || !named || !('column' in named)) throw new Error(`${policy.model} hangs on ${holder.through}, which names nobody.`)
    const others = holder.but ? sql`AND ${quoted(holder.but.column)} NOT IN (${join(holder.but.values.map((value) => sql`${value}`))})` : empty
    return (ownerId, requestId) =>
      sql`${controllers} ${others} ${butOf(quoted(holder.by), requestId)} AND ${quoted(holder.by)} IN (SELECT h.id FROM ${raw(through.table)} AS h WHERE h."ownerId" = ${controllerId}::uuid AND h.${quoted(named.column)} = ${ownerId}::uuid)`
  }
  return table.columns.some(({ name }) => name === 'ownerId') ? (ownerId) => sql`"ownerId" = ${ownerId}::uuid` : null
}

/** A column's name in SQL. Names come from the data model only. */
export function quoted(column: string): Sql {
  return raw(`"${column}"`)
}
