import { type JobResult, PgBoss } from 'pg-boss'
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

/** How often jobs are looked for whose worker was killed, seconds. */
const superviseSeconds = 10

/** The owner of jobs that walk all owners. */
const nobody = '00000000-0000-0000-0000-000000000000'

/** A queue of the given jobs over the app's pool. */
export function createQueue(app: App, jobs: readonly Job[]): Queue {
  const boss = new PgBoss({ superviseIntervalSeconds: superviseSeconds, db: { executeSql: async (text, values) => app.database.pool.query(text, values) } })
  boss.on('error', (error) => app.log.error({ err: error }, 'The job queue stumbled and goes on.'))
  let started = false
  return {
    start: async () => {
      if (started) return
      started = true
      await boss.start()
      const make = async (job: Job): Promise<void> => {
        const settings = {
          retryLimit: job.retries ?? 5,
          retryBackoff: true,
          retryDelay: 5,
          heartbeatSeconds: 10,
          expireInSeconds: 3600,
          retentionSeconds: 24 * 3600,
          deleteAfterSeconds: 24 * 3600,
        }
        // A queue that an earlier version made keeps its settings until it is told the new ones.
        await boss.createQueue(job.name, settings)
        await boss.updateQueue(job.name, settings)
      }
      await Promise.all(jobs.map(make))
    },
    send: async (name, payload) => {
      await boss.send(name, payload)
    },
    work: async () => {
      for (const job of jobs) {
        const run = async (running: { id: string; data: unknown }): Promise<JobResult> => {
          try {
            const payload = job.payload.parse(running.data) as { ownerId?: string }
            await job.run(systemCtx(app, payload.ownerId ?? nobody, `job ${job.name}`), payload as never)
            return { id: running.id, status: 'completed' }
          } catch (error) {
            app.log.warn({ err: error, job: job.name, jobId: running.id }, 'A job failed; it is tried again while tries remain.')
            return { id: running.id, status: 'failed' }
          }
        }
        const options = {
          pollingIntervalSeconds: 1,
          batchSize: job.batch ?? 1,
          burstWhenBatchFull: true,
          localConcurrency: job.concurrency ?? 1,
          heartbeatRefreshSeconds: 4,
        }
        await boss.work(job.name, { ...options, perJobResults: true }, async (batch) => {
          const results: JobResult[] = []
          for (const running of batch) results.push(await run(running))
          return results
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
