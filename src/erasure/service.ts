import type { Ctx } from '../core/ctx.ts'
import type { ErasureCertificate } from '../db/generated/prisma/client.ts'
import { controllerId, requestOfToken } from '../privacy/service.ts'

export { chains } from './chains.ts'
export { ledgerFaults } from './ledger.ts'
export { outcomes } from './outcome.ts'
export { countOf, erasurePlan, type ErasurePlan, type Kept, type PlannedItem, standing } from './plan.ts'
export { pendingReplays, replayErasures } from './replay.ts'
export { verifyCertificate } from './verifyCertificate.ts'
export type { CertificateBody } from './certificate.ts'

/** The certificate of an erasure that a request has led to, the latest first; null while there is none. */
export function certificateOf(ctx: Ctx, requestId: string): Promise<ErasureCertificate | null> {
  return ctx.db.erasureCertificate.findFirst({ where: { ownerId: controllerId, requestId }, orderBy: { ledgerSeq: 'desc' } })
}

/** The same by the token that lets somebody without an account follow their request. */
export async function certificateByToken(ctx: Ctx, token: string): Promise<ErasureCertificate | null> {
  const requestId = requestOfToken(ctx.app, token)
  return requestId === null ? null : certificateOf(ctx, requestId)
}
