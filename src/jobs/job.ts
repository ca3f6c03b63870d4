import type { z } from 'zod'
import type { Use } from '../consent/service.ts'
import type { Ctx } from '../core/ctx.ts'

/** A job: a name, a payload of ids only, and the idempotent service function that does the work. Failed jobs are tried again. */
export interface Job {
  name: string
  /** Five-field cron expression in UTC, for a job that runs by itself. */
  cron?: string
  /** How many run at once in one process; 1 by default. */
  concurrency?: number
  /** How many one of them takes at a time and does one after another; 1 by default. For quick jobs that come in crowds: a single one is fetched once a second. */
  batch?: number
  /** Tries after the first; 5 by default, with exponential backoff. */
  retries?: number
  payload: z.ZodType
  /** What it uses personal data for, and which tables it touches. Where that is not permitted, the job ends without having done anything. */
  use: Use
  /** The ctx is a system actor's for the payload's `ownerId`; a job that walks owners makes its own from it. */
  run: (ctx: Ctx, payload: never) => Promise<void>
}

/** Declares a job, its payload typed by its schema. Whoever runs it, it does its work for its purpose or not at all. */
export function defineJob<Payload extends z.ZodType>(
  job: Omit<Job, 'payload' | 'run'> & { payload: Payload; run: (ctx: Ctx, payload: z.output<Payload>) => Promise<void> },
): Job {
  const { run, ...declared } = job
  return {
    ...declared,
    run: async (ctx, payload) => {
      try {
        await ctx.app.withPurpose(ctx, job.use, (permitted) => run(permitted, payload))
      } catch (error) {
        // Refused is no failure: trying again changes nothing, and what falls due is handed out again later.
        if (!(error instanceof Error && error.name === 'PurposeRefused')) throw error
      }
    },
  }
}
