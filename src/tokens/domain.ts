import { defineDomain } from '../domain.ts'
import { purgeJob } from './purge.ts'
import './schema.ts'
import { apiTokenPolicy } from './policy.ts'
import { syncTokenCredential } from './service.ts'

/** API tokens for programs. */
export const tokens = defineDomain({
  name: 'tokens',
  policies: { ApiToken: apiTokenPolicy },
  jobs: [purgeJob],
  effects: { 'token.credential': syncTokenCredential },
})
