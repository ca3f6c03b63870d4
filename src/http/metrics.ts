import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { App } from '../app.ts'

/** A process's figures, as they are sent from one to another. */
export type Figures = Awaited<ReturnType<Registry['getMetricsAsJSON']>>

/** The servers that share this one's port, this one among them. */
export interface Siblings {
  /** Says how this process's own figures are had. */
  offer(own: () => Promise<Figures>): void
  /** The figures of all of them together, in Prometheus' text format. */
  gather(): Promise<string>
}

/** What Prometheus reads: times of requests, connections of the database, and Node's own figures. */
export interface Metrics {
  /** Notes a request that was answered. */
  observe(request: { method: string; route: string; status: number; seconds: number }): void
  /** Counts a cookie that was taken out of an answer. */
  cookieStripped(reason: string): void
  /** The figures in Prometheus' text format. */
  print(): Promise<{ contentType: string; text: string }>
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Figures of this server, or of all that share its port: whichever of them is asked. */
export function createMetrics(app: App, siblings?: Siblings): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const times = new Histogram({
    name: 'kith_http_request_seconds',
    help: 'How long requests took, by method, route and status.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  const stripped = new Counter({
    name: 'kith_cookies_stripped_total',
    help: 'Cookies that were taken out of answers, because they are not registered or not consented to.',
    labelNames: ['reason'] as const,
    registers: [registry],
  })
  const { pool } = app.database
  const connections = new Gauge({
    name: 'kith_database_connections',
    help: 'Connections to the database: open, idle, and requests that wait for one.',
    labelNames: ['state'] as const,
    registers: [registry],
    collect: () => {
      connections.set({ state: 'open' }, pool.totalCount)
      connections.set({ state: 'idle' }, pool.idleCount)
      connections.set({ state: 'waited_for' }, pool.waitingCount)
    },
  })
  siblings?.offer(() => registry.getMetricsAsJSON())
  return {
    // A method is the client's to invent; a label is kept for good.
    observe: ({ method, route, status, seconds }) => times.observe({ method: methods.has(method) ? method : 'other', route, status: String(status) }, seconds),
    cookieStripped: (reason) => stripped.inc({ reason }),
    print: async () => ({ contentType: registry.contentType, text: await (siblings?.gather() ?? registry.metrics()) }),
  }
}
