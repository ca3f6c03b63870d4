import { type ExecutionResult, GraphQLError, subscribe } from 'graphql'
import type { App } from '../app.ts'
import type { RequestCtx } from './builder.ts'
import { maskResult } from './masking.ts'
import type { Operation } from './operation.ts'
import { refusal } from './refusal.ts'

/** How many streams one owner may hold open at a process. */
const maxStreams = 5

const open = new WeakMap<App, Map<string, number>>()

/**
 * Answers a subscription: a stream of results, as server-sent events. `mayGoOn` is asked before each event, so that a credential that was revoked hears nothing
 * more. @throws NOT_ACCEPTABLE for a client that takes no stream, RATE_LIMITED beyond five streams of an owner
 */
export async function answerStream(
  request: Request,
  ctx: RequestCtx,
  operation: Operation,
  variables: Record<string, unknown>,
  mayGoOn: () => Promise<boolean>,
): Promise<ExecutionResult | AsyncIterable<ExecutionResult>> {
  if (!request.headers.get('accept')?.includes('text/event-stream'))
    throw refusal('NOT_ACCEPTABLE', 'A subscription is answered as a stream of events: send Accept: text/event-stream.')
  const owner = ctx.actor.kind === 'anonymous' ? '' : ctx.actor.ownerId
  const streams = open.get(ctx.app) ?? new Map<string, number>()
  open.set(ctx.app, streams)
  if ((streams.get(owner) ?? 0) >= maxStreams) throw refusal('RATE_LIMITED', `Close another subscription first: ${maxStreams} may be open at once.`)
  const result = await subscribe({
    schema: ctx.app.schema,
    document: operation.document,
    contextValue: ctx,
    variableValues: variables,
    ...(operation.node.name ? { operationName: operation.node.name.value } : {}),
  })
  if (!(Symbol.asyncIterator in result)) return maskResult(result, ctx)
  return (async function* () {
    streams.set(owner, (streams.get(owner) ?? 0) + 1)
    try {
      for await (const event of result) {
        if (!(await mayGoOn())) return
        yield maskResult(event, ctx)
      }
    } catch (error) {
      yield maskResult({ errors: [error instanceof GraphQLError ? error : new GraphQLError('', { originalError: error as Error })] }, ctx)
    } finally {
      const left = (streams.get(owner) ?? 1) - 1
      if (left > 0) streams.set(owner, left)
      else streams.delete(owner)
    }
  })()
}
