import { PgBoss } from 'pg-boss'
import type { App } from '../app.ts'
import type { Job } from './job.ts'
import { systemCtx } from './relay.ts'

/** Jobs in PostgreSQL (pg-boss): any process sends, worker processes work. */
export interface Queue {
  /** Makes the queue's tables and queues; a process that only sends needs no more. */
  start(): Promise<void>
  send(name: string, payload: Record<string, string>): Promise<void>
  /** Begins to work on every job, in this process. */
  work(): Promise<void>
  /** Lets running jobs finish, 18 s at most, of the 30 that a process has to end. */
  stop(): Promise<void>
  /** Whether the queue's tables answer. */
  healthy(): Promise<boolean>
}

/** The owner of jobs that walk all owners. */
const nobody = '00000000-0000-0000-0000-000000000000'

/** A queue of the given jobs over the app's pool. */
export function createQueue(app: App, jobs: readonly Job[]): Queue {
  const boss = new PgBoss({ db: { executeSql: async (text, values) => app.database.pool.query(text, values) } })
  boss.on('error', (error) => app.log.error({ err: error }, 'The job queue stumbled and goes on.'))
  let started = false
  return {
    start: async () => {
      if (started) return
      started = true
      await boss.start()
      for (const job of jobs) {
        await boss.createQueue(job.name, { retryLimit: job.retries ?? 5, retryBackoff: true, retryDelay: 5, heartbeatSeconds: 10, expireInSeconds: 3600, retentionSeconds: 24 * 3600, deleteAfterSeconds: 24 * 3600 })
      }
    },
    send: async (name, payload) => {
      await boss.send(name, payload)
    },
    work: async () => {
      for (const job of jobs) {
        await boss.work(job.name, { pollingIntervalSeconds: 1, batchSize: 1, localConcurrency: job.concurrency ?? 1, heartbeatRefreshSeconds: 4 }, async ([running]) => {
          if (!running) return
          const payload = job.payload.parse(running.data) as { ownerId?: string }
          try {
            await job.run(systemCtx(app, payload.ownerId ?? nobody, `job ${job.name}`), payload as never)
          } catch (error) {
            app.log.warn({ err: error, job: job.name, jobId: running.id }, 'A job failed; it is tried again while tries remain.')
            throw error
          }
        })
        if (job.cron) await boss.schedule(job.name, job.cron, {})
      }
    },
    stop: async () => {
      if (started) await boss.stop({ graceful: true, timeout: 18_000 })
    },
    healthy: async () => {
      try {
        return started && (await boss.isInstalled())
      } catch {
        return false
      }
    },
  }
}
