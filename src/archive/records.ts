import { setImmediate as turn } from 'node:timers/promises'
import type { Ctx } from '../core/ctx.ts'
import type { ColumnType } from '../policy/catalogue.ts'
import type { PlannedColumn, PlannedModel } from '../policy/exportPlan.ts'
import { controllerId } from '../privacy/service.ts'
import type { OwnerVault } from '../vault/vault.ts'
import type { ArchivedRecord } from './forms.ts'

/** Whose records are read: an account's, or those that address books hold of somebody. */
export type Whose = { kind: 'HOLDER'; ownerId: string } | { kind: 'PERSON'; places: readonly { ownerId: string; contactId: string }[] }

/** So many rows are read at once. */
const pageSize = 400

type Row = Record<string, unknown> & { ownerId: string }
type Where = Record<string, unknown>
interface Table {
  findMany(args: { where: Where; select: Record<string, true>; orderBy: Where[]; take: number }): Promise<Row[]>
  count(args: { where: Where }): Promise<number>
}

/** How many records of a model there are. */
export async function countRecords(ctx: Ctx, planned: PlannedModel, whose: Whose): Promise<number> {
  const counts = await Promise.all((await placesOf(ctx, planned, whose)).map((where) => tableOf(ctx, planned).count({ where })))
  return counts.reduce((sum, count) => sum + count, 0)
}

/**
 * The records of a model by the order of its key, 400 rows at a time, sealed columns opened. What is said of somebody in address books comes without
 * ids, each thing once and in an order of its own, so that it does not show how many books it stands in.
 */
export async function* readRecords(ctx: Ctx, planned: PlannedModel, whose: Whose): AsyncGenerator<ArchivedRecord[]> {
  if (whose.kind === 'HOLDER') {
    const withheld = planned.person === null ? new Set<string>() : await restrictedContacts(ctx, whose.ownerId)
    for (const where of await placesOf(ctx, planned, whose)) {
      for await (const page of pagesOf(ctx, planned, where))
        yield page.rows.filter((row) => !withheld.has(String(row[planned.person ?? '']))).map((row) => recordOf(planned, row, page.vault))
    }
    return
  }
  const said = new Set<string>()
  for (const where of await placesOf(ctx, planned, whose))
    for await (const { rows, vault } of pagesOf(ctx, planned, where)) for (const row of rows) said.add(JSON.stringify(recordOf(planned, row, vault)))
  if (said.size > 0) yield [...said].toSorted().map((text): ArchivedRecord => JSON.parse(text))
}

async function* pagesOf(ctx: Ctx, planned: PlannedModel, where: Where): AsyncGenerator<{ rows: Row[]; vault: OwnerVault }> {
  const vault = await ctx.app.vault.of(String(where['ownerId']))
  const table = tableOf(ctx, planned)
  const names = ['ownerId', ...planned.key, ...planned.columns.map(({ name }) => name), ...(planned.person ? [planned.person] : [])]
  const select = Object.fromEntries(names.map((name) => [name, true as const]))
  const orderBy = planned.key.map((name) => ({ [name]: 'asc' }))
  const pageAfter = (last: Row | undefined): Promise<Row[]> => {
    const page = table.findMany({ where: last ? { AND: [where, afterKey(planned.key, last)] } : where, select, orderBy, take: pageSize })
    // Who stops reading does not wait for it any more.
    page.catch(() => {})
    return page
  }
  let next: Promise<Row[]> | null = pageAfter(undefined)
  while (next) {
    const rows: Row[] = await next
    // The database looks for the next ones while these are written.
    next = rows.length === pageSize && planned.key.length > 0 ? pageAfter(rows.at(-1)) : null
    if (rows.length > 0) yield { rows, vault }
    // Whatever else this process does gets its turn.
    await turn()
  }
}

/** The rows behind one, by the columns of a key; the first column bounds them as well, so that an index can be used. */
function afterKey(key: readonly string[], last: Row): Where {
  const [first = ''] = key
  const steps = key.map((name, index) => ({ ...Object.fromEntries(key.slice(0, index).map((each) => [each, last[each]])), [name]: { gt: last[name] } }))
  return key.length === 1 ? (steps[0] ?? {}) : { [first]: { gte: last[first] }, OR: steps }
}

/** Where a model's rows are found. */
async function placesOf(ctx: Ctx, planned: PlannedModel, whose: Whose): Promise<Where[]> {
  if (whose.kind === 'PERSON') return whose.places.map(({ ownerId, contactId }) => ({ ownerId, [planned.person ?? '']: contactId }))
  const { holder } = planned
  if (!holder) return [{ ownerId: whose.ownerId }]
  if ('column' in holder) return [{ ownerId: controllerId, [holder.column]: whose.ownerId }]
  const through = ctx.app.policies[holder.through]?.holder
  if (!through || !('column' in through)) throw new Error(`${holder.through} does not say whose its rows are.`)
  const found = await delegateOf(ctx, holder.through).findMany({
    where: { ownerId: controllerId, [through.column]: whose.ownerId },
    select: { id: true },
    orderBy: [{ id: 'asc' }],
    take: maxHeld,
  })
  const but = holder.but && { NOT: { [holder.but.column]: { in: [...holder.but.values] } } }
  return [{ ownerId: controllerId, [holder.by]: { in: found.map(({ id }) => id) }, ...but }]
}

/** Nobody has made so many requests: they are limited by the hour. */
const maxHeld = 10_000

/** Contacts whose data may only be stored: no copy of it is handed out, not even to whoever wrote it down. */
async function restrictedContacts(ctx: Ctx, ownerId: string): Promise<Set<string>> {
  const found = await ctx.db.contact.findMany({ where: { ownerId, restrictedAt: { not: null } }, select: { id: true } })
  return new Set(found.map(({ id }) => id))
}

function recordOf(planned: PlannedModel, row: Row, vault: OwnerVault): ArchivedRecord {
  const id = planned.key.map((name) => String(row[name])).join('/')
  return Object.fromEntries(planned.columns.map((column) => [column.name, valueOf(planned, column, row[column.name], id, vault)]))
}

function valueOf({ model }: PlannedModel, { name, type, opened }: PlannedColumn, value: unknown, id: string, vault: OwnerVault): unknown {
  if (value === null || value === undefined) return null
  if (opened) return vault.open(`${model}.${name}`, id, value as Uint8Array)
  if (Array.isArray(value)) return value.map((each) => plain(type, each))
  return plain(type, value)
}

function plain(type: ColumnType, value: unknown): unknown {
  if (type === 'DateTime') return (value as Date).toISOString()
  if (type === 'Bytes') return Buffer.from(value as Uint8Array).toString('hex')
  return type === 'BigInt' ? Number(value) : value
}

function tableOf(ctx: Ctx, { model }: PlannedModel): Table {
  return delegateOf(ctx, model)
}

/** Prisma's access to a model, by its name: plans name models, which TypeScript cannot follow. */
function delegateOf(ctx: Ctx, model: string): Table {
  return (ctx.db as unknown as Record<string, Table>)[`${model.charAt(0).toLowerCase()}${model.slice(1)}`] as Table
}
