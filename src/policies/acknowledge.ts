import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { InvalidInputError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import type { PolicyAcknowledgement } from '../db/generated/prisma/client.ts'
import { inTransaction, record } from '../events/service.ts'
import { currentPolicy } from './versions.ts'

/** Notes that the owner has seen the version that holds, by its hash. It is consent to nothing. @throws InvalidInputError when that is another version, or none holds */
export async function acknowledgePolicy(ctx: Ctx, { hash, method }: { hash: string; method: string }): Promise<PolicyAcknowledgement> {
  const ownerId = ownerOf(ctx)
  const policy = await currentPolicy(ctx.app)
  if (!policy || Buffer.from(policy.hash).toString('hex') !== hash)
    throw new InvalidInputError({ path: ['hash'], message: 'That is not the version of the privacy policy that holds now; read that one first.' })
  return inTransaction(ctx, async (tx) => {
    const known = await tx.db.policyAcknowledgement.findUnique({ where: { ownerId_version: { ownerId, version: policy.version } } })
    if (known) return known
    const id = newId(tx.clock)
    record(tx, { type: 'policy.acknowledged', entityType: 'PolicyAcknowledgement', entityId: id })
    return tx.db.policyAcknowledgement.create({
      data: { ownerId, id, version: policy.version, hash: Uint8Array.from(policy.hash), method, at: toDate(tx.clock.now()) },
    })
  })
}
