import type { AnyPolicy, LegalBasis, Purpose } from './policy.ts'

/** Why a row is held, from where it is, and until when. */
export interface Personal {
  legalBasis: LegalBasis
  purposes: readonly Purpose[]
  /** Where it comes from, as the row or its policy says. */
  source: string
  /** When it is deleted at the latest as things stand; null: with the account. */
  deleteAfter: Temporal.Instant | null
}

/** What a row's policy says of that very row: the shortest of the times that have begun to run decides when it goes. */
export function personalOf(policy: AnyPolicy, row: Readonly<Record<string, unknown>>): Personal {
  const rules = [policy.retention, ...Object.values(policy.columns).flatMap(({ retention }) => (retention && endsRow(policy, retention) ? [retention] : []))]
  const ends = rules.flatMap((rule) => {
    if (rule === 'ACCOUNT') return []
    const from = row[rule.from]
    return from instanceof Date ? [Temporal.Instant.fromEpochMilliseconds(from.getTime()).toZonedDateTimeISO('UTC').add(rule.after).toInstant()] : []
  })
  return {
    legalBasis: policy.legalBasis,
    purposes: policy.purposes,
    source:
      typeof row['source'] === 'string' ? row['source'] : typeof row['kind'] === 'string' && 'externalId' in policy.columns ? row['kind'] : sourceOf(policy),
    deleteAfter: ends.toSorted((one, other) => Temporal.Instant.compare(one, other))[0] ?? null,
  }
}

// A column that is a retention's own clock, such as the day something was put into the bin, ends the row; others only lose their value.
function endsRow({ columns }: AnyPolicy, retention: AnyPolicy['retention']): boolean {
  return retention !== 'ACCOUNT' && columns[retention.from]?.retention === retention
}

function sourceOf({ columns }: AnyPolicy): string {
  const sources = Object.values(columns).flatMap(({ provenance }) => provenance ?? [])
  return sources.length > 0 && sources.every((source) => source === 'GOOGLE') ? 'GOOGLE' : 'OWNER'
}
