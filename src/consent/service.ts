import type { Ctx } from '../core/ctx.ts'
import { NotFoundError } from '../core/errors.ts'
import { decisionOf, readChanges, readLedger, standingOf } from './ledger.ts'
import { type ConsentPurpose, type PurposeKey, purposeOf, purposes } from './purposes.ts'
import { noSignals, refusedBy } from './signals.ts'
import { fold, permits, type Standing } from './states.ts'

export { type CookieCategory, cookieCategories, type CookieDefinition, cookieRegistry, type CookieUse, purposeOfCategory } from './cookieRegistry.ts'
export { type Circumstances, giveConsent, invalidateConsent, requestConsent, withdrawConsent } from './decide.ts'
export { mayAskFrom } from './dates.ts'
export { allowsCategory, type Choices, choose, type DevicePurpose, devicePurposes, deviceStanding, joinChoices, readChoices, writeChoices } from './device.ts'
export { declarationRefusal, PurposeRefused, type RefusalReason, type Use, withPurpose } from './guard.ts'
export { heedSignals } from './heed.ts'
export { changePurposes, readLedger, recordsListing } from './ledger.ts'
export { type ConsentPurpose, type Ground, noticeAt, type PurposeKey, purposeOf, purposes } from './purposes.ts'
export { type Receipt, type ReceiptFormat, principalOf, receiptFormats, receiptOf } from './receipts.ts'
export { readSignals, type Signals } from './signals.ts'
export { type ConsentSource, type ConsentState, permits, type Standing } from './states.ts'

/** How a purpose stands for an owner, and whether data may be used for it. */
export interface Consent extends Standing {
  purpose: ConsentPurpose & { key: PurposeKey }
  /** Whether data may be used for it now: consent holds, or none is needed; and the browser that asks does not say no. */
  effective: boolean
}

/** How every purpose stands for the owner. */
export async function consentsOf(ctx: Ctx): Promise<Consent[]> {
  const [ledger, changes] = await Promise.all([readLedger(ctx), readChanges(ctx)])
  const now = ctx.clock.now()
  return purposes.map((purpose) => {
    const entries = ledger.filter((entry) => entry.purpose === purpose.key)
    return consentFrom(ctx, purpose, fold(purpose, entries.map(decisionOf), changes.get(purpose.key) ?? [], now), entries.at(-1)?.signals)
  })
}

/** How one purpose stands for the owner. @throws NotFoundError for a purpose that is none */
export async function consentOf(ctx: Ctx, key: string): Promise<Consent> {
  const purpose = purposeOf(key)
  const consent = purpose && (await consentsOf(ctx)).find((each) => each.purpose.key === purpose.key)
  if (!consent) throw new NotFoundError('There is no purpose of that name.')
  return consent
}

/** Whether data may be used for a purpose at this moment, whoever asks. What cannot be found out is no. */
export async function isPermitted(ctx: Ctx, key: PurposeKey): Promise<boolean> {
  const purpose = purposeOf(key)
  if (!purpose) return false
  return purpose.legalBasis !== 'CONSENT' || permits((await standingOf(ctx, purpose)).state)
}

function consentFrom(ctx: Ctx, purpose: Consent['purpose'], standing: Standing, told: readonly string[] = []): Consent {
  if (purpose.legalBasis !== 'CONSENT') return { purpose, ...standing, effective: true }
  const signals = ctx.signals ?? noSignals
  const heard = told.includes('GPC') ? { ...signals, gpc: false } : signals
  return { purpose, ...standing, effective: permits(standing.state) && !refusedBy(heard).includes(purpose.key) }
}
