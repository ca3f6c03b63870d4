import { setTimeout as sleep } from 'node:timers/promises'
import { AggregatorRegistry } from 'prom-client'
import type { Figures } from '../http/metrics.ts'

/** How long servers may take to tell their figures before the others are answered without them, milliseconds: less than a scrape waits. */
const patienceMs = 2000

/** Adds up what servers measure. */
export interface Gathering {
  /** Takes a server in, to be asked with `measure`, and gives what takes it out. */
  join(measure: (question: number) => void): () => void
  /** Notes what a server said. */
  measured(question: number, figures: Figures): void
  /** The figures of all servers together, in Prometheus' text format. One that does not answer in time is left out. */
  gather(): Promise<string>
}

/** A gathering of nobody yet. */
export function createGathering(): Gathering {
  const members = new Set<(question: number) => void>()
  const open = new Map<number, { figures: Figures[]; expected: number; all: () => void }>()
  let questions = 0
  return {
    join: (measure) => {
      members.add(measure)
      return () => members.delete(measure)
    },
    measured: (question, figures) => {
      const answers = open.get(question)
      if (answers?.figures.push(figures) === answers?.expected) answers?.all()
    },
    gather: async () => {
      const question = (questions += 1)
      const { promise, resolve } = Promise.withResolvers<void>()
      const answers = { figures: [] as Figures[], expected: members.size, all: resolve }
      open.set(question, answers)
      const over = new AbortController()
      try {
        for (const measure of members) measure(question)
        await Promise.race([promise, sleep(patienceMs, undefined, { signal: over.signal }).catch(() => {})])
        return await AggregatorRegistry.aggregate(answers.figures).metrics()
      } finally {
        over.abort()
        open.delete(question)
      }
    },
  }
}
