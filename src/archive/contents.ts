import type { Ctx } from '../core/ctx.ts'
import { exportPlan, type ExportPlan, type ExportScope, type PlannedModel } from '../policy/exportPlan.ts'
import type { Bag } from './bag.ts'
import { csvHead, csvRows } from './csv.ts'
import { indexPage, type PageContent } from './indexPage.ts'
import { processingInfo } from './processingInfo.ts'
import { recordSchema } from './recordSchema.ts'
import { countRecords, readRecords, type Whose } from './records.ts'

/** The version of the form that archives have. */
export const formatVersion = 1

/** A file of an archive as its index lists it. */
export interface IndexedFile {
  path: string
  about: string
  mediaType: string
  bytes: number
  sha256: string
  /** How many records it holds, where it holds records. */
  count?: number
  /** Where their schema lies. */
  schema?: string
}

/** What is put into an archive. */
export interface Commission {
  scope: ExportScope
  whose: Whose
  /** Names the answer: the request's id. */
  identifier: string
  generatedAt: string
  /** Told how many records were written, of how many. */
  seen: (processed: number, total: number) => void
}

/** Writes everything that an archive holds, file after file, in one order for all archives. `ctx` reads one snapshot, as the holder's own. */
export async function writeContents(ctx: Ctx, bag: Bag, commission: Commission): Promise<void> {
  const { scope, whose, generatedAt } = commission
  const plan = exportPlan(ctx.app.policies, scope)
  const files: IndexedFile[] = []
  const add = async (path: string, content: Parameters<Bag['add']>[1], file: { about: string; mediaType: string; schema?: string }): Promise<IndexedFile> => {
    const { path: within, bytes, sha256 } = await bag.add(path, content)
    const indexed: IndexedFile = { path: within, bytes, sha256, ...file }
    files.push(indexed)
    return indexed
  }
  const info = processingInfo(ctx.app, plan) as Pick<PageContent, 'purposes' | 'rights' | 'controller'>
  await add('processing-info.json', json(info), {
    about: 'What data are used for, who receives them, how long they are kept, and your rights.',
    mediaType: 'application/json',
  })
  await addRecords(ctx, plan, commission, add)
  if (whose.kind === 'HOLDER') {
    for (const { path, mediaType, about, write } of ctx.app.renderings) await add(path, write(ctx), { about, mediaType })
  }
  await addAttachments(ctx, whose, add)
  const title = titles[scope]
  await add('index.html', await indexPage({ title, generatedAt, files, omitted: plan.omitted, ...info }), { about: 'This page.', mediaType: 'text/html' })
  const index = {
    format: 'kith-archive',
    formatVersion,
    scope,
    dataMap: plan.version,
    generatedAt,
    request: commission.identifier,
    files,
    omitted: plan.omitted,
  }
  await bag.add('index.json', json(index))
}

type Add = (path: string, content: Parameters<Bag['add']>[1], file: { about: string; mediaType: string; schema?: string }) => Promise<IndexedFile>

async function addRecords(ctx: Ctx, plan: ExportPlan, { whose, seen }: Commission, add: Add): Promise<void> {
  let total = 0
  for (const planned of plan.models) total += await countRecords(ctx, planned, whose)
  let processed = 0
  seen(processed, total)
  for (const planned of plan.models) {
    const { model, about, evidence } = planned
    const schema = `data/schemas/${model}.json`
    await add(`schemas/${model}.json`, json(recordSchema(planned)), { about: `The form of ${model} records.`, mediaType: 'application/schema+json' })
    let count = 0
    const lines = async function* (): AsyncGenerator<string> {
      for await (const records of readRecords(ctx, planned, whose)) {
        yield records.map((record) => `${JSON.stringify(record)}\n`).join('')
        count += records.length
        seen((processed += records.length), total)
      }
    }
    const file = await add(`${evidence ? 'privacy' : 'records'}/${model}.ndjson`, lines(), { about, mediaType: 'application/x-ndjson', schema })
    file.count = count
    if (count > 0 && !evidence)
      await add(`csv/${model}.csv`, csvOf(ctx, planned, whose), { about: `The same for a spreadsheet: ${about}`, mediaType: 'text/csv' })
  }
}

async function* csvOf(ctx: Ctx, planned: PlannedModel, whose: Whose): AsyncGenerator<string> {
  yield csvHead(planned)
  for await (const records of readRecords(ctx, planned, whose)) yield csvRows(planned, records)
}

async function addAttachments(ctx: Ctx, whose: Whose, add: Add): Promise<void> {
  const places = whose.kind === 'HOLDER' ? [{ ownerId: whose.ownerId }] : whose.places
  const added = new Set<string>()
  for (const { ownerId, ...rest } of places) {
    const own: Ctx = { ...ctx, actor: { kind: 'system', ownerId, reason: 'archive' } }
    for (const attachments of ctx.app.attachments) {
      for await (const { sha256, read } of attachments.list(own, 'contactId' in rest ? [rest.contactId] : undefined)) {
        if (added.has(sha256)) continue
        added.add(sha256)
        await add(`attachments/${sha256}`, await read(), {
          about: `What ${attachments.model} records name by this hash.`,
          mediaType: 'application/octet-stream',
        })
      }
    }
  }
}

const titles: Readonly<Record<ExportScope, string>> = {
  ACCESS: 'All that Kith holds about you',
  PORTABILITY: 'Your data, to take with you',
  PERSON: 'What address books kept with Kith say about you',
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
