import { Hono } from 'hono'
import type { App } from '../app.ts'
import { childrenRoutes } from './routes/children.ts'
import { consentRoutes } from './routes/consents.ts'
import { cookieRoutes } from './routes/cookies.ts'
import { doNotSellRoutes } from './routes/doNotSell.ts'
import { followRoutes } from './routes/follow.ts'
import { heldRoutes } from './routes/held.ts'
import { officerRoutes } from './routes/officer.ts'
import { overviewRoutes } from './routes/overview.ts'
import { ownRequestRoutes } from './routes/ownRequests.ts'
import { policyRoutes } from './routes/policy.ts'
import { submitRoutes } from './routes/submit.ts'
import { unsubscribeRoutes } from './routes/unsubscribe.ts'

/** The privacy centre. What is named comes before what any id may stand for. */
export function privacyCentreRoutes(app: App): Hono {
  const routes = new Hono()
  for (const each of [
    overviewRoutes,
    cookieRoutes,
    doNotSellRoutes,
    policyRoutes,
    heldRoutes,
    childrenRoutes,
    submitRoutes,
    followRoutes,
    ownRequestRoutes,
    consentRoutes,
  ])
    routes.route('/', each(app))
  for (const each of [officerRoutes, unsubscribeRoutes]) routes.route('/', each(app))
  return routes
}
