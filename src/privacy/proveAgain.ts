import type { Ctx } from '../core/ctx.ts'
import { ConflictError, InvalidInputError } from '../core/errors.ts'
import { execute, sql } from '../db/client.ts'
import { maxTries, triesOf, tryCode } from './codes.ts'
import { asController, controllerId } from './controller.ts'
import { requestOfToken } from './follow.ts'
import { lockRequest } from './journal.ts'
import { sendCode } from './progress.ts'

/** Sends a code to where answers to a request without an account go, so that its archive can be fetched; says nothing of whether it does. @throws ConflictError when too many were tried */
export async function sendCodeForDownload(ctx: Ctx, token: string): Promise<void> {
  const id = requestOfToken(ctx.app, token) ?? controllerId
  await asController(ctx, 'code for a download', async (tx) => {
    const request = await lockRequest(tx, id)
    if (request?.state !== 'AWAITING_DOWNLOAD' || request.subject === 'USER') return
    // What was proven by earlier codes does not count against this one; what was guessed does.
    await execute(tx, sql`UPDATE privacy_codes SET attempts = 0 WHERE "ownerId" = ${controllerId}::uuid AND "requestId" = ${id}::uuid AND "usedAt" IS NOT NULL`)
    if ((await triesOf(tx, id)).tries >= maxTries) throw new ConflictError('Too many codes were tried: submit the request anew.')
    await sendCode(tx, request)
  })
}

/** Proves by such a code that whoever fetches controls the address that was proven before; answers the request's id. @throws InvalidInputError */
export async function proveForDownload(ctx: Ctx, token: string, code: string): Promise<string> {
  const id = requestOfToken(ctx.app, token) ?? controllerId
  const right = await asController(ctx, 'proof for a download', async (tx) => {
    const request = await lockRequest(tx, id)
    const fits = await tryCode(tx, id, code)
    return fits && request?.state === 'AWAITING_DOWNLOAD' && request.subject !== 'USER'
  })
  // Outside of the transaction: that it was tried is kept.
  if (!right) throw new InvalidInputError({ path: ['code'], message: 'That code is not right, or not good any more.' })
  return id
}
