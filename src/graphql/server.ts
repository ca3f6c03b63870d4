import type { IncomingMessage } from 'node:http'
import { type ExecutionResult, GraphQLError } from 'graphql'
import { createYoga, type GraphQLParams, type Plugin, type YogaServerInstance } from 'graphql-yoga'
import type { App } from '../app.ts'
import { newId } from '../core/ids.ts'
import { authenticate } from '../http/authenticate.ts'
import { clientAddress } from '../http/clientAddress.ts'
import { heeding } from '../http/signals.ts'
import type { RequestCtx } from './builder.ts'
import { compiler, type Execute } from './compile.ts'
import { type Charge, type Cost, meterOf, type Meter, rateLimitHeaders } from './cost.ts'
import { documentReader, type ReadDocument } from './documents.ts'
import { graphiqlPage } from './graphiql.ts'
import { acceptRequests } from './httpRequest.ts'
import { answerOnce, idempotencyKey } from './idempotency.ts'
import { maskResult, withRequestId } from './masking.ts'
import { type Operation, pickOperation } from './operation.ts'
import { planner } from './plan.ts'
import { refusal } from './refusal.ts'
import { accessError } from './scopes.ts'
import { answerStream } from './subscription.ts'
import { answerWhole, isTransactional } from './transactional.ts'
import { variableErrors } from './variables.ts'

/** What the HTTP server hands along with a request. */
export interface ServerContext {
  req?: IncomingMessage
  requestId?: string
  /** The answer where it is known already, and only has to be written. */
  answer?: ExecutionResult | AsyncIterable<ExecutionResult>
}
/** Serves /graphql: `fetch(request)`, or a listener for node:http. */
export type GraphqlServer = YogaServerInstance<ServerContext, object>

/** Parts that tests replace. */
export interface GraphqlServerOptions {
  /** Runs every operation, without plans. */
  execute?: Execute
}

/** What answering takes. */
export interface Parts {
  app: App
  read: (query: string) => ReadDocument
  meter: Meter
  execute: Execute
}

/** What answering takes, made once for a server. */
export function partsOf(app: App, options: GraphqlServerOptions = {}): Parts {
  return { app, read: documentReader(app.schema), meter: meterOf(app), execute: options.execute ?? planner(app, compiler(app)) }
}

/** The GraphQL endpoint over an app's schema. */
export function createGraphqlServer(app: App, options: GraphqlServerOptions = {}): GraphqlServer {
  return serverOf(partsOf(app, options))
}

/** The GraphQL endpoint out of its parts. */
export function serverOf(parts: Parts): GraphqlServer {
  const { app } = parts
  return createYoga<ServerContext>({
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    batching: false,
    logging: false,
    parserAndValidationCache: false,
    // httpRequest.ts reads bodies, and bounds them
    maxRequestBodySize: false,
    // maskResult does it, where the request's id is known
    maskedErrors: {
      errorMessage: '',
      maskError: (error) =>
        error instanceof GraphQLError ? error : new GraphQLError('', { originalError: error instanceof Error ? error : new Error(String(error)) }),
    },
    plugins: [graphiqlPage(app), acceptRequests(), pipeline(parts)],
  }) as GraphqlServer
}

/** Everything between a request that was read and an answer that is written. */
function pipeline(parts: Parts): Plugin<object, ServerContext> {
  const { app } = parts
  return {
    onRequestParse: ({ serverContext, setRequestParser }) => {
      if (serverContext?.answer) setRequestParser(() => ({ query: '' }))
    },
    onParams: ({ setParamsHandler }) => {
      setParamsHandler(async ({ request, params, context }) => context.answer ?? answerRequest(parts, request, params, context))
    },
    onResultProcess: ({ result, setResult, serverContext }) => {
      if (!Array.isArray(result) && !(Symbol.asyncIterator in result)) setResult(presented(app, result, requestIdOf(app, serverContext)))
    },
  }
}

/** The request's id, given now if it has none. */
function requestIdOf(app: App, context: ServerContext): string {
  return (context.requestId ??= newId(app.clock))
}

/** Runs what a request asks for; whatever is wrong with it is part of the answer. */
export async function answerRequest(
  parts: Parts,
  request: Request,
  params: GraphQLParams,
  context: ServerContext,
): Promise<ExecutionResult | AsyncIterable<ExecutionResult>> {
  const { app } = parts
  const address = clientAddress(context.req)
  try {
    const ctx = await requestCtx(app, request, requestIdOf(app, context)).catch(async (error: unknown) => {
      // Whoever tries out credentials is counted as someone unknown.
      await parts.meter.chargeAddress(address)
      throw error
    })
    return await answer(parts, request, params, ctx, address)
  } catch (error) {
    return { errors: (error instanceof AggregateError ? error.errors : [error]) as GraphQLError[] }
  }
}

/** An answer as the client gets it, with the response's headers among its extensions. */
export function presented(app: App, result: ExecutionResult, requestId: string): ExecutionResult & { extensions: Presented } {
  const { errors, extensions, ...rest } = maskResult(result, { app, requestId })
  const http = (extensions?.['http'] as { headers?: Record<string, string> } | undefined)?.headers
  const cost = extensions?.['cost'] ?? errors?.[0]?.extensions['cost']
  return {
    ...rest,
    ...(errors ? { errors: errors.map((error) => withRequestId(error, requestId)) } : {}),
    extensions: {
      ...(cost ? { cost } : {}),
      http: { headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-request-id': requestId, ...http } },
    },
  }
}

interface Presented extends Record<string, unknown> {
  http: { headers: Record<string, string> }
}

async function answer(
  { app, read, meter, execute }: Parts,
  request: Request,
  params: GraphQLParams,
  ctx: RequestCtx,
  address: string,
): Promise<ExecutionResult | AsyncIterable<ExecutionResult>> {
  const anonymous = ctx.actor.kind === 'anonymous'
  const addressCharge = anonymous ? await meter.chargeAddress(address) : null

  const { operations, errors } = read(params.query ?? '')
  if (errors) throw new AggregateError(errors)
  const operation = pickOperation(operations, params.operationName)
  if (!operation)
    throw refusal(
      'BAD_REQUEST',
      operations.length > 1 ? 'Name the operation to run: "operationName" is one of the document’s.' : 'The document has no such operation.',
    )
  const kind = operation.node.operation
  if (!app.schema.getRootType(kind)) throw refusal('GRAPHQL_VALIDATION_FAILED', `The schema has no ${kind}.`)
  if (kind !== 'query' && request.method === 'GET')
    throw refusal('METHOD_NOT_ALLOWED', 'What changes something is sent by POST.', { headers: { allow: 'POST' } })

  const refused = accessError(ctx.actor, operation.needs)
  if (refused) throw refused
  const variables = params.variables ?? {}
  const misfits = variableErrors(app.schema, operation.node, variables)
  if (misfits.length > 0) throw new AggregateError(misfits)

  const charge = addressCharge ?? (await meter.charge(ctx, operation, variables))
  if (kind === 'subscription') {
    charge.settle({})
    return answerStream(request, ctx, operation, variables, () => isStillAllowed(app, request, operation))
  }
  const key = idempotencyKey(request, operation)
  const run = (each: RequestCtx): Promise<ExecutionResult> => execute(operation, each, variables)
  if (key === null || !ctx.vault) return withCost(await (isTransactional(app.schema, operation) ? answerWhole(ctx, run) : run(ctx)), charge)
  const payload = { query: params.query ?? '', operationName: params.operationName ?? null, variables }
  const { result, replayed } = await answerOnce(ctx, ctx.vault, key, operation, payload, async (tx) => maskResult(await run(tx), ctx))
  return withCost(result, charge, replayed ? { 'idempotency-replayed': 'true' } : {})
}

/** Whether the credential that opened a stream would open it now. */
async function isStillAllowed(app: App, request: Request, operation: Operation): Promise<boolean> {
  const actor = await authenticate(app, request).catch(() => null)
  return actor !== null && accessError(actor, operation.needs) === null
}

function withCost(result: ExecutionResult, charge: Charge, headers: Record<string, string> = {}): ExecutionResult {
  const cost: Cost = charge.settle(result)
  return { ...result, extensions: { cost, http: { headers: { ...rateLimitHeaders(cost), ...headers } } } }
}

/** Who asks, with what they need to be answered. */
async function requestCtx(app: App, request: Request, requestId: string): Promise<RequestCtx> {
  const actor = await authenticate(app, request)
  const vault = actor.kind === 'anonymous' ? null : await app.vault.of(actor.ownerId)
  const ctx: RequestCtx = { app, db: app.database.prisma, clock: app.clock, actor, requestId, vault, work: { points: 0 } }
  return heeding(ctx, request.headers)
}
