import type { Context } from 'hono'
import { authorize, bearerOf } from '../bearer.ts'
import { ApiError } from '../errors.ts'
import { scopes } from '../oauth/scopes.ts'
import type { Simulation, SimulatorEnv } from '../simulation.ts'
import type { Account } from '../world.ts'
import { gmailError, mailForbidden } from './errors.ts'
import { currentCosts, type GmailMethod } from './quota.ts'

/** Whose mail a call is about, and whether the grant holds gmail.metadata, which restricts even beside gmail.readonly. */
export interface Access {
  account: Account
  metadataOnly: boolean
}

const serviceMethods: Record<GmailMethod, string> = {
  getProfile: 'GetProfile',
  'messages.list': 'ListMessages',
  'messages.get': 'GetMessage',
  'threads.list': 'ListThreads',
  'threads.get': 'GetThread',
  'history.list': 'ListHistory',
  'labels.list': 'ListLabels',
  'labels.get': 'GetLabel',
  watch: 'Watch',
  stop: 'Stop',
}

/** Lets a call in: its token, its scopes, its mailbox, the calls at work, its units. @throws ApiError 401, 403, 429 */
export function enter(simulation: Simulation, c: Context<SimulatorEnv>, method: GmailMethod): Access {
  const { tokens, gmail, settings } = simulation
  const account = authorizeMail(simulation, c, `gmail.${method}`, serviceMethods[method])
  const userId = decodeURIComponent(c.req.param('user') ?? 'me')
  if (userId !== 'me' && userId.toLowerCase() !== account.email.toLowerCase()) throw mailForbidden(`Delegation denied for ${account.email}`)
  gmail.meter.enter(account.email, settings.gmail.concurrentCalls)
  // Until the answer has left, with all other parts of its batch.
  c.env.outgoing.once('close', () => gmail.meter.leave(account.email))
  const { quota } = settings.gmail
  const units = (quota?.costs ?? currentCosts)[method]
  if (quota) gmail.meter.spend(account.email, units, quota)
  c.set('units', units)
  return { account, metadataOnly: bearerOf(tokens, c.req.raw)?.scopes.includes(scopes.gmailMetadata) ?? false }
}

/** The account of a token that may read mail at all. Refusals carry Gmail's list of errors. @throws ApiError 401, 403 */
export function authorizeMail(
  simulation: Simulation,
  c: Context<SimulatorEnv>,
  operation: string,
  serviceMethod: string,
  anyOf: readonly string[] = mailScopes,
): Account {
  try {
    return authorize(simulation, c, operation, `google.gmail.v1.MailboxService.${serviceMethod}`, anyOf)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const { error: body } = error.body as { error: object }
    const errors =
      error.httpStatus === 401
        ? [{ message: 'Invalid Credentials', domain: 'global', reason: 'authError', location: 'Authorization', locationType: 'header' }]
        : [{ message: 'Insufficient Permission', domain: 'global', reason: 'insufficientPermissions' }]
    throw Object.assign(error, { body: { error: { ...body, errors } } })
  }
}

const mailScopes = [scopes.gmailMetadata, scopes.gmailReadonly]

/** Reads a page size: 1 to 500, 100 when none is given. @throws ApiError 400 */
export function readMaxResults(query: URLSearchParams): number {
  const text = query.get('maxResults')
  const size = Number(text || 100)
  if (!Number.isInteger(size) || size < 1)
    throw gmailError(400, 'INVALID_ARGUMENT', 'invalidArgument', `Invalid value at 'max_results' (TYPE_UINT32), "${text}"`)
  return Math.min(size, 500)
}
