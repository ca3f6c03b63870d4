import { dataMap } from '../policy/dataMap.ts'
import type { AnyPolicy, LegalBasis } from '../policy/policy.ts'
import type { RequestType } from './vocabulary.ts'

/** What a legal basis opens (GDPR, Articles 13 to 22 and 77; the Data Privacy Vocabulary's table of bases and rights). What is asked of everybody's data, whatever the basis, is open under all. */
const always: readonly RequestType[] = ['ACCESS', 'ACCESS_CATEGORIES', 'RECTIFICATION', 'RESTRICTION', 'OPT_OUT_SALE_SHARING', 'LIMIT_SENSITIVE', 'COMPLAINT']

/** The requests that data held on a basis must grant. */
export const rightsOf: Readonly<Record<LegalBasis, ReadonlySet<RequestType>>> = {
  CONSENT: new Set<RequestType>([...always, 'ERASURE', 'PORTABILITY', 'AUTOMATED_DECISION_REVIEW', 'MINOR_ERASURE']),
  CONTRACT: new Set<RequestType>([...always, 'ERASURE', 'PORTABILITY', 'AUTOMATED_DECISION_REVIEW', 'MINOR_ERASURE']),
  LEGITIMATE_INTEREST: new Set<RequestType>([...always, 'ERASURE', 'OBJECTION', 'AUTOMATED_DECISION_REVIEW', 'MINOR_ERASURE']),
  LEGAL_OBLIGATION: new Set<RequestType>(always),
}

/** Whether data held on this basis must be given, changed or deleted when somebody asks so. */
export function isOpenTo(basis: LegalBasis, type: RequestType): boolean {
  return rightsOf[basis].has(type)
}

/** A column of the database, by its model and name. */
export interface ColumnName {
  model: string
  column: string
}

/** Which columns a request reaches and which it does not, by the basis that each is declared to rest on; those that hold nobody's data are neither. */
export function reachOf(
  policies: Readonly<Record<string, AnyPolicy>>,
  type: RequestType,
): { open: ColumnName[]; closed: (ColumnName & { basis: LegalBasis })[] } {
  const open: ColumnName[] = []
  const closed: (ColumnName & { basis: LegalBasis })[] = []
  for (const { model, columns } of dataMap(policies)) {
    for (const { name, legalBasis, subject, category } of columns) {
      if (subject === 'NOBODY' || category.startsWith('system.')) continue
      if (isOpenTo(legalBasis, type)) open.push({ model, column: name })
      else closed.push({ model, column: name, basis: legalBasis })
    }
  }
  return { open, closed }
}

/** Whether somebody can object to a use of their data: to marketing always, to another where some data is used for it in a legitimate interest (Article 21(1), (2)). */
export function canObjectTo(policies: Readonly<Record<string, AnyPolicy>>, purpose: string): boolean {
  if (purpose === 'MARKETING') return true
  return dataMap(policies).some(({ columns }) =>
    columns.some(({ purposes, legalBasis }) => (purposes as readonly string[]).includes(purpose) && isOpenTo(legalBasis, 'OBJECTION')),
  )
}
