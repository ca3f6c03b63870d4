import { defineDomain } from '../domain.ts'
import { idempotentAnswerPolicy, rateLimitPolicy } from './policy.ts'
import { purgeJob } from './purge.ts'
import { graphqlRoutes } from './routes.ts'
import '../policy/schema.ts'
import '../policy/schema-personal.ts'
import '../policy/schema-processing.ts'
import './nodes.ts'

/** The endpoint itself: answers kept for repeated requests, and what callers have spent. */
export const graphql = defineDomain({
  name: 'graphql',
  policies: { IdempotentAnswer: idempotentAnswerPolicy, RateLimit: rateLimitPolicy },
  jobs: [purgeJob],
  routes: graphqlRoutes,
})
