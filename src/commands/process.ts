import type { App } from '../app.ts'
import type { Figures, Siblings } from '../http/metrics.ts'
import { collectSooner, startWorker } from '../worker.ts'
import { listen } from '../serve.ts'
import { aborted } from '../stopSignal.ts'
import { build, type Ground, readConfiguration } from './open.ts'

/** What one of several processes does: answer requests, or the background work. */
export type Role = 'server' | 'jobs'

/** What the process that began this one says: begin on ground that is laid, tell your figures, here are those of all, or end. */
export type FromParent =
  | { kith: 'start'; ground: Ground; maxConnections: number }
  | { kith: 'measure'; question: number }
  | { kith: 'gathered'; question: number; text: string | null }
  | { kith: 'stop' }

/** What a process says to the one that began it: it is there, it answers requests, it can be asked for figures, these are they, or somebody asks for those of all. */
export type FromChild =
  | { kith: 'hello' }
  | { kith: 'ready' }
  | { kith: 'measures' }
  | { kith: 'measured'; question: number; figures: Figures }
  | { kith: 'gather'; question: number }

/** When a process that was told to end does not, milliseconds; service managers kill after 30 s. */
const deadlineMs = 29_000

/** Is one of the processes of `kith serve --processes`, until it is told to end or the one that began it is gone. */
export async function runProcess(role: Role): Promise<void> {
  if (role === 'jobs') collectSooner()
  const { started, stop } = parent()
  const { config: own, secrets } = await readConfiguration({ quiet: true })
  const loading = role === 'server' ? import('../http/server.ts') : null
  loading?.catch(() => {}) // it is awaited below
  const given = await started
  if (!given || stop.aborted) return
  const config = { ...own, maxConnections: given.maxConnections }
  await using opened = await build(config, secrets, given.ground)
  const { app } = opened
  await Promise.all([app.queue.start(), app.notices.start()])
  if (stop.aborted) return
  const listening = loading && (await listen(app, (await loading).createHttpServer(app, siblings(app))))
  const background = role === 'jobs' ? await startWorker(app) : null
  tell({ kith: 'ready' })
  await aborted(stop)
  app.state.stopping = true
  await Promise.all([listening?.drain(), background?.stop()])
}

/** The process that began this one. A terminal's Ctrl-C comes to all of them, and is that one's to act on. */
function parent(): { started: Promise<Extract<FromParent, { kith: 'start' }> | null>; stop: AbortSignal } {
  const stop = new AbortController()
  const started = Promise.withResolvers<Extract<FromParent, { kith: 'start' }> | null>()
  const end = (): void => {
    if (stop.signal.aborted) return
    stop.abort()
    started.resolve(null)
    setTimeout(() => process.exit(1), deadlineMs).unref()
  }
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})
  process.on('SIGTERM', end)
  process.on('disconnect', end)
  process.on('message', (message: FromParent) => {
    if (message.kith === 'start') started.resolve(message)
    if (message.kith === 'stop') end()
  })
  tell({ kith: 'hello' })
  return { started: started.promise, stop: stop.signal }
}

/** The servers beside this one, which are reached through the process that began them all. */
function siblings({ log }: App): Siblings {
  const asked = new Map<number, PromiseWithResolvers<string>>()
  let questions = 0
  process.on('message', (message: FromParent) => {
    if (message.kith !== 'gathered') return
    const { question, text } = message
    if (text === null) asked.get(question)?.reject(new Error('The figures of all servers could not be added up.'))
    else asked.get(question)?.resolve(text)
    asked.delete(question)
  })
  return {
    offer: (own) => {
      process.on('message', (message: FromParent) => {
        if (message.kith !== 'measure') return
        own().then(
          (figures) => tell({ kith: 'measured', question: message.question, figures }),
          (error: unknown) => log.error({ err: error }, 'The figures of this process could not be had.'),
        )
      })
      tell({ kith: 'measures' })
    },
    gather: () => {
      const question = (questions += 1)
      const answer = Promise.withResolvers<string>()
      asked.set(question, answer)
      tell({ kith: 'gather', question })
      return answer.promise
    },
  }
}

function tell(message: FromChild): void {
  process.send?.(message)
}
