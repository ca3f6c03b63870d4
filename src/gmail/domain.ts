import { z } from 'zod'
import { defineDomain } from '../domain.ts'
import { defineJob } from '../jobs/job.ts'
import { syncDirectory } from './directory.ts'
import { purgeNotices } from './notices.ts'
import { policies } from './policy.ts'
import { gmailRoutes } from './routes.ts'
import { followSubjects } from './subjects.ts'
import { gmailSync } from './sync.ts'

const purge = defineJob({
  name: 'gmail-purge',
  use: { purpose: 'ACCOUNT', models: ['GmailNotice'] },
  cron: '41 3 * * *',
  payload: z.object({}),
  run: ({ app }) => purgeNotices(app),
})

/** Who the owner writes with in Gmail, and when: metadata of messages, from which interactions are made. */
export const gmail = defineDomain({
  name: 'gmail',
  policies,
  jobs: [purge],
  syncs: [gmailSync()],
  effects: {
    'gmail.directory': (ctx) => syncDirectory(ctx),
    'gmail.accountChanged': (ctx) => followSubjects(ctx),
  },
  dueSources: [{ table: 'gmail_mailboxes', effect: 'gmail.directory' }],
  routes: gmailRoutes,
})
