// Loaded into each server before all else (node --import): counts the statements that leave through pg and says, when asked over IPC, what the process has used.
import { createRequire } from 'node:module'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** What a process has used so far. */
export interface Usage {
  cpuUs: number
  rssBytes: number
  /** Statements, BEGIN and COMMIT among them, but for the queue's and the relay's own housekeeping. */
  statements: number
  /** Since the delays were last forgotten. */
  loopDelayP99Ms: number
}

let statements = 0
/** The delay is measured by a timer of so many milliseconds, which count into it. */
const resolution = 5
const delay = monitorEventLoopDelay({ resolution })
delay.enable()

interface Statement {
  text?: string
  statements?: Statement[]
}
/** A peer's own copy of pg and that of Kith's Prisma adapter may be two. */
const copies = [process.argv[1] ?? import.meta.url, import.meta.url].map(
  (from) => createRequire(from)('pg') as { Client: { prototype: { query: (...args: unknown[]) => unknown } } },
)
for (const prototype of new Set(copies.map(({ Client }) => Client.prototype))) {
  const { query } = prototype
  prototype.query = function counted(...args: unknown[]): unknown {
    const [first] = args as [string | Statement | undefined]
    // Kith's own are several in one message.
    for (const { text } of typeof first === 'object' ? (first.statements ?? [first]) : [{ text: first }]) {
      // The relay asks for effects after each write, in a transaction of its own that is no part of the request: taken back with its BEGIN, and the COMMIT to come.
      if (text?.includes('FROM outbox WHERE "notBefore" <=')) statements -= 2
      else if (!text?.includes('pgboss')) statements += 1
    }
    return query.apply(this, args)
  }
}

process.on('message', (message) => {
  if (message === 'usage') {
    const { user, system } = process.cpuUsage()
    process.send?.({
      cpuUs: user + system,
      rssBytes: process.memoryUsage.rss(),
      statements,
      loopDelayP99Ms: delay.percentile(99) / 1e6 - resolution,
    } satisfies Usage)
  } else if (message === 'forget delays') {
    delay.reset()
    process.send?.(null)
  } else if (message === 'start profile') void profiler().then(({ startProfile }) => startProfile().then(() => process.send?.(null)))
  else if (message === 'stop profile') void profiler().then(({ stopProfile }) => stopProfile().then((functions) => process.send?.(functions)))
})
const profiler = () => import('./profiler.ts')
// The one who asks may go; the process is stopped by a signal, and does not wait for more questions.
process.channel?.unref()
