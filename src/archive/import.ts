import { type Ctx, ownerOf } from '../core/ctx.ts'
import { ConflictError } from '../core/errors.ts'
import { discard, inTransaction, record } from '../events/service.ts'
import { announceDues } from '../jobs/rebuild.ts'
import { catalogue } from '../policy/catalogue.ts'
import type { Model } from '../policy/policy.ts'
import type { ArchivedRecord, Attachments, Restoring } from './forms.ts'
import { formatVersion } from './contents.ts'
import { type BagSource, checkBag, type OpenedBag, openBagFile, refuse } from './readBag.ts'
import { rowOf } from './row.ts'
import { type SignatureVerdict, verdictOnSignature } from './verifySignature.ts'

/** What became of a model of an archive. */
export interface ImportedModel {
  model: string
  /** Records that are rows of the account now. */
  restored: number
  /** Records that were left out, and why. */
  left: number
  reason: string | null
}

/** What an import did, or in a dry run would do. */
export interface ImportedArchive {
  signature: SignatureVerdict
  /** When the archive was made. */
  generatedAt: string
  models: ImportedModel[]
}

/** So many records go in at a time. */
const pageSize = 500
/** All of it is one transaction: the account has all that the archive holds, or nothing. Milliseconds. */
const timeoutMs = 60 * 60_000

/**
 * Brings an archive back into an empty account: what people wrote and what hangs on it, with its ids, relations, dates and where it came from. Sessions,
 * tokens, logs, grants and requests belong to the account that the archive is of, and stay behind. `requireSignature`: only what this server has signed.
 * A dry run checks everything and changes nothing. @throws InvalidInputError, ConflictError when the account is not empty
 */
export async function importArchive(ctx: Ctx, source: BagSource, { dryRun = false, requireSignature = false } = {}): Promise<ImportedArchive> {
  await using bag = await openBagFile(source)
  await checkBag(bag)
  const signature = await verdictOnSignature(ctx.app, bag)
  if (requireSignature && signature !== 'OURS') refuse(signature === 'NONE' ? 'it is not signed' : 'it was signed with a key that is not of this server')
  const { generatedAt } = indexOf(await bag.text('data/index.json'))
  const order = inOrder(ctx.app.restorings)
  return await inTransaction(
    ctx,
    async (tx) => {
      await refuseUnlessEmpty(tx, order)
      const models: ImportedModel[] = []
      for (const restoring of order) models.push(await restore(tx, bag, restoring))
      for (const restoring of order) await settle(tx, restoring)
      await announceDues(tx, tx.app.dueSources)
      record(tx, {
        type: 'archive.imported',
        entityType: 'Account',
        entityId: ownerOf(tx),
        changed: models.filter(({ restored }) => restored > 0).map(({ model }) => model),
      })
      if (dryRun) discard(tx)
      return { signature, generatedAt, models: [...models, ...leftBehind(bag, order)] }
    },
    { timeoutMs },
  )
}

function indexOf(text: string): { generatedAt: string } {
  const index = JSON.parse(text) as { format?: unknown; formatVersion?: unknown; scope?: unknown; generatedAt?: unknown }
  if (index.format !== 'kith-archive') refuse('it was not made by Kith')
  if (typeof index.formatVersion !== 'number' || index.formatVersion > formatVersion) refuse('it was made by a later version of Kith')
  if (index.scope !== 'ACCESS' && index.scope !== 'PORTABILITY') refuse('it tells what others hold about somebody, and is no account')
  return { generatedAt: String(index.generatedAt as string) }
}

/** What foreign keys point at goes in first. */
function inOrder(restorings: readonly Restoring[]): Restoring[] {
  const ordered: Restoring[] = []
  const visit = (restoring: Restoring): void => {
    if (ordered.includes(restoring)) return
    for (const model of catalogue[restoring.model].pointsAt) {
      const first = restorings.find((each) => each.model === model)
      if (first && first !== restoring) visit(first)
    }
    ordered.push(restoring)
  }
  for (const restoring of restorings) visit(restoring)
  return ordered
}

interface Table {
  createMany(args: { data: object[]; skipDuplicates?: boolean }): Promise<{ count: number }>
  count(args: { where: object }): Promise<number>
  findMany(args: { where: object; select: object; orderBy: object[] }): Promise<Record<string, unknown>[]>
}

function tableOf(tx: Ctx, model: Model): Table {
  return (tx.db as unknown as Record<string, Table>)[`${model.charAt(0).toLowerCase()}${model.slice(1)}`] as Table
}

async function refuseUnlessEmpty(tx: Ctx, order: readonly Restoring[]): Promise<void> {
  for (const { model, adopt } of order)
    if (!adopt && (await tableOf(tx, model).count({ where: { ownerId: ownerOf(tx) } })) > 0)
      throw new ConflictError('The account is not empty: an archive goes into one that has no contacts, tags, notes, reminders or interactions yet.')
}

async function restore(tx: Ctx, bag: OpenedBag, restoring: Restoring): Promise<ImportedModel> {
  const { model, adopt } = restoring
  // Read each time: the account's own settings are among what is restored.
  const means = { region: (await tx.db.account.findUnique({ where: { ownerId: ownerOf(tx) }, select: { region: true } }))?.region }
  const attachments = tx.app.attachments.find((each) => each.model === model)
  let [restored, left] = [0, 0]
  for await (const records of recordsOf(bag, model)) {
    const complete = records.map((each) => ({ ...each, ...restoring.complete?.(each, means) }))
    const whole = attachments ? await withAttachments(tx, bag, attachments, complete) : complete
    left += complete.length - whole.length
    if (adopt) for (const each of whole) await adopt(tx, each)
    else await insert(tx, restoring, whole)
    restored += whole.length
  }
  return { model, restored, left, reason: left > 0 ? 'their files are missing or are not what they are said to be' : null }
}

async function insert(tx: Ctx, { model, event }: Restoring, records: readonly ArchivedRecord[]): Promise<void> {
  const policy = tx.app.policies[model]
  if (!policy) throw new Error(`${model} has no policy.`)
  const vault = await tx.app.vault.of(ownerOf(tx))
  const data = records.map((each) => rowOf(policy, each, vault))
  try {
    await tableOf(tx, model).createMany({ data })
  } catch (error) {
    // What the database says of a row may hold the row: only its kind is told.
    tx.app.log.warn({ model, code: error instanceof Error && 'code' in error ? error.code : undefined }, 'An archive holds records that do not fit.')
    refuse(`its records of ${model} do not fit together`)
  }
  if (event) record(tx, ...records.map(({ id }) => ({ type: event, entityType: model, entityId: String(id as string) })))
}

async function withAttachments(tx: Ctx, bag: OpenedBag, { column, keep }: Attachments, records: readonly ArchivedRecord[]): Promise<ArchivedRecord[]> {
  const kept: ArchivedRecord[] = []
  for (const each of records) {
    const path = `data/attachments/${String(each[column] as string)}`
    if (!bag.paths.includes(path)) continue
    const bytes = Buffer.concat(await Array.fromAsync(bag.pieces(path)))
    const done = await keep(tx, each, bytes)
    if (done) kept.push(done)
  }
  return kept
}

async function* recordsOf(bag: OpenedBag, model: string): AsyncGenerator<ArchivedRecord[]> {
  const path = `data/records/${model}.ndjson`
  if (!bag.paths.includes(path)) return
  let page: ArchivedRecord[] = []
  for await (const line of bag.lines(path)) {
    page.push(parsed(line, model))
    if (page.length === pageSize) {
      yield page
      page = []
    }
  }
  if (page.length > 0) yield page
}

function parsed(line: string, model: string): ArchivedRecord {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as ArchivedRecord
  } catch {
    // refused below
  }
  return refuse(`a line of ${model} is no record`)
}

async function settle(tx: Ctx, { model, settle: follow }: Restoring): Promise<void> {
  if (!follow) return
  const key = catalogue[model].key.filter((name) => name !== 'ownerId')
  const select = Object.fromEntries(key.map((name) => [name, true]))
  // Read before the first is followed, which may take rows away.
  const keys = await tableOf(tx, model).findMany({ where: { ownerId: ownerOf(tx) }, select, orderBy: key.map((name) => ({ [name]: 'asc' })) })
  for (let from = 0; from < keys.length; from += pageSize) await follow(tx, keys.slice(from, from + pageSize))
}

function leftBehind(bag: OpenedBag, order: readonly Restoring[]): ImportedModel[] {
  return bag.paths.flatMap((path) => {
    const model = /^data\/records\/(\w+)\.ndjson$/.exec(path)?.[1]
    if (model === undefined || order.some((each) => each.model === model)) return []
    return [{ model, restored: 0, left: 0, reason: 'belongs to the account that the archive is of' }]
  })
}
