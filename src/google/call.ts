import type { Ctx } from '../core/ctx.ts'
import { withAccessToken } from './accessToken.ts'
import { drain, spend } from './budget.ts'
import { failureOf, GoogleFailure } from './failure.ts'
import type { Api } from './quota.ts'

/** How long Google may take to answer, milliseconds. */
export const timeoutMs = 30_000

/** Calls one of Google's APIs for the owner: takes the call's units first, sends the access token, and says what a failure means without a word of what was sent. @throws GoogleFailure, GrantEnded, Yield */
export async function callGoogle<Data extends object>(
  ctx: Ctx,
  { api, units }: { api: Api; units: number },
  call: (accessToken: string) => Promise<{ data: Data }>,
): Promise<Data> {
  await spend(ctx, api, units)
  return withAccessToken(ctx, async (accessToken) => {
    let data: unknown
    try {
      ;({ data } = await call(accessToken))
    } catch (error) {
      const failure = failureOf(error, ctx.clock.now())
      if (failure.kind === 'rate') await drain(ctx, api)
      throw failure
    }
    // A page of a proxy's comes as text.
    if (typeof data !== 'object' || data === null) throw new GoogleFailure('unavailable', 'an answer that is no JSON')
    return data as Data
  })
}

/** What the library's clients are made with for this server's Google: an access token, one try, and the simulator's origin where that is configured. */
export function clientOptions(ctx: Ctx, accessToken: string): { auth: never; retry: false; timeout: number; rootUrl?: string } {
  const { google } = ctx.app
  const auth = google.oauth()
  auth.setCredentials({ access_token: accessToken })
  // Two versions of the library's own types meet here.
  return { auth: auth as never, retry: false, timeout: timeoutMs, ...(google.origin === null ? {} : { rootUrl: `${google.origin}/` }) }
}
