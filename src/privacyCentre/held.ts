import { type Ctx, ownerOf } from '../core/ctx.ts'
import { countOf, outcomes } from '../erasure/service.ts'
import { type MappedColumn, dataMap } from '../policy/dataMap.ts'
import type { Category, LegalBasis, Model, Purpose } from '../policy/policy.ts'
import { tablesOf } from '../policy/tables.ts'

/** A kind of data that can be about somebody. */
export type PersonalCategory = Exclude<Category, `system.${string}`>

/** What is held of an account of one kind, as it is declared. */
export interface HeldKind {
  category: PersonalCategory
  purposes: Purpose[]
  bases: LegalBasis[]
  /** Where it comes from, beside the holder themselves. */
  sources: ('GOOGLE' | 'IMPORT' | 'DERIVED')[]
}

/** How many records one table has of an account, and how long they are kept. */
export interface HeldTable {
  model: Model
  about: string
  count: number
  /** Null: as long as the account is there. */
  period: string | null
  /** Whether that begins with the end of the account. */
  fromClosure: boolean
}

/** What is held of the signed-in holder's account: from the policies, and counted now. */
export async function heldOf(ctx: Ctx): Promise<{ kinds: HeldKind[]; tables: HeldTable[] }> {
  const ownerId = ownerOf(ctx)
  const models = dataMap(ctx.app.policies).filter(({ owned, columns }) => owned && columns.some(isPersonal))
  const found = new Map(outcomes(ctx.app.policies, tablesOf(ctx.app)).map((each) => [each.model, each]))
  const tables: HeldTable[] = []
  for (const { model, about } of models) {
    const each = found.get(model)
    const count = each ? await countOf(ctx.app, each, ownerId, null) : 0
    const retention = ctx.app.policies[model]?.retention ?? 'ACCOUNT'
    const kept = retention === 'ACCOUNT' ? { period: null, fromClosure: false } : { period: retention.after, fromClosure: retention.from === 'CLOSURE' }
    tables.push({ model, about, count, ...kept })
  }
  const held = new Set(tables.filter(({ count }) => count > 0).map(({ model }) => model))
  return { kinds: kindsOf(models.filter(({ model }) => held.has(model)).flatMap(({ columns }) => columns)), tables }
}

function isPersonal({ category, subject }: MappedColumn): boolean {
  return subject !== 'NOBODY' && !category.startsWith('system.')
}

function kindsOf(columns: readonly MappedColumn[]): HeldKind[] {
  const byCategory = Map.groupBy(columns.filter(isPersonal), ({ category }) => category as PersonalCategory)
  return [...byCategory]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([category, each]) => ({
      category,
      purposes: unique(each.flatMap(({ purposes }) => purposes)),
      bases: unique(each.map(({ legalBasis }) => legalBasis)),
      sources: unique(each.flatMap(({ provenance }) => (provenance === null ? [] : [provenance as HeldKind['sources'][number]]))),
    }))
}

function unique<T extends string>(values: readonly T[]): T[] {
  return [...new Set(values)].toSorted()
}
