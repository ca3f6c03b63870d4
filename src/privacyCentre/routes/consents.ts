import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { html } from 'hono/html'
import type { App } from '../../app.ts'
import {
  type Consent,
  consentsOf,
  type ConsentSource,
  type ConsentState,
  giveConsent,
  permits,
  purposeOf,
  readLedger,
  receiptFormats,
  receiptOf,
  withdrawConsent,
} from '../../consent/service.ts'
import { NotFoundError } from '../../core/errors.ts'
import type { ConsentRecord } from '../../db/generated/prisma/client.ts'
import type { Html } from '../../http/page.ts'
import { noticeWords } from './notices.ts'
import { askToSignIn, doneNote, posted, show, shown, type Visit } from './visit.ts'

/** What a form of ours may hold, bytes. */
const maxFormBytes = 4 * 1024
/** So many entries of the ledger are shown, the latest ones. */
const shownEntries = 200
const path = '/privacy/consents'

/** /privacy/consents: how each purpose stands, yes and no, everything that was decided, and a receipt of each. */
export function consentRoutes(app: App): Hono {
  const routes = new Hono()
  routes.get(path, (c) => shown(app, c, (visit) => (visit.signedIn ? consentsPage(visit, c.req.query('saved') !== undefined) : askToSignIn(visit, path))))
  routes.post(path, bodyLimit({ maxSize: maxFormBytes }), (c) =>
    posted(app, c, async (visit, form) => {
      if (!visit.signedIn) return askToSignIn(visit, path)
      const key = form.get('purpose') ?? ''
      const how = { method: 'page', language: visit.language }
      if (purposeOf(key)?.scope !== 'ACCOUNT') throw new NotFoundError()
      if (form.get('decision') === 'give') await giveConsent(visit.ctx, key, { ...how, despiteSignal: form.get('despite') === 'yes' })
      else await withdrawConsent(visit.ctx, key, how)
      return c.redirect(visit.to(`${path}?saved`), 303)
    }),
  )
  routes.get(`${path}/:id/receipt`, (c) =>
    shown(app, c, async (visit) => {
      if (!visit.signedIn) return askToSignIn(visit, path)
      const format = receiptFormats.find((each) => each === c.req.query('format')) ?? 'ISO_27560'
      const { jws, json } = await receiptOf(visit.ctx, c.req.param('id'), format)
      const signed = c.req.query('signed') !== undefined
      return c.body(signed ? jws : json, 200, {
        'content-type': signed ? 'application/jose' : 'application/json',
        'content-disposition': `attachment; filename="consent-receipt.${signed ? 'jws' : 'json'}"`,
      })
    }),
  )
  return routes
}

async function consentsPage(visit: Visit, saved: boolean): Promise<Response> {
  const { consents } = visit.words
  const [all, ledger] = [await consentsOf(visit.ctx), await readLedger(visit.ctx)]
  return show(visit, {
    title: consents.title,
    body: html`<h1>${consents.title}</h1>
      <p>${consents.lead}</p>
      ${doneNote(saved ? consents.saved : null)} ${all.map((consent) => purposePart(visit, consent))}
      <h2>${consents.history}</h2>
      ${ledger.length === 0 ? html`<p>${consents.noHistory}</p>` : historyTable(visit, ledger.toReversed().slice(0, shownEntries))}`,
  })
}

function purposePart(visit: Visit, consent: Consent): Html {
  const { consents, names } = visit.words
  const { purpose, state, since } = consent
  const { title, notice } = noticeWords(visit, purpose)
  const asked = purpose.legalBasis === 'CONSENT'
  return html`<fieldset>
    <legend>${title}</legend>
    <p>${notice}</p>
    <p class="soft">
      ${consents.ground}: ${names.bases[purpose.legalBasis]}.
      ${asked ? html`${consents.state}: <strong>${names.consentStates[state]}</strong>${since ? `, ${consents.since(visit.day(since))}` : ''}.` : consents.needed}
    </p>
    ${asked ? buttons(visit, consent, title) : ''}
  </fieldset>`
}

/** Yes and no side by side, each one press; where a yes cannot be given here, it is said where. */
function buttons(visit: Visit, { purpose, state }: Consent, title: string): Html {
  const { consents } = visit.words
  if (purpose.scope === 'DEVICE') return html`<p><a href="${visit.to('/privacy/cookies')}">${consents.byBrowser}</a></p>`
  const given = permits(state)
  const button = (decision: 'give' | 'withdraw', label: string): Html =>
    html`<button type="submit" name="decision" value="${decision}" aria-label="${label}: ${title}">${label}</button>`
  const atGoogle = purpose.key.startsWith('GOOGLE_')
  const refusable = !given && state !== 'REFUSED' && state !== 'WITHDRAWN'
  return html`<form method="post" action="${visit.to(path)}" class="actions">
      <input type="hidden" name="purpose" value="${purpose.key}" />
      ${given ? button('withdraw', consents.withdraw) : ''} ${refusable ? button('withdraw', consents.refuse) : ''}
      ${given || atGoogle ? '' : button('give', state === 'REQUESTED' ? consents.confirm : consents.give)}
    </form>
    ${atGoogle && !given ? html`<p class="soft">${consents.connect}</p>` : ''} ${state === 'REQUESTED' ? html`<p class="soft">${consents.askedTwice}</p>` : ''}`
}

function historyTable(visit: Visit, ledger: readonly ConsentRecord[]): Html {
  const { consents, names } = visit.words
  const titleOf = (key: string): string => {
    const purpose = purposeOf(key)
    return purpose ? noticeWords(visit, purpose).title : key
  }
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${consents.history}">
    <table>
      <thead>
        <tr>
          ${[consents.when, consents.purpose, consents.decision, consents.by, consents.receipt].map((cell) => html`<th scope="col">${cell}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${ledger.map(
          ({ id, at, purpose, state, source }) =>
            html`<tr>
              <td>${visit.day(at, true)}</td>
              <td>${titleOf(purpose)}</td>
              <td>${names.consentStates[state as ConsentState]}</td>
              <td>${names.consentSources[source as ConsentSource]}</td>
              <td>
                <a href="${path}/${id}/receipt?format=ISO_27560">ISO 27560</a> · <a href="${path}/${id}/receipt?format=KANTARA_1_1">Kantara</a> ·
                <a href="${path}/${id}/receipt?signed">JWS</a>
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}
