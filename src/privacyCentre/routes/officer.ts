import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { html } from 'hono/html'
import type { App } from '../../app.ts'
import { InvalidInputError, NotFoundError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import type { PrivacyRequest } from '../../db/generated/prisma/client.ts'
import { listPage, PageError, pageOf } from '../../db/keyset.ts'
import type { Html } from '../../http/page.ts'
import { dueNow, isOverdue, officerOf, officers, type RequestState, type RequestType } from '../../privacy/service.ts'
import { decisionIn } from './decisionForm.ts'
import { casePage } from './officerCase.ts'
import { askToSignIn, posted, show, shown, type Visit } from './visit.ts'

/** What a form of ours may hold, bytes: three parts of a decision, each with texts of 5,000 characters. */
const maxFormBytes = 512 * 1024
const path = '/privacy/officer'
/** So many requests are on one page. */
const pageSize = 50

/** /privacy/officer: the requests that are to be answered, for accounts that have the role. For anybody else there is nothing here. */
export function officerRoutes(app: App): Hono {
  const routes = new Hono()
  routes.get(path, (c) => shown(app, c, (visit) => (visit.signedIn ? queuePage(visit) : askToSignIn(visit, path))))
  routes.get(`${path}/:id`, (c) =>
    shown(app, c, (visit) => {
      const id = c.req.param('id')
      return visit.signedIn ? casePage(visit, idOf(id), { done: c.req.query('done') !== undefined }) : askToSignIn(visit, `${path}/${id}`)
    }),
  )
  routes.post(`${path}/:id`, bodyLimit({ maxSize: maxFormBytes }), (c) =>
    posted(app, c, async (visit, form) => {
      const id = idOf(c.req.param('id'))
      if (!visit.signedIn) return askToSignIn(visit, `${path}/${id}`)
      try {
        await carryOut(visit, id, form)
        return c.redirect(visit.to(`${path}/${id}?done`), 303)
      } catch (error) {
        if (!(error instanceof InvalidInputError)) throw error
        return casePage(visit, id, { values: form, wrong: new Set(error.issues.map(({ path: at }) => at.at(-1) ?? 'other')) })
      }
    }),
  )
  return routes
}

function idOf(text: string): string {
  if (!isId(text)) throw new NotFoundError()
  return text
}

/** Does what a button says, by the rules that hold for every officer. */
async function carryOut({ ctx }: Visit, id: string, form: URLSearchParams): Promise<void> {
  const reason = form.get('reason') ?? ''
  const named = <T>(work: Promise<T>): Promise<T> =>
    // A reason is a whole input there, without a name.
    work.catch((error: unknown) => {
      throw error instanceof InvalidInputError && error.issues.every(({ path: at }) => at.length === 0)
        ? new InvalidInputError({ path: ['reason'], message: '' })
        : error
    })
  switch (form.get('do') ?? '') {
    case 'decide':
      return void (await officers.decide(ctx, id, decisionIn(form)))
    case 'extend':
      return void (await named(officers.extend(ctx, id, reason)))
    case 'note':
      return void (await named(officers.note(ctx, id, reason)))
    case 'reopen':
      return void (await named(officers.reopen(ctx, id, reason)))
    case 'announce lift':
      return void (await named(officers.announceLift(ctx, id, reason)))
    case 'lift':
      return void (await officers.lift(ctx, id))
    case 'prove':
      return void (await officers.proveByOfficer(ctx, id, { level: Number(form.get('level')), method: form.get('method') ?? '' }))
    default:
      throw new NotFoundError()
  }
}

async function queuePage(visit: Visit): Promise<Response> {
  const { officer } = visit.words
  if ((await officerOf(visit.ctx)) === null) throw new NotFoundError()
  const { c, ctx, to } = visit
  const filter = { includeClosed: c.req.query('all') !== undefined, overdueOnly: c.req.query('overdue') !== undefined }
  const page = pageOf({ first: pageSize, after: c.req.query('after') ?? null })
  const { rows, cursors, hasNextPage } = await listPage<PrivacyRequest>(ctx, await officers.queueListing(ctx, filter), page).catch((error: unknown) => {
    // A cursor that somebody has typed.
    throw error instanceof PageError ? new NotFoundError() : error
  })
  const last = cursors.at(-1)
  const kept = filter.includeClosed ? 'all&' : filter.overdueOnly ? 'overdue&' : ''
  return show(visit, {
    title: officer.title,
    asks: false,
    body: html`<h1>${officer.title}</h1>
      <p>${officer.lead}</p>
      <nav aria-label="${officer.title}">
        <a href="${to(path)}">${officer.open}</a> <a href="${to(`${path}?overdue`)}">${officer.overdueOnly}</a>
        <a href="${to(`${path}?all`)}">${officer.all}</a>
      </nav>
      ${rows.length === 0 ? html`<p>${officer.empty}</p>` : queueTable(visit, rows)}
      ${hasNextPage && last ? html`<p><a href="${to(`${path}?${kept}after=${encodeURIComponent(last)}`)}">${officer.more}</a></p>` : ''}`,
  })
}

function queueTable(visit: Visit, rows: readonly PrivacyRequest[]): Html {
  const { officer, requests, names } = visit.words
  const now = visit.app.clock.now()
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${officer.title}">
    <table>
      <thead>
        <tr>
          ${[requests.type, requests.state, requests.due, officer.subject, requests.received].map((cell) => html`<th scope="col">${cell}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (request) =>
            html`<tr>
              <th scope="row">
                <a href="${visit.to(`${path}/${request.id}`)}">${names.types[request.type as RequestType].title}</a>
                <code>${request.id.slice(-8)}</code>
              </th>
              <td>${names.states[request.state as RequestState]}</td>
              <td>
                ${visit.day(dueNow(request, now).subtract({ milliseconds: 1 }))}
                ${isOverdue(request, now) ? html`<span class="tag error">${requests.overdue}</span>` : ''}
              </td>
              <td>${officer.subjects[request.subject as keyof typeof officer.subjects]}</td>
              <td>${visit.day(request.receivedAt)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}
