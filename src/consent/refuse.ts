import type { Execution, Executor } from '../privacy/service.ts'
import { withdrawConsent } from './decide.ts'
import type { PurposeKey } from './purposes.ts'

/** An opt-out from selling and sharing is a no in the ledger of the account that asked for it. */
export const refuseSelling: Executor = (ctx, execution) => refuse(ctx, execution, 'SALE_OR_SHARING')

/** Who objects to marketing, or to every use, gets no more of it: the consent to it is taken back, whatever else is weighed (GDPR, Article 21(3)). */
export const refuseMarketing: Executor = async (ctx, execution) => {
  const { purpose } = execution.details
  return purpose === null || purpose === 'MARKETING' ? refuse(ctx, execution, 'MARKETING') : null
}

/** Somebody without an account has consented to nothing. */
async function refuse(ctx: Parameters<Executor>[0], { subject }: Execution, key: PurposeKey): ReturnType<Executor> {
  if (subject.kind !== 'USER') return null
  await withdrawConsent({ ...ctx, actor: { kind: 'system', ownerId: subject.ownerId, reason: 'privacy request' } }, key, { method: 'privacy request' })
  return 'DONE'
}
