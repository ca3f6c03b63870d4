import { defineDomain } from '../domain.ts'
import { accountPolicy, authFlowPolicy, directoryCredentialPolicy, directorySubjectPolicy, googleIdentityPolicy, sessionPolicy } from './policy.ts'
import { purgeJob } from './purge.ts'
import { accountRestraint } from './restraint.ts'
import { restores } from './restore.ts'
import { accountRoutes } from './routes.ts'
import './schema.ts'
import { syncSessionCredential } from './sessions.ts'

/** Accounts, signing in with Google, and sessions. */
export const accounts = defineDomain({
  name: 'accounts',
  policies: {
    Account: accountPolicy,
    Session: sessionPolicy,
    GoogleIdentity: googleIdentityPolicy,
    DirectorySubject: directorySubjectPolicy,
    DirectoryCredential: directoryCredentialPolicy,
    AuthFlow: authFlowPolicy,
  },
  restraint: accountRestraint,
  effects: { 'session.credential': syncSessionCredential },
  jobs: [purgeJob],
  restores,
  routes: accountRoutes,
})
