import type { PurposeKey } from '../consent/service.ts'

/** A category that nobody can leave, for mail about the account's safety, the law, or what its owner has set up or asked for. */
export type ObligatoryCategory = 'SECURITY' | 'LEGAL' | 'TRANSACTIONAL'

/** What one can leave with one click. */
export const mailingLists = ['DIGEST', 'NEWS'] as const
/** What one can leave with one click. */
export type MailingList = (typeof mailingLists)[number]

/** A kind of mail. Whatever can be left has a list; marketing rests on its own consent and on nothing else. */
export type MailKind =
  | { category: ObligatoryCategory; purpose: Exclude<PurposeKey, 'MARKETING' | 'SALE_OR_SHARING'>; list?: never }
  | { category: 'PRODUCT'; purpose: PurposeKey; list: MailingList }
  | { category: 'MARKETING'; purpose: 'MARKETING'; list: MailingList }

/** Every kind of mail that Kith sends. A mail has the category of its kind and cannot say another. */
export const mailKinds = {
  REMINDER: { category: 'TRANSACTIONAL', purpose: 'REMINDING' },
  FOLLOW_UP_ALERT: { category: 'TRANSACTIONAL', purpose: 'REMINDING' },
  DIGEST: { category: 'PRODUCT', purpose: 'REMINDING', list: 'DIGEST' },
  POLICY_NOTICE: { category: 'LEGAL', purpose: 'ACCOUNTABILITY' },
  GOOGLE_REAUTHORIZATION: { category: 'SECURITY', purpose: 'SECURITY' },
  NEWS: { category: 'MARKETING', purpose: 'MARKETING', list: 'NEWS' },
} as const satisfies Record<string, MailKind>

/** The name of a kind of mail. */
export type DeliveryKind = keyof typeof mailKinds
