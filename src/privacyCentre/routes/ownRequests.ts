import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { html } from 'hono/html'
import type { App } from '../../app.ts'
import { ForbiddenError, NotFoundError } from '../../core/errors.ts'
import type { PrivacyRequest } from '../../db/generated/prisma/client.ts'
import { listPage, pageOf } from '../../db/keyset.ts'
import type { Html } from '../../http/page.ts'
import { confirm, decisionOf, decisionText, everything, findOwn, ownListing, type RequestState, type RequestType, withdraw } from '../../privacy/service.ts'
import { planPart } from './erasurePlan.ts'
import { factsOf, historyOf, pathOf, withdrawal } from './requestView.ts'
import { askToSignIn, posted, show, shown, type Visit } from './visit.ts'

/** What a form of ours may hold, bytes. */
const maxFormBytes = 4 * 1024
const path = '/privacy/requests'

/** /privacy/requests: those of the signed-in holder; each is confirmed, taken back and fetched here. */
export function ownRequestRoutes(app: App): Hono {
  const routes = new Hono()
  routes.get(path, (c) => shown(app, c, (visit) => (visit.signedIn ? listOf(visit) : askToSignIn(visit, path))))
  routes.get(`${path}/:id`, (c) =>
    shown(app, c, (visit) => (visit.signedIn ? requestPage(visit, c.req.param('id')) : askToSignIn(visit, `${path}/${c.req.param('id')}`))),
  )
  routes.post(`${path}/:id`, bodyLimit({ maxSize: maxFormBytes }), (c) =>
    posted(app, c, async (visit, form) => {
      const id = c.req.param('id')
      const here = `${path}/${id}`
      if (!visit.signedIn) return askToSignIn(visit, here)
      try {
        if (form.get('do') === 'withdraw') await withdraw(visit.ctx, (await own(visit, id)).id)
        else if (form.get('do') === 'confirm') return c.redirect(visit.to(pathOf(visit, await confirm(visit.ctx, (await own(visit, id)).id))), 303)
        else if (form.get('do') === 'download' && app.downloads) return c.redirect((await app.downloads.link(visit.ctx, (await own(visit, id)).id)).url, 303)
        else throw new NotFoundError()
        return c.redirect(visit.to(here), 303)
      } catch (error) {
        if (error instanceof ForbiddenError) return askToSignIn(visit, here, true)
        throw error
      }
    }),
  )
  return routes
}

async function own({ ctx }: Visit, id: string): Promise<PrivacyRequest> {
  const [request] = await findOwn(ctx, [id])
  if (!request) throw new NotFoundError()
  return request
}

async function listOf(visit: Visit): Promise<Response> {
  const { requests, names } = visit.words
  const { rows } = await listPage<PrivacyRequest>(visit.ctx, ownListing(visit.ctx), pageOf({ first: 100 }))
  return show(visit, {
    title: requests.listTitle,
    body: html`<h1>${requests.listTitle}</h1>
      ${
        rows.length === 0
          ? html`<p>${requests.noRequests}</p>`
          : html`<ul class="cards">
              ${rows.map(
                ({ id, type, state, receivedAt }) =>
                  html`<li>
                    <a href="${visit.to(`${path}/${id}`)}">${names.types[type as RequestType].title}</a>
                    <p>${visit.day(receivedAt)}: ${names.states[state as RequestState]}</p>
                  </li>`,
              )}
            </ul>`
      }
      <div class="actions"><a class="button" href="${visit.to(`${path}/new`)}">${requests.newTitle}</a></div>`,
  })
}

async function requestPage(visit: Visit, id: string): Promise<Response> {
  const { requests } = visit.words
  const request = await own(visit, id)
  return show(visit, {
    title: requests.title,
    wide: false,
    asks: false,
    body: html`<h1>${requests.title}</h1>
      ${factsOf(visit, request)} ${await nextOf(visit, request)} ${await decisionPart(visit, request)} ${withdrawal(visit, request, `${path}/${id}`, '')}
      ${await historyOf(visit, request)}
      <p><a href="${visit.to(path)}">${requests.listTitle}</a></p>`,
  })
}

async function nextOf(visit: Visit, { id, state, type }: PrivacyRequest): Promise<Html | string> {
  const { requests } = visit.words
  const button = (what: string, label: string): Html =>
    html`<form method="post" action="${visit.to(`${path}/${id}`)}" class="actions"><button type="submit" name="do" value="${what}">${label}</button></form>`
  if (state === 'AWAITING_IDENTITY')
    return html`${type === 'ERASURE' ? await planPart(visit) : ''}
      <p>${requests.confirmText}</p>
      ${button('confirm', requests.confirm)}`
  if (state !== 'AWAITING_DOWNLOAD') return ''
  return html`<h2>${requests.downloadTitle}</h2>
    ${
      visit.app.downloads === null
        ? html`<p>${requests.downloadElsewhere}</p>`
        : html`<p>${requests.downloadText}</p>
            ${button('download', requests.download)}`
    }`
}

/** What was decided, in the words that its letter had. */
async function decisionPart(visit: Visit, request: PrivacyRequest): Promise<Html | string> {
  const { requests, names } = visit.words
  const refused = (await decisionOf(visit.ctx, request)).flatMap((part) => (part.outcome === 'REFUSED' ? [part] : []))
  if (refused.length === 0) return ''
  return html`<h2>${requests.decision}</h2>
    ${refused.map(
      ({ part, reason, explanation, citation, complaint, remedy }) =>
        html`<p>
            <strong>${part === everything ? requests.all : part}</strong>: ${requests.notGranted} (${names.denials[reason]}${citation ? `, ${citation}` : ''}).
            ${decisionText(visit.language, explanation)}
          </p>
          <p class="soft">${decisionText(visit.language, complaint)} ${decisionText(visit.language, remedy)}</p>`,
    )}
    <p class="soft">${requests.reopened}</p>`
}
