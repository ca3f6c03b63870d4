import { createHash } from 'node:crypto'
import { type CatalogueColumn, catalogue } from './catalogue.ts'
import type { AnyPolicy, Category, Export, Holder, Model } from './policy.ts'

/**
 * How much of what is held goes into an export. ACCESS: all that is held about an account's holder and by them. PORTABILITY: what they gave or what was
 * observed, on the basis of consent or contract, and nothing inferred (Article 20). PERSON: what address books say of somebody without an account.
 */
export type ExportScope = 'ACCESS' | 'PORTABILITY' | 'PERSON'

/** A column that is exported, and whether it is opened on the way. */
export interface PlannedColumn extends CatalogueColumn {
  opened: boolean
  about: Category
}

/** A model of which something is exported. */
export interface PlannedModel {
  model: Model
  about: string
  /** Whether it proves what was done rather than being what was kept: such records lie apart. */
  evidence: boolean
  /** The columns of the primary key but the owner's: the order of its rows, and what a sealed text is bound to. */
  key: readonly string[]
  /** How rows are found that belong to the controller; null where they belong to whom they are about. */
  holder: Holder<Model> | null
  /** The column that says which contact a row is about; null where none does. */
  person: string | null
  columns: readonly PlannedColumn[]
}

/** A column, or with `column` null a whole model, that is not exported, and why. */
export interface Omission {
  model: Model
  column: string | null
  reason: string
}

/** What an export holds, and what it does not. Every column of every model is in one of the two. */
export interface ExportPlan {
  scope: ExportScope
  models: readonly PlannedModel[]
  omitted: readonly Omission[]
  /** SHA-256 of what is declared: exports of one version are made alike. */
  version: string
}

/** The export plan that follows from the policies. A new model appears in it with its policy. */
export function exportPlan(policies: Readonly<Record<string, AnyPolicy>>, scope: ExportScope): ExportPlan {
  const planned = Object.values(policies)
    .toSorted((left, right) => left.model.localeCompare(right.model))
    .map((policy) => planModel(policy, scope))
  const models = planned.flatMap(({ model }) => model ?? [])
  const omitted = planned.flatMap(({ omissions }) => omissions)
  const version = createHash('sha256')
    .update(JSON.stringify([scope, models, omitted]))
    .digest('hex')
  return { scope, models, omitted, version }
}

function planModel(policy: AnyPolicy, scope: ExportScope): { model: PlannedModel | null; omissions: Omission[] } {
  const { model, about } = policy
  const { columns, key } = catalogue[model]
  const person = columns.some(({ name }) => name === 'contactId') ? 'contactId' : model === 'Contact' ? 'id' : null
  const kept: PlannedColumn[] = []
  const omissions: Omission[] = []
  for (const column of columns) {
    const how = ruleOf(policy, column.name)
    const reason = typeof how === 'object' ? how.omitted : beyondScope(policy, column, person, scope)
    if (reason === null) kept.push({ ...column, opened: how === 'OPENED', about: policy.columns[column.name]?.category ?? 'system.key' })
    else omissions.push({ model, column: column.name, reason })
  }
  // Keys and dates of nothing say nothing.
  const says = kept.some((column) => !column.about.startsWith('system.')) || (scope !== 'PERSON' && kept.length > 0)
  const reasons = new Set(omissions.map(({ reason }) => reason))
  if (!says) return { model: null, omissions: [{ model, column: null, reason: [...reasons].join('; ') || 'keys alone' }] }
  const evidence = policy.purposes.some((purpose) => purpose === 'ACCOUNTABILITY' || purpose === 'SECURITY')
  return {
    model: { model, about, evidence, key: key.filter((name) => name !== 'ownerId'), holder: policy.holder ?? null, person, columns: kept },
    omissions,
  }
}

function ruleOf(policy: AnyPolicy, column: string): Export {
  const rule = policy.columns[column]
  return rule?.export ?? (rule?.sealed && policy.export === 'AS_IS' ? 'OPENED' : policy.export)
}

/** What somebody is told of themselves out of another's address book: who they are said to be and how they are reached. */
const toldToPersons: ReadonlySet<Category> = new Set(['user.name', 'user.contact', 'user.demographic', 'user.workplace'])

function beyondScope(policy: AnyPolicy, { name, type }: CatalogueColumn, person: string | null, scope: ExportScope): string | null {
  const rule = policy.columns[name]
  const category = rule?.category ?? 'system.key'
  const basis = rule?.legalBasis ?? policy.legalBasis
  if (scope === 'PORTABILITY') {
    if (basis !== 'CONTRACT' && basis !== 'CONSENT') return `not held by consent or contract (${basis}): portability does not extend to it, access does`
    if (rule?.provenance === 'DERIVED' && !category.startsWith('system.')) return 'inferred rather than given: portability does not extend to it, access does'
  }
  if (scope === 'PERSON') {
    if (person === null || (rule?.subject ?? policy.subject) !== 'CONTACT_PERSON') return 'not about people of an address book, or not found by them'
    if (category === 'system.operations') return type === 'Json' || type === 'Bytes' ? 'internal' : null
    if (category === 'system.key') return 'internal key'
    if (!toldToPersons.has(category) || rule?.sealed) return 'written or done by whoever keeps the address book: weighed against their rights (Article 15(4))'
  }
  return null
}
