import { setTimeout as sleep } from 'node:timers/promises'
import { AggregatorRegistry } from 'prom-client'
import type { Figures } from '../http/metrics.ts'

/** How long servers may take to tell their figures before those that they told last are taken, milliseconds: less than a scrape waits. */
const patienceMs = 2000

/** A server whose figures are gathered. */
export interface Member {
  /** Notes what it answered. */
  measured(question: number, figures: Figures): void
  /** It is gone. What it had counted stays counted: a sum that falls would be taken for a new beginning of all servers. */
  leave(): void
}

/** Adds up what servers measure. */
export interface Gathering {
  /** Takes a server in, to be asked with `measure`. */
  join(measure: (question: number) => void): Member
  /** The figures of all servers together, in Prometheus' text format. */
  gather(): Promise<string>
}

/** A gathering of nobody yet. */
export function createGathering(): Gathering {
  const members = new Set<{ measure: (question: number) => void; told: Figures; answered: PromiseWithResolvers<void> }>()
  let gone: Promise<Figures> = Promise.resolve([])
  let question = 0
  let asking: Promise<string> | undefined
  const ask = async (): Promise<string> => {
    question += 1
    const asked = [...members]
    for (const member of asked) member.answered = Promise.withResolvers()
    for (const { measure } of asked) measure(question)
    const over = new AbortController()
    const late = sleep(patienceMs, undefined, { signal: over.signal }).catch(() => {})
    await Promise.race([Promise.all(asked.map(({ answered }) => answered.promise)), late])
    over.abort()
    const figures = [await gone, ...[...members].map(({ told }) => told)]
    return AggregatorRegistry.aggregate(figures).metrics()
  }
  return {
    join: (measure) => {
      const member = { measure, told: [] as Figures, answered: Promise.withResolvers<void>() }
      members.add(member)
      return {
        measured: (answered, figures) => {
          member.told = figures
          if (answered === question) member.answered.resolve()
        },
        leave: () => {
          members.delete(member)
          gone = gone.then((before) => AggregatorRegistry.aggregate([before, member.told.filter(isCounted)]).getMetricsAsJSON())
          member.answered.resolve()
        },
      }
    },
    // Whoever asks meanwhile gets the same.
    gather: () => (asking ??= ask().finally(() => (asking = undefined))),
  }
}

function isCounted({ type }: Figures[number]): boolean {
  return ['counter', 'histogram'].includes(String(type))
}
