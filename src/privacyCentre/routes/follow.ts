import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { html } from 'hono/html'
import type { App } from '../../app.ts'
import { ConflictError, InvalidInputError, NotFoundError } from '../../core/errors.ts'
import type { PrivacyRequest } from '../../db/generated/prisma/client.ts'
import type { Html } from '../../http/page.ts'
import { follow, sendCodeAgain, verify, withdrawOpenly } from '../../privacy/service.ts'
import { certificatePart } from './certificate.ts'
import { factsOf, historyOf, withdrawal } from './requestView.ts'
import { doneNote, posted, show, shown, type Visit } from './visit.ts'

/** What a form of ours may hold, bytes. */
const maxFormBytes = 4 * 1024
const path = '/privacy/requests/follow'

type Said = { done?: string; wrong?: string }

/** /privacy/requests/follow?token=…: a request of somebody without an account, by the link that their letters hold. */
export function followRoutes(app: App): Hono {
  const routes = new Hono()
  routes.get(path, (c) => shown(app, c, (visit) => requestPage(visit, c.req.query('token') ?? '', {})))

  // The token comes in the form, so that this address opens nothing.
  routes.post(path, bodyLimit({ maxSize: maxFormBytes }), (c) =>
    posted(app, c, async (visit, form) => {
      const token = form.get('token') ?? ''
      const { requests } = visit.words
      try {
        const link = await carryOut(visit, token, form)
        if (link) return c.redirect(link, 303)
        const done = { code: requests.codeSent, 'download code': requests.codeSent }[form.get('do') ?? '']
        return await requestPage(visit, token, done === undefined ? {} : { done })
      } catch (error) {
        if (error instanceof InvalidInputError) return requestPage(visit, token, { wrong: requests.problems.code })
        if (error instanceof ConflictError && form.get('do')?.endsWith('code')) return requestPage(visit, token, { wrong: requests.codeFailed })
        throw error
      }
    }),
  )
  return routes
}

/** Does what a button says; answers where the answer is fetched, if that was asked for. */
async function carryOut({ app, ctx }: Visit, token: string, form: URLSearchParams): Promise<string | null> {
  const code = (form.get('code') ?? '').replaceAll(/\s/g, '')
  switch (form.get('do') ?? '') {
    case 'verify':
      await verify(ctx, token, code)
      return null
    case 'code':
      await sendCodeAgain(ctx, token)
      return null
    case 'withdraw':
      await withdrawOpenly(ctx, token)
      return null
    case 'download code':
      await app.downloads?.sendCode(ctx, token)
      return null
    case 'download':
      return (await app.downloads?.linkByCode(ctx, token, code))?.url ?? null
    default:
      throw new NotFoundError()
  }
}

async function requestPage(visit: Visit, token: string, { done, wrong }: Said): Promise<Response> {
  const { requests, back } = visit.words
  const request = await follow(visit.ctx, token).catch((error: unknown) => {
    if (error instanceof NotFoundError) return null
    throw error
  })
  if (!request) {
    const { title, text } = requests.badToken
    const body = html`<h1>${title}</h1>
      <p>${text}</p>
      <p><a class="button" href="${visit.to('/privacy')}">${back}</a></p>`
    return show(visit, { title, body, status: 404, wide: false, secretAddress: true })
  }
  const hidden = html`<input type="hidden" name="token" value="${token}" />`
  return show(visit, {
    title: requests.title,
    status: wrong ? 422 : 200,
    wide: false,
    secretAddress: true,
    body: html`<h1>${requests.title}</h1>
      ${doneNote(done ?? null)} ${factsOf(visit, request)} ${nextOf(visit, request, hidden, wrong)} ${withdrawal(visit, request, path, hidden)}
      ${await certificatePart(visit, request)} ${await historyOf(visit, request)}
      <p class="soft">${requests.keepLink}</p>`,
  })
}

function nextOf(visit: Visit, request: PrivacyRequest, hidden: Html, wrong: string | undefined): Html | string {
  const { requests } = visit.words
  const { id, state, requiredLevel, provenLevel } = request
  if (state === 'AWAITING_IDENTITY' && request.subject === 'USER')
    return html`<p>${requests.confirmText}</p>
      <p><a class="button" href="${visit.to(`/privacy/requests/${id}`)}">${requests.confirm}</a></p>`
  if (state === 'AWAITING_IDENTITY')
    return provenLevel >= 2 || requiredLevel < 2
      ? html`<p>${requests.officerProof}</p>`
      : html`<h2>${requests.codeTitle}</h2>
          <p>${requests.codeText}</p>
          ${codeForm(visit, hidden, { first: 'verify', again: 'code', label: requests.verify }, wrong)}`
  if (state === 'AWAITING_DOWNLOAD')
    return visit.app.downloads === null
      ? html`<h2>${requests.downloadTitle}</h2>
          <p>${requests.downloadElsewhere}</p>`
      : html`<h2>${requests.downloadTitle}</h2>
          <p>${requests.downloadText} ${requests.downloadCode}</p>
          ${codeForm(visit, hidden, { first: 'download', again: 'download code', label: requests.download }, wrong)}`
  if (state === 'DENIED' || state === 'PARTIALLY_APPROVED') return html`<p>${requests.decisionInLetter} ${requests.reopened}</p>`
  return ''
}

function codeForm(visit: Visit, hidden: Html, { first, again, label }: { first: string; again: string; label: string }, wrong: string | undefined): Html {
  const { requests } = visit.words
  return html`<form method="post" action="${visit.to(path)}">
      ${hidden}
      <label for="code">${requests.code}</label>
      <input
        id="code"
        name="code"
        inputmode="numeric"
        autocomplete="one-time-code"
        maxlength="20"
        required
        ${wrong ? html`aria-invalid="true" aria-describedby="code-error"` : ''}
      />
      ${wrong ? html`<p class="error" id="code-error" role="alert">${wrong}</p>` : ''}
      <div class="actions"><button type="submit" name="do" value="${first}">${label}</button></div>
    </form>
    <form method="post" action="${visit.to(path)}" class="actions">
      ${hidden}
      <button type="submit" class="plain" name="do" value="${again}">${requests.codeAgain}</button>
    </form>`
}
