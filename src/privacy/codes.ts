import { randomInt } from 'node:crypto'
import { toDate } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { execute, rows, sql } from '../db/client.ts'
import { sameBytes } from '../vault/master.ts'
import { controllerId, controllerVault } from './controller.ts'
import { codeLife } from './schedule.ts'

/** How often a code may be tried, all codes of a request together. */
export const maxTries = 3
/** How many digits a code has: one chance in 33 million for three tries. */
const digits = 8

/** Makes a code for a request, in the controller's open transaction; the code itself is kept nowhere. */
export async function makeCode(tx: Ctx, requestId: string): Promise<string> {
  const code = String(randomInt(10 ** digits)).padStart(digits, '0')
  const now = tx.clock.now()
  // From now on only this one is good.
  await execute(
    tx,
    sql`UPDATE privacy_codes SET "usedAt" = ${toDate(now)}::timestamptz WHERE "ownerId" = ${controllerId}::uuid AND "requestId" = ${requestId}::uuid AND "usedAt" IS NULL`,
  )
  await tx.db.privacyCode.create({
    data: {
      ownerId: controllerId,
      id: newId(tx.clock),
      requestId,
      codeHash: await hashOf(tx, requestId, code),
      expiresAt: toDate(now.add(codeLife)),
      createdAt: toDate(now),
    },
  })
  return code
}

/**
 * Tries a code: true when it is the request's latest, still good, and was not tried too often. For a request that is not there, or waits for no code,
 * the same statements run and the answer is the same.
 */
export async function tryCode(tx: Ctx, requestId: string, code: string): Promise<boolean> {
  const now = toDate(tx.clock.now())
  const hash = await hashOf(tx, requestId, code.replaceAll(/\D/g, ''))
  // Counted before it is compared, and committed whatever comes of it, so that no two tries at once count as one.
  const [tried] = await rows<{ id: string; codeHash: Uint8Array; attempts: number; good: boolean }>(
    tx,
    sql`UPDATE privacy_codes AS c SET attempts = c.attempts + 1
        WHERE c."ownerId" = ${controllerId}::uuid AND c.id = (SELECT id FROM privacy_codes WHERE "ownerId" = ${controllerId}::uuid AND "requestId" = ${requestId}::uuid ORDER BY "usedAt" IS NULL DESC, "createdAt" DESC, id LIMIT 1)
        RETURNING c.id, c."codeHash", c.attempts, c."usedAt" IS NULL AND c."expiresAt" > ${now}::timestamptz AS good`,
  )
  const [{ total } = { total: 0 }] = await rows<{ total: number }>(
    tx,
    sql`SELECT coalesce(sum(attempts), 0)::int AS total FROM privacy_codes WHERE "ownerId" = ${controllerId}::uuid AND "requestId" = ${requestId}::uuid`,
  )
  const same = sameBytes(hash, tried?.codeHash ?? Buffer.alloc(hash.length))
  const right = same && tried?.good === true && total <= maxTries
  await execute(
    tx,
    sql`UPDATE privacy_codes SET "usedAt" = CASE WHEN ${right} THEN ${now}::timestamptz ELSE "usedAt" END WHERE "ownerId" = ${controllerId}::uuid AND id = ${tried?.id ?? requestId}::uuid`,
  )
  return right
}

/** How often codes of a request were tried, and how many were made. */
export async function triesOf(tx: Ctx, requestId: string): Promise<{ tries: number; codes: number }> {
  const [found] = await rows<{ tries: number; codes: number }>(
    tx,
    sql`SELECT coalesce(sum(attempts), 0)::int AS tries, count(*)::int AS codes FROM privacy_codes WHERE "ownerId" = ${controllerId}::uuid AND "requestId" = ${requestId}::uuid`,
  )
  return found ?? { tries: 0, codes: 0 }
}

/** Forgets the codes of a request that is closed: that it was proven, and how, stays with it. */
export function forgetCodes(tx: Ctx, requestId: string): Promise<number> {
  return execute(tx, sql`DELETE FROM privacy_codes WHERE "ownerId" = ${controllerId}::uuid AND "requestId" = ${requestId}::uuid`)
}

async function hashOf(tx: Ctx, requestId: string, code: string): Promise<Uint8Array<ArrayBuffer>> {
  return (await controllerVault(tx.app)).hash('privacy code', `${requestId}\n${code}`)
}
