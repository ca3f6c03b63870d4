import type { LegalBasis } from '../policy/policy.ts'
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
