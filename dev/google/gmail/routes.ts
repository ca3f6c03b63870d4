import { Hono, type Context } from 'hono'
import { partialResponse } from '../fields.ts'
import { scopes } from '../oauth/scopes.ts'
import type { Simulation, SimulatorEnv } from '../simulation.ts'
import { authorizeMail, enter } from './access.ts'
import { answerBatch } from './batch.ts'
import { mailArgument, mailNotFound } from './errors.ts'
import { listHistory } from './history-list.ts'
import type { Label } from './labels.ts'
import { listMessages, listThreads } from './lists.ts'
import { readFormat, showMessage } from './show.ts'
import { stopWatching, watchMailbox } from './watch.ts'

/** The Gmail API, as far as it reads. `dispatch` answers the parts of a batch. */
export function gmailRoutes(simulation: Simulation, dispatch: (request: Request, env: SimulatorEnv['Bindings']) => Promise<Response>): Hono<SimulatorEnv> {
  const routes = new Hono<SimulatorEnv>()
  const base = '/gmail/v1/users/:user'

  routes.get(`${base}/profile`, (c) => {
    const { account } = enter(simulation, c, 'getProfile')
    const { mailbox, email } = account
    const messages = mailbox.messages()
    const threadsTotal = new Set(messages.map((message) => message.threadId)).size
    return answer(c, { emailAddress: email, messagesTotal: messages.length, threadsTotal, historyId: String(mailbox.history.lastId()) })
  })
  routes.get(`${base}/messages`, (c) => {
    const access = enter(simulation, c, 'messages.list')
    return answer(c, listMessages(simulation, access, queryOf(c)))
  })
  routes.get(`${base}/messages/:id`, (c) => {
    const access = enter(simulation, c, 'messages.get')
    const format = readFormat(queryOf(c), access)
    const message = access.account.mailbox.message(c.req.param('id'))
    if (!message) throw mailNotFound()
    return answer(c, showMessage(message, format))
  })
  routes.get(`${base}/threads`, (c) => {
    const access = enter(simulation, c, 'threads.list')
    return answer(c, listThreads(simulation, access, queryOf(c)))
  })
  routes.get(`${base}/threads/:id`, (c) => {
    const access = enter(simulation, c, 'threads.get')
    const format = readFormat(queryOf(c), access)
    const messages = access.account.mailbox.thread(c.req.param('id'))
    if (messages.length === 0) throw mailNotFound()
    const historyId = messages.reduce((last, message) => (message.historyId > last ? message.historyId : last), 0n)
    return answer(c, { id: c.req.param('id'), historyId: String(historyId), messages: messages.map((message) => showMessage(message, format)) })
  })
  routes.get(`${base}/history`, (c) => {
    const access = enter(simulation, c, 'history.list')
    return answer(c, listHistory(simulation, access, queryOf(c)))
  })
  routes.get(`${base}/labels`, (c) => {
    const { account } = enter(simulation, c, 'labels.list')
    return answer(c, { labels: account.mailbox.labels.all().map(showLabel) })
  })
  routes.get(`${base}/labels/:id`, (c) => {
    const { account } = enter(simulation, c, 'labels.get')
    const label = account.mailbox.labels.all().find(({ id }) => id === c.req.param('id'))
    if (!label) throw mailNotFound()
    const messages = account.mailbox.messages().filter(({ labelIds }) => labelIds.includes(label.id))
    return answer(c, {
      ...showLabel(label),
      messagesTotal: messages.length,
      messagesUnread: messages.filter(({ labelIds }) => labelIds.includes('UNREAD')).length,
    })
  })
  routes.post(`${base}/watch`, async (c) => {
    const access = enter(simulation, c, 'watch')
    const body: unknown = await c.req.json().catch(() => undefined)
    return answer(c, watchMailbox(simulation, access, body))
  })
  routes.post(`${base}/stop`, (c) => {
    stopWatching(simulation, enter(simulation, c, 'stop'))
    return c.body(null, 204)
  })
  // What gmail.metadata does not open. With gmail.readonly there is nothing here either.
  routes.get(`${base}/settings/sendAs`, (c) => {
    authorizeMail(simulation, c, 'gmail.settings.sendAs.list', 'ListSendAs', [scopes.gmailReadonly])
    throw mailNotFound()
  })

  routes.on('POST', ['/batch/gmail/v1', '/batch'], (c) => answerBatch(c, dispatch))
  return routes
}

function queryOf(c: Context<SimulatorEnv>): URLSearchParams {
  return new URL(c.req.url).searchParams
}

/** JSON, as much of it as `fields` asks for. @throws ApiError 400 */
function answer(c: Context<SimulatorEnv>, content: object): Response {
  const fields = c.req.query('fields')
  try {
    return c.json(fields ? partialResponse(content, fields) : content)
  } catch (error) {
    throw error instanceof SyntaxError ? mailArgument(error.message) : error
  }
}

function showLabel({ id, name, type }: Label): object {
  return type === 'system' ? { id, name, type } : { id, name, messageListVisibility: 'show', labelListVisibility: 'labelShow', type }
}
