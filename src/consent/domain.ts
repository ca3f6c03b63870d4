import { defineDomain } from '../domain.ts'
import { expireJob } from './expire.ts'
import { consentPurposeChangePolicy, consentRecordPolicy } from './policy.ts'
import { consentRoutes } from './routes.ts'
import { refuseMarketing, refuseSelling } from './refuse.ts'
import './schema.ts'

/** Purposes, and who has consented to them. */
export const consent = defineDomain({
  name: 'consent',
  policies: { ConsentRecord: consentRecordPolicy, ConsentPurposeChange: consentPurposeChangePolicy },
  jobs: [expireJob],
  executes: { OPT_OUT_SALE_SHARING: refuseSelling, OBJECTION: refuseMarketing },
  routes: consentRoutes,
})
