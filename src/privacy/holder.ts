import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { NotFoundError } from '../core/errors.ts'
import { rows, sql } from '../db/client.ts'

/** How long after signing in somebody counts as having just proven who they are (CCPA regulations, § 7061). */
const freshFor = { minutes: 10 }

/** The holder of the actor's account. @throws NotFoundError */
export async function holderOf(ctx: Ctx): Promise<{ id: string; email: string; locale: string }> {
  const [account] = await rows<{ id: string; email: string; locale: string }>(
    ctx,
    sql`SELECT id, email, locale FROM accounts WHERE "ownerId" = ${ownerOf(ctx)}::uuid`,
  )
  if (!account) throw new NotFoundError()
  return account
}

/** Whether the actor is a browser that signed in within the last ten minutes, or as it is said. A token proves nothing about who holds it now. */
export async function isFresh({ actor, ...ctx }: Ctx, within: { minutes: number } = freshFor): Promise<boolean> {
  if (actor.kind !== 'user') return false
  const since = toDate(ctx.clock.now().subtract(within))
  const found = await rows(
    ctx,
    sql`SELECT 1 FROM sessions WHERE "ownerId" = ${actor.ownerId}::uuid AND id = ${actor.sessionId}::uuid AND "createdAt" >= ${since}::timestamptz`,
  )
  return found.length > 0
}
