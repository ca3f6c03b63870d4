import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { html } from 'hono/html'
import type { App } from '../../app.ts'
import { InvalidInputError, NotFoundError } from '../../core/errors.ts'
import type { Html } from '../../http/page.ts'
import { contactsNamed, officerOf, reportMinorAccount, reportMinorContact } from '../../privacy/service.ts'
import { askToSignIn, doneNote, posted, show, shown, signInLink, type Visit } from './visit.ts'

/** What a form of ours may hold, bytes. */
const maxFormBytes = 4 * 1024
const path = '/privacy/children'

/** /privacy/children: where a parent, the owner of an address book, or anybody else says that something here is a child's. */
export function childrenRoutes(app: App): Hono {
  const routes = new Hono()
  routes.get(path, (c) => shown(app, c, (visit) => childrenPage(visit, { name: c.req.query('name') ?? '', reported: c.req.query('reported') !== undefined })))
  routes.post(path, bodyLimit({ maxSize: maxFormBytes }), (c) =>
    posted(app, c, async (visit, form) => {
      if (!visit.signedIn) return askToSignIn(visit, path)
      if (form.has('account')) return reportAccount(visit, (form.get('account') ?? '').trim())
      await reportMinorContact(visit.ctx, form.get('contact') ?? '')
      return c.redirect(visit.to(`${path}?reported`), 303)
    }),
  )
  return routes
}

/** An address that has no account, or several, is said to be wrong; whoever is no officer finds nothing here. */
async function reportAccount(visit: Visit, account: string): Promise<Response> {
  if ((await officerOf(visit.ctx)) === null) throw new NotFoundError()
  try {
    await reportMinorAccount(visit.ctx, account)
    return visit.c.redirect(visit.to(`${path}?reported`), 303)
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof InvalidInputError) return childrenPage(visit, { account })
    throw error
  }
}

async function childrenPage(
  visit: Visit,
  { name = '', reported = false, account }: { name?: string; reported?: boolean; account?: string },
): Promise<Response> {
  const { children } = visit.words.intake
  return show(visit, {
    title: children.title,
    wide: false,
    asks: false,
    status: account === undefined ? 200 : 422,
    body: html`<h1>${children.title}</h1>
      ${doneNote(reported ? children.reported : null)}
      <p>${children.lead}</p>
      <h2>${children.guardianTitle}</h2>
      <p>${children.guardianText}</p>
      <p><a class="button" href="${visit.to('/privacy/requests/new?type=MINOR_ERASURE')}">${children.guardianButton}</a></p>
      <h2>${children.contactTitle}</h2>
      ${visit.signedIn ? await contactPart(visit, name.trim().slice(0, 100)) : signInPart(visit)}
      <h2>${children.otherTitle}</h2>
      <p>${children.otherText}</p>
      <p><a class="button plain" href="${visit.to('/privacy/requests/new?type=COMPLAINT')}">${children.otherButton}</a></p>
      ${(await officerOf(visit.ctx)) === null ? '' : accountPart(visit, account)}`,
  })
}

function signInPart(visit: Visit): Html {
  const { words } = visit
  return html`<p>${words.intake.children.contactSignIn}</p>
    <p><a class="button plain" href="${signInLink(visit, path)}">${words.signIn}</a></p>`
}

async function contactPart(visit: Visit, name: string): Promise<Html> {
  const { children } = visit.words.intake
  const found = name === '' ? [] : await contactsNamed(visit.ctx, name)
  const language = new URLSearchParams(visit.to('').slice(1))
  return html`<p>${children.contactText}</p>
    <form method="get" action="${path}">
      ${[...language].map(([key, value]) => html`<input type="hidden" name="${key}" value="${value}" />`)}
      <label for="name">${children.name}</label>
      <input id="name" name="name" value="${name}" required maxlength="100" autocomplete="off" />
      <div class="actions"><button type="submit" class="plain">${children.find}</button></div>
    </form>
    ${
      name === ''
        ? ''
        : found.length === 0
          ? html`<p role="status">${children.none}</p>`
          : html`<h3>${children.found}</h3>
              <ul class="cards">
                ${found.map(
                  ({ id, displayName }) =>
                    html`<li>
                      <form method="post" action="${visit.to(path)}">
                        <p id="contact-${id}"><strong>${displayName}</strong></p>
                        <button type="submit" name="contact" value="${id}" class="plain" aria-describedby="contact-${id}">${children.report}</button>
                      </form>
                    </li>`,
                )}
              </ul>`
    }`
}

function accountPart(visit: Visit, wrong: string | undefined): Html {
  const { children } = visit.words.intake
  return html`<h2>${children.officerTitle}</h2>
    <p>${children.officerText}</p>
    <form method="post" action="${visit.to(path)}">
      <label for="account">${children.account}</label>
      <p class="soft" id="account-hint">${children.accountHint}</p>
      <input
        id="account"
        name="account"
        type="email"
        value="${wrong ?? ''}"
        required
        autocomplete="off"
        aria-describedby="account-hint${wrong === undefined ? '' : ' account-error'}"
        ${wrong === undefined ? '' : html`aria-invalid="true"`}
      />
      ${wrong === undefined ? '' : html`<p class="error" id="account-error" role="alert">${children.noAccount}</p>`}
      <div class="actions"><button type="submit">${children.accountButton}</button></div>
    </form>`
}
