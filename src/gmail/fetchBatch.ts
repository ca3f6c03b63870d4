import { z } from 'zod'
import type { Ctx } from '../core/ctx.ts'
import { callGoogle, timeoutMs } from '../google/call.ts'
import { failureOf, GoogleFailure } from '../google/failure.ts'
import { jsonOf } from './json.ts'
import { GmailJson, headerNames, messageFields, subjectHeader } from './message.ts'
import { type PartAnswer, readBatch, writeBatch } from './multipart.ts'
import type { Part } from './plan.ts'

/** What became of one part of a batch: the messages that it brought, or why it brought none. */
export type PartResult = { messages: GmailJson[] } | { failure: GoogleFailure }

/** Fetches the metadata of messages and conversations in one request. A part that fails takes none of the others with it. @throws GoogleFailure when the whole request fails, GrantEnded, Yield */
export async function fetchBatch(ctx: Ctx, parts: readonly Part[], { subjects }: { subjects: boolean }): Promise<PartResult[]> {
  const units = parts.reduce((sum, part) => sum + part.units, 0)
  const results = new Map<Part, PartResult>()
  await callGoogle(ctx, { api: 'gmail', units }, async (accessToken) => {
    const open = parts.filter((part) => !results.has(part))
    const answers = await send(
      ctx,
      accessToken,
      open.map((part) => pathOf(part, subjects)),
    )
    for (const [place, part] of open.entries()) results.set(part, resultOf(part, answers.get(place), ctx.clock.now()))
    // The token went out of date meanwhile: with the next one only these parts are asked for again.
    const refused = open.filter((part) => isRefused(results.get(part)))
    if (refused.length > 0 && open.length === parts.length) {
      for (const part of refused) results.delete(part)
      throw new GoogleFailure('unauthorized', 'parts of a batch')
    }
    return { data: {} }
  })
  return parts.map((part) => results.get(part) ?? { failure: new GoogleFailure('unavailable', 'no answer') })
}

function isRefused(result: PartResult | undefined): boolean {
  return result !== undefined && 'failure' in result && result.failure.kind === 'unauthorized'
}

function pathOf({ kind, id }: Part, subjects: boolean): string {
  const query = new URLSearchParams({ format: 'metadata', fields: kind === 'message' ? messageFields : `messages(${messageFields})` })
  for (const name of subjects ? [...headerNames, subjectHeader] : headerNames) query.append('metadataHeaders', name)
  return `/gmail/v1/users/me/${kind === 'message' ? 'messages' : 'threads'}/${encodeURIComponent(id)}?${query}`
}

async function send(ctx: Ctx, accessToken: string, paths: readonly string[]): Promise<Map<number, PartAnswer>> {
  const { contentType, body } = writeBatch(paths)
  const response = await fetch(`${ctx.app.google.origin ?? 'https://gmail.googleapis.com'}/batch/gmail/v1`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': contentType },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  })
  const text = await response.text()
  if (response.status !== 200) throw failureOf({ response: { status: response.status, headers: response.headers, data: jsonOf(text) } }, ctx.clock.now())
  return readBatch(response.headers.get('content-type') ?? '', text)
}

function resultOf({ kind }: Part, answer: PartAnswer | undefined, now: Temporal.Instant): PartResult {
  if (!answer) return { failure: new GoogleFailure('unavailable', 'a part without an answer') }
  const data = jsonOf(answer.body)
  if (answer.status !== 200) return { failure: failureOf({ response: { status: answer.status, headers: answer.headers, data } }, now) }
  const read = kind === 'message' ? OneMessage.safeParse(data) : Conversation.safeParse(data)
  return read.success ? { messages: read.data } : { failure: new GoogleFailure('unavailable', 'an answer that is no message') }
}

const OneMessage = GmailJson.transform((message) => [message])
const Conversation = z.object({ messages: GmailJson.array().default([]) }).transform(({ messages }) => messages)
