import { defineDomain } from '../domain.ts'
import { purgeJob } from './purge.ts'
import './schema.ts'
import { apiTokenPolicy } from './policy.ts'
import { revokeTokens, syncTokenCredential } from './service.ts'

/** API tokens for programs. */
export const tokens = defineDomain({
  name: 'tokens',
  policies: { ApiToken: apiTokenPolicy },
  jobs: [purgeJob],
  // Nobody is let in to an account in quarantine.
  restraint: { quarantine: async (tx, target, at) => (target.kind === 'ACCOUNT' && at !== null ? revokeTokens(tx) : undefined) },
  effects: { 'token.credential': syncTokenCredential },
})
