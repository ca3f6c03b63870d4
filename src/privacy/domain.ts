import { z } from 'zod'
import { defineDomain } from '../domain.ts'
import { defineJob } from '../jobs/job.ts'
import { executes } from './executors.ts'
import { letterDue, runLetter, scheduleLetter } from './letters.ts'
import { policies } from './policy.ts'
import { isRestricted } from './service.ts'
import { runRequest } from './run.ts'
import { requestDue, scheduleRequest } from './schedule.ts'
import './schema-officers.ts'
import './schema-open.ts'
import './schema.ts'

const payload = z.object({ ownerId: z.uuid(), entityId: z.uuid() })
const request = defineJob({
  name: 'privacy-request',
  payload,
  use: { purpose: 'ACCOUNTABILITY', models: ['PrivacyRequest'] },
  run: (ctx, { entityId }) => runRequest(ctx, entityId),
})
const letter = defineJob({
  name: 'privacy-letter',
  payload,
  use: { purpose: 'ACCOUNTABILITY', models: ['PrivacyLetter'] },
  batch: 5,
  run: (ctx, { entityId }) => runLetter(ctx, entityId),
})

/** Privacy requests of everybody whose data is here: holders of accounts, people in address books, visitors, agents and guardians. */
export const privacy = defineDomain({
  name: 'privacy',
  policies,
  jobs: [request, letter],
  effects: {
    'privacy.schedule': (ctx, { requestId = '' }) => scheduleRequest(ctx, requestId),
    'privacy.letter': (ctx, { letterId = '' }) => scheduleLetter(ctx, letterId),
  },
  dues: { [requestDue]: request.name, [letterDue]: letter.name },
  dueSources: [
    { table: 'privacy_requests', effect: 'privacy.schedule', id: 'requestId' },
    { table: 'privacy_letters', effect: 'privacy.letter', id: 'letterId' },
  ],
  executes,
  restricts: isRestricted,
})
