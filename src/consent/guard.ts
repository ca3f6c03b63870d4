import type { Ctx } from '../core/ctx.ts'
import { ForbiddenError } from '../core/errors.ts'
import { toDate } from '../core/clock.ts'
import { idFrom } from '../core/ids.ts'
import { rows, sql } from '../db/client.ts'
import { inTransaction, record } from '../events/service.ts'
import type { AnyPolicy, Model } from '../policy/policy.ts'
import { standingOf } from './ledger.ts'
import { type ConsentPurpose, type PurposeKey, purposeOf } from './purposes.ts'
import { permits } from './states.ts'

/** What personal data is used for outside of a request of its owner, and which tables that touches. */
export interface Use {
  purpose: PurposeKey
  models: readonly Model[]
}

/** Why a use is refused. */
export type RefusalReason =
  /** There is no purpose of that name. */
  | 'UNKNOWN_PURPOSE'
  /** The policies do not hold that data for that purpose. */
  | 'NOT_DECLARED'
  /** Google lets its data serve what the user sees, and nothing else. */
  | 'LIMITED_USE'
  /** The account is restricted to storage. */
  | 'RESTRICTED'
  /** Its owner has not consented, or not any more. */
  | 'NO_CONSENT'

/** Personal data was not used, because it may not be used for this. */
export class PurposeRefused extends ForbiddenError {
  readonly purpose: string
  readonly reason: RefusalReason
  constructor(purpose: string, reason: RefusalReason) {
    super(`Data may not be used for ${purpose} here: ${reason}.`)
    this.purpose = purpose
    this.reason = reason
  }
}

/** How often a refusal that goes on is written into the owner's events. */
const auditedEvery = { hours: 24 }

/**
 * Does work on an owner's personal data for a purpose, if that is permitted at this very moment; everything that Kith does outside of a request of the owner
 * goes through here. A refusal is logged, and stands in the owner's events once a day. When it cannot be found out, the work is not done.
 * @throws PurposeRefused
 */
export async function withPurpose<T>(ctx: Ctx, use: Use, work: (ctx: Ctx) => Promise<T>): Promise<T> {
  const reason = await refusalOf(ctx, use)
  if (reason === null) return work(ctx)
  ctx.app.log.warn({ purpose: use.purpose, reason, requestId: ctx.requestId }, 'Personal data was not used, because it may not be.')
  await audit(ctx, use.purpose, reason)
  throw new PurposeRefused(use.purpose, reason)
}

async function refusalOf(ctx: Ctx, use: Use): Promise<RefusalReason | null> {
  const purpose = purposeOf(use.purpose)
  if (!purpose) return 'UNKNOWN_PURPOSE'
  const declared = declarationRefusal(purpose, use.models, ctx.app.policies)
  if (declared !== null) return declared
  if (!purpose.whileRestricted && (await ctx.app.isRestricted(ctx))) return 'RESTRICTED'
  if (purpose.legalBasis === 'CONSENT' && !permits((await standingOf(ctx, purpose)).state)) return 'NO_CONSENT'
  return null
}

/** Why a purpose may not touch some tables whoever they belong to; null when it may. Of each it must be said, in its policy, that it is held for what the purpose permits. */
export function declarationRefusal(
  purpose: Pick<ConsentPurpose, 'permits' | 'limitedUse'>,
  models: readonly Model[],
  policies: Readonly<Record<string, AnyPolicy>>,
): 'NOT_DECLARED' | 'LIMITED_USE' | null {
  const touched = models.map((model) => policies[model])
  if (!purpose.limitedUse && touched.some((policy) => policy?.limitedUse)) return 'LIMITED_USE'
  const isHeldForIt = (policy: AnyPolicy | undefined): boolean =>
    policy !== undefined && [policy, ...Object.values(policy.columns)].some(({ purposes }) => purposes?.some((each) => purpose.permits.includes(each)))
  return models.length > 0 && touched.every(isHeldForIt) ? null : 'NOT_DECLARED'
}

async function audit(ctx: Ctx, key: string, reason: RefusalReason): Promise<void> {
  if (ctx.actor.kind === 'anonymous') return
  const { ownerId } = ctx.actor
  const entityId = idFrom('purpose', key)
  const since = toDate(ctx.clock.now().subtract(auditedEvery))
  // In a transaction of its own: the one around it ends with the refusal.
  const { unit: _open, ...outside } = ctx
  await inTransaction({ ...outside, db: ctx.app.database.prisma }, async (tx) => {
    const [told] = await rows(
      tx,
      sql`SELECT 1 FROM events WHERE "ownerId" = ${ownerId}::uuid AND "entityId" = ${entityId}::uuid AND type = 'purpose.refused' AND ${reason} = ANY(changed) AND at > ${since}::timestamptz LIMIT 1`,
    )
    if (!told) record(tx, { type: 'purpose.refused', entityType: 'Purpose', entityId, changed: [reason] })
  })
}
