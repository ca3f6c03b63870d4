import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import type { App } from '../app.ts'
import { newId } from '../core/ids.ts'
import { createGraphqlListener } from '../graphql/listener.ts'
import { filterCookies } from './cookieFilter.ts'
import { healthRoutes } from './health.ts'
import { landing } from './landing.ts'
import { createMetrics, type Siblings } from './metrics.ts'
import { nothingHere, problem } from './problem.ts'
import { requestIdHeader } from './routeCtx.ts'
import { securityHeaders } from './securityHeaders.ts'

/** Longer than the 60 s after which load balancers let go of idle connections, so that it is not us who close one in the moment it is used, milliseconds. */
const keepAliveMs = 65_000
/** How long a client may take to send its headers, milliseconds. */
const headersMs = 20_000
/** How long a client may take to send a whole request: a file of 50 MB over a slow line, milliseconds. */
const requestMs = 300_000
const maxHeaderBytes = 16 * 1024

/** Everything Kith serves over HTTP: /graphql goes straight to the GraphQL server, the rest to the routes. Listening is up to the caller, who names the servers that listen together with this one. */
export function createHttpServer(app: App, siblings?: Siblings): Server {
  const graphql = createGraphqlListener(app)
  const metrics = app.config.metrics ? createMetrics(app, siblings) : null
  const rest = getRequestListener(createRoutes(app, metrics).fetch)
  const headers = Object.entries(securityHeaders(app.config))

  /** What goes wrong beyond all that is caught within ends one answer, and not everybody's. */
  const answered = (work: unknown, response: ServerResponse): void => {
    Promise.resolve(work).catch((error: unknown) => {
      app.log.error({ err: error }, 'A request could not be answered.')
      response.destroy()
    })
  }

  const server = createServer(
    { keepAliveTimeout: keepAliveMs, headersTimeout: headersMs, requestTimeout: requestMs, maxHeaderSize: maxHeaderBytes },
    (request, response) => {
      const requestId = newId(app.clock)
      nameRequest(request, requestId)
      response.setHeader(requestIdHeader, requestId)
      for (const [name, value] of headers) response.setHeader(name, value)
      const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
      observe(app, metrics, request, response, path, requestId)
      filterCookies(app, request, response, (cookie, reason) => {
        metrics?.cookieStripped(reason)
        app.log.error({ requestId, cookie, reason }, 'A cookie was taken out of an answer: whoever sets it has a defect.')
      })
      if (path === '/graphql') answered(graphql(request, response, { req: request, requestId }), response)
      else answered(rest(request, response), response)
    },
  )
  // What is no HTTP gets no explanation; the connection may be gone already.
  server.on('clientError', (_error, socket) =>
    socket.writable ? socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n') : socket.destroy(),
  )
  return server
}

function createRoutes(app: App, metrics: ReturnType<typeof createMetrics> | null): Hono {
  const routes = new Hono()
  routes.onError((error, c) => problem(app, c.req.raw, error))
  routes.notFound((c) => nothingHere(c.req.raw))
  routes.get('/', (c) => landing(app, c.req.raw))
  routes.route('/', healthRoutes(app))
  if (metrics) {
    routes.get('/metrics', async (c) => {
      const { contentType, text } = await metrics.print()
      return c.body(text, 200, { 'content-type': contentType })
    })
  }
  for (const domainRoutes of app.routes) routes.route('/', domainRoutes(app))
  return routes
}

/** Gives a request its id in place of any that the client made up, in both forms in which Node holds headers. */
function nameRequest(request: IncomingMessage, requestId: string): void {
  request.headers[requestIdHeader] = requestId
  const kept: string[] = []
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const [name, value] = [request.rawHeaders[at] ?? '', request.rawHeaders[at + 1] ?? '']
    if (name.toLowerCase() !== requestIdHeader) kept.push(name, value)
  }
  request.rawHeaders = [...kept, requestIdHeader, requestId]
}

/** Logs and counts a request once it is answered; never its query, which may hold a code. */
function observe(
  app: App,
  metrics: ReturnType<typeof createMetrics> | null,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  requestId: string,
): void {
  const since = performance.now()
  response.once('close', () => {
    const seconds = (performance.now() - since) / 1000
    const { method = '' } = request
    // Only the first part: what follows may be an id.
    const route = response.statusCode === 404 ? 'none' : `/${path.split('/', 2)[1] ?? ''}`
    metrics?.observe({ method, route, status: response.statusCode, seconds })
    app.log.debug(
      { requestId, method, route, status: response.statusCode, ms: Math.round(seconds * 1000), complete: response.writableFinished },
      'A request was answered.',
    )
  })
}
