import { type Ctx, ownerOf } from '../core/ctx.ts'
import { ConflictError, ForbiddenError, InvalidInputError, NotFoundError } from '../core/errors.ts'
import type { PrivacyRequest } from '../db/generated/prisma/client.ts'
import { maxTries, triesOf, tryCode } from './codes.ts'
import { asController, controllerId } from './controller.ts'
import { requestOfToken } from './follow.ts'
import { isFresh } from './holder.ts'
import { happen, lockRequest, type RequestActor } from './journal.ts'
import { goOn, sendCode } from './progress.ts'
import type { Level } from './vocabulary.ts'

/** The most codes for one request. */
const maxCodes = 3

/** Confirms a request of the signed-in holder that waits for it, by having signed in within the last ten minutes. @throws NotFoundError, ForbiddenError when the sign-in is older */
export async function confirm(ctx: Ctx, id: string): Promise<PrivacyRequest> {
  const ownerId = ownerOf(ctx)
  if (!(await isFresh(ctx))) throw new ForbiddenError('Sign in again first: a confirmation counts for ten minutes after that.')
  return asController(ctx, 'confirmation', async (tx) => {
    const request = await lockRequest(tx, id)
    if (!request || request.subjectOwnerId !== ownerId) throw new NotFoundError()
    if (request.state !== 'AWAITING_IDENTITY') return request
    return prove(tx, request, 1, 'SIGN_IN')
  })
}

/**
 * Proves by a code that whoever asks controls the address that the request came from. A wrong code, one too many, one too late and a token that is not
 * ours are the same refusal, after the same statements. @throws InvalidInputError
 */
export async function verify(ctx: Ctx, token: string, code: string): Promise<PrivacyRequest> {
  const id = requestOfToken(ctx.app, token) ?? controllerId
  const request = await asController(ctx, 'verification', async (tx) => {
    const locked = await lockRequest(tx, id)
    const right = await tryCode(tx, id, code)
    if (!right || locked?.state !== 'AWAITING_IDENTITY') return null
    return prove(tx, locked, 2, 'MAIL_CODE')
  })
  // Outside of the transaction: that it was tried is kept.
  if (!request) throw new InvalidInputError({ path: ['code'], message: 'That code is not right, or not good any more.' })
  return request
}

/** Sends another code for a request that waits for one; says nothing of whether it does. @throws ConflictError after three */
export async function sendCodeAgain(ctx: Ctx, token: string): Promise<void> {
  const id = requestOfToken(ctx.app, token)
  await asController(ctx, 'another code', async (tx) => {
    const request = await lockRequest(tx, id ?? controllerId)
    const { codes, tries } = await triesOf(tx, id ?? controllerId)
    if (request?.state !== 'AWAITING_IDENTITY' || request.requiredLevel < 2 || request.provenLevel >= 2) return
    if (codes >= maxCodes || tries >= maxTries) throw new ConflictError('No more codes can be sent for this request: submit it anew.')
    await sendCode(tx, request)
  })
}

/** Notes how well it is known who asks, and goes on where that is enough. In the controller's open transaction, the request locked. */
export async function prove(tx: Ctx, request: PrivacyRequest, level: Level, by: string, actor: RequestActor = { kind: 'SYSTEM' }): Promise<PrivacyRequest> {
  const changes = { provenLevel: Math.max(request.provenLevel, level), provenBy: by }
  return goOn(tx, await happen(tx, request, { event: 'note', actor, reasonCode: by, reason: `It is known on level ${level} who asks.`, changes }))
}
