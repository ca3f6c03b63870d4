import type { Ctx } from '../core/ctx.ts'
import type { PrivacyRequest } from '../db/generated/prisma/client.ts'
import { record } from '../events/service.ts'
import { asController, controllerId } from './controller.ts'
import { detailsOf, replyAddressOf } from './inside.ts'
import { officerOf } from './roles.ts'
import { subjectOf } from './subject.ts'

/** A request with what was written, as an officer works on it. */
export interface PrivacyCase {
  request: PrivacyRequest
  replyTo: string | null
  details: string | null
  identifiers: string[]
  /** In how many contacts the proven addresses stand. */
  matches: number
}

/** A request with what was written, for an officer; null for anybody else, and for none. That it was read, and by whom, is written down before anything is shown. */
export async function readCase(ctx: Ctx, id: string): Promise<PrivacyCase | null> {
  const officer = await officerOf(ctx)
  if (officer === null) return null
  return asController(ctx, `officer ${officer}`, async (tx) => {
    const request = await tx.db.privacyRequest.findUnique({ where: { ownerId_id: { ownerId: controllerId, id } } })
    if (!request) return null
    record(tx, { type: 'privacyRequest.read', entityType: 'PrivacyRequest', entityId: id })
    const { text, identifiers } = await detailsOf(tx, request)
    const subject = await subjectOf(tx, request)
    return { request, replyTo: await replyAddressOf(tx, request), details: text, identifiers, matches: subject.kind === 'USER' ? 0 : subject.places.length }
  })
}
