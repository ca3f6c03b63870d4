import { heedSignals, readSignals } from '../consent/service.ts'
import type { Ctx } from '../core/ctx.ts'

/** A request's ctx with what its browser says of its owner's will; that holds for a signed-in account from this request on. */
export async function heeding<C extends Ctx>(ctx: C, headers: Headers): Promise<C> {
  const signals = readSignals(headers)
  await heedSignals(ctx, signals)
  return { ...ctx, signals }
}
