import type { IncomingMessage } from 'node:http'
import { type DocumentNode, execute, type ExecutionResult, getOperationAST, GraphQLError, parse, validate } from 'graphql'
import { createYoga, type YogaServerInstance } from 'graphql-yoga'
import type { App } from '../app.ts'
import { newId } from '../core/ids.ts'
import { authenticate } from '../http/authenticate.ts'
import type { RequestCtx } from './builder.ts'
import { maskError, maskResult, withRequestId } from './masking.ts'
import { refusal } from './refusal.ts'

/** What the HTTP server hands along with a request. */
export interface ServerContext {
  req?: IncomingMessage
  requestId?: string
}
/** Serves /graphql: `fetch(request)`, or a listener for node:http. */
export type GraphqlServer = YogaServerInstance<ServerContext, object>

const maxBodyBytes = 256 * 1024

/** The GraphQL endpoint over an app's schema. */
export function createGraphqlServer(app: App): GraphqlServer {
  const idOf = (context: ServerContext): string => (context.requestId ??= newId(app.clock))
  return createYoga<ServerContext>({
    schema: app.schema,
    graphqlEndpoint: '/graphql',
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    batching: false,
    logging: false,
    maxRequestBodySize: maxBodyBytes,
    maskedErrors: { maskError: (error) => maskError(error, { app, requestId: 'unknown' }) },
    plugins: [
      {
        onParams: ({ setParamsHandler }: { setParamsHandler: (handler: (payload: { request: Request; params: { query?: string; variables?: Record<string, unknown>; operationName?: string }; context: ServerContext }) => Promise<ExecutionResult>) => void }) =>
          setParamsHandler(({ request, params, context }) => answer(app, request, params, idOf(context))),
      },
    ],
  }) as GraphqlServer
}

async function answer(app: App, request: Request, params: { query?: string; variables?: Record<string, unknown>; operationName?: string }, requestId: string): Promise<ExecutionResult> {
  const at = { app, requestId }
  try {
    const ctx = await requestCtx(app, request, requestId)
    const document = read(app, params.query ?? '')
    const operation = getOperationAST(document, params.operationName)
    if (!operation) throw refusal('BAD_REQUEST', 'Name the operation to run.')
    if (operation.operation !== 'query' && request.method === 'GET') throw refusal('METHOD_NOT_ALLOWED', 'A mutation is sent by POST.', { headers: { allow: 'POST' } })
    return maskResult(await execute({ schema: app.schema, document, contextValue: ctx, variableValues: params.variables ?? {}, operationName: params.operationName ?? null }), at)
  } catch (error) {
    return { errors: (error instanceof AggregateError ? error.errors : [error]).map((each) => withRequestId(maskError(each, at), requestId)) }
  }
}

function read(app: App, query: string): DocumentNode {
  let document
  try {
    document = parse(query)
  } catch (error) {
    throw error instanceof GraphQLError ? new GraphQLError(error.message, { nodes: error.nodes ?? null, source: error.source ?? null, positions: error.positions ?? null, extensions: { code: 'GRAPHQL_PARSE_FAILED', http: { status: 400, spec: true } } }) : error
  }
  const errors = validate(app.schema, document)
  if (errors.length > 0) throw new AggregateError(errors.map((error) => new GraphQLError(error.message, { nodes: error.nodes ?? null, extensions: { code: 'GRAPHQL_VALIDATION_FAILED', http: { status: 400, spec: true } } })))
  return document
}

/** Who asks, with what they need to be answered. */
export async function requestCtx(app: App, request: Request, requestId: string): Promise<RequestCtx> {
  const actor = await authenticate(app, request)
  return { app, db: app.database.prisma, clock: app.clock, actor, requestId, vault: actor.kind === 'anonymous' ? null : await app.vault.of(actor.ownerId) }
}
