import type { IncomingMessage } from 'node:http'
import type { Context } from 'hono'
import type { App } from '../app.ts'
import { type Buckets, createBuckets } from '../graphql/rateLimit.ts'
import { clientAddress } from './clientAddress.ts'
import { frameWords } from './frame.ts'
import { languageOf } from './language.ts'
import { noticePage } from './page.ts'

/** Sign-in steps of one address: a burst of 60, then one every 15 s. A sign-in takes two, a sign-up four. */
const quota = { capacity: 60, restorePerSecond: 1 / 15 }

const buckets = new WeakMap<App, Buckets>()

/** Counts a step of signing in, or another that strangers may take, against the address it comes from; answers what to say when there were too many. The address itself is not kept. */
export async function tooManyAttempts(app: App, c: Context): Promise<Response | null> {
  let shared = buckets.get(app)
  if (!shared) buckets.set(app, (shared = createBuckets(app)))
  const address = clientAddress((c.env as { incoming?: IncomingMessage } | undefined)?.incoming)
  const { granted, retryAfter, settle } = await shared.take(`sign-in ${app.vault.master.mac('client address', address).toString('base64url', 0, 16)}`, 1, quota)
  if (granted) {
    settle(1)
    return null
  }
  const language = languageOf(app, c.req.raw)
  const words = frameWords[language].tooMany
  const answer = await noticePage({ title: words.title, text: words.text(retryAfter), status: 429, language })
  answer.headers.set('retry-after', String(retryAfter))
  return answer
}
