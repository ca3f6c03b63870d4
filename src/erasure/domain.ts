import { z } from 'zod'
import { defineDomain } from '../domain.ts'
import { signCheckpoints } from '../events/checkpoints.ts'
import { defineJob } from '../jobs/job.ts'
import { chains } from './chains.ts'
import { erase } from './execute.ts'
import { policies } from './policy.ts'
import { certificateRoutes } from './routes.ts'
import './schema.ts'

const checkpoints = defineJob({
  name: 'audit.checkpoint',
  use: { purpose: 'ACCOUNTABILITY', models: ['EventHead'] },
  cron: '7 * * * *',
  payload: z.object({}),
  run: async ({ app }) => {
    const { strange } = await signCheckpoints(app, chains)
    if (strange > 0) app.log.error({ chains: strange }, 'Hash chains are not what was signed of them; "kith audit verify" names them.')
  },
})

/** Erasing accounts and people for good, with a ledger, a check and a certificate. */
export const erasure = defineDomain({
  name: 'erasure',
  policies,
  jobs: [checkpoints],
  executes: { ERASURE: erase, MINOR_ERASURE: erase },
  routes: certificateRoutes,
})
