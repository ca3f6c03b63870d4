import type { AnyPolicy } from './policy.ts'

/** How long something is kept, when that time begins and what ends it. */
export interface RetentionRule {
  /** The model, or the column that has a time of its own. */
  key: string
  /** The kinds of data it is about. */
  category: string
  /** An ISO 8601 period; P0D: no longer than until it starts. */
  period: string
  /** The column whose instant starts it, or what does. */
  startsAt: string
  /** What happens then. */
  action: string
}

/** The rule of every model and of every column that is kept for another time than its model, by their names. */
export function retentionSchedule(policies: Readonly<Record<string, AnyPolicy>>): RetentionRule[] {
  return Object.values(policies)
    .toSorted((left, right) => left.model.localeCompare(right.model))
    .flatMap((policy) => [
      ruleOf(policy, policy.model, policy.retention, categoriesOf(policy), policy.onErasure),
      ...Object.entries(policy.columns).flatMap(([name, column]) =>
        column.retention ? [ruleOf(policy, `${policy.model}.${name}`, column.retention, column.category, column.onErasure ?? policy.onErasure)] : [],
      ),
    ])
}

const closure = 'the end of the account'

function ruleOf({ model }: AnyPolicy, key: string, retention: AnyPolicy['retention'], category: string, action: string): RetentionRule {
  return retention === 'ACCOUNT'
    ? { key, category, period: 'P0D', startsAt: closure, action }
    : { key, category, period: retention.after, startsAt: retention.from === 'CLOSURE' ? closure : `${model}.${retention.from}`, action }
}

function categoriesOf({ columns }: AnyPolicy): string {
  return [...new Set(Object.values(columns).map(({ category }) => category))].toSorted().join(', ')
}
