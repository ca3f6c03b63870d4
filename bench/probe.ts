// Loaded into each server before all else (node --import): counts the statements that leave through pg and says, when asked over IPC, what the process has used.
import { createRequire } from 'node:module'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** What a process has used so far. */
export interface Usage {
  cpuUs: number
  rssBytes: number
  /** Statements, BEGIN and COMMIT among them, but for those of the queue's own housekeeping. */
  statements: number
  /** Of the time since the last question. */
  loopDelayP99Ms: number
}

let statements = 0
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()

interface Statement {
  text?: string
}
/** A peer's own copy of pg and that of Kith's Prisma adapter may be two. */
const copies = [process.argv[1] ?? import.meta.url, import.meta.url].map(
  (from) => createRequire(from)('pg') as { Client: { prototype: { query: (...args: unknown[]) => unknown } } },
)
for (const prototype of new Set(copies.map(({ Client }) => Client.prototype))) {
  const { query } = prototype
  prototype.query = function counted(...args: unknown[]): unknown {
    const [first] = args
    const text = typeof first === 'string' ? first : (first as Statement | undefined)?.text
    if (!text?.includes('pgboss')) statements += 1
    return query.apply(this, args)
  }
}

process.on('message', (message) => {
  if (message !== 'usage') return
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuUs: user + system, rssBytes: process.memoryUsage.rss(), statements, loopDelayP99Ms: delay.percentile(99) / 1e6 } satisfies Usage)
  delay.reset()
})
// The one who asks may go; the process is stopped by a signal, and does not wait for more questions.
process.channel?.unref()
