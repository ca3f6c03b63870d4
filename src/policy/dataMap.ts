import type { Place } from '../vault/vault.ts'
import type { KeyClass } from '../vault/keys.ts'
import type { AnyPolicy, Export, LegalBasis, Model, OnErasure, Purpose, Subject } from './policy.ts'

/** One column of the data map, with its model's rules filled in. */
export interface MappedColumn {
  name: string
  category: string
  subject: Subject
  purposes: readonly Purpose[]
  legalBasis: LegalBasis
  sealed: KeyClass | null
  retention: string
  onErasure: OnErasure
  export: string
  provenance: string | null
}

/** One model of the data map. */
export interface MappedModel {
  model: Model
  about: string
  owned: boolean
  columns: MappedColumn[]
}

/** Every column of every model with the rule that holds for it, in the order of the models' names. */
export function dataMap(policies: Readonly<Record<string, AnyPolicy>>): MappedModel[] {
  return Object.values(policies)
    .toSorted((left, right) => left.model.localeCompare(right.model))
    .map((policy) => ({
      model: policy.model,
      about: policy.about,
      owned: policy.owned,
      columns: Object.entries(policy.columns).map(([name, rule]) => ({
        name,
        category: rule.category,
        subject: rule.subject ?? policy.subject,
        purposes: rule.purposes ?? policy.purposes,
        legalBasis: rule.legalBasis ?? policy.legalBasis,
        sealed: rule.sealed ?? null,
        retention: retentionText(rule.retention ?? policy.retention),
        onErasure: rule.onErasure ?? (rule.sealed ? 'SHRED' : policy.onErasure),
        export: exportText(rule.export ?? (rule.sealed && policy.export === 'AS_IS' ? 'OPENED' : policy.export)),
        provenance: rule.provenance ?? null,
      })),
    }))
}

/** Says under which class of key each sealed column lies; asking for a column that no policy seals is a defect and throws. */
export function sealedPlaces(policies: Readonly<Record<string, AnyPolicy>>): (place: Place) => KeyClass {
  const classes = new Map<string, KeyClass>()
  for (const policy of Object.values(policies)) {
    for (const [column, rule] of Object.entries(policy.columns)) if (rule.sealed) classes.set(`${policy.model}.${column}`, rule.sealed)
  }
  return (place) => {
    const keyClass = classes.get(place)
    if (!keyClass) throw new Error(`No policy seals ${place}.`)
    return keyClass
  }
}

/** How long something is kept, in words. */
export function retentionText(retention: AnyPolicy['retention']): string {
  return retention === 'ACCOUNT'
    ? 'while the account exists'
    : `${retention.after} from ${retention.from === 'CLOSURE' ? 'the end of the account' : retention.from}: ${retention.why}`
}

function exportText(rule: Export): string {
  if (rule === 'AS_IS') return 'as it is'
  return rule === 'OPENED' ? 'opened' : `omitted: ${rule.omitted}`
}
