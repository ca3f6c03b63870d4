import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { html } from 'hono/html'
import type { App } from '../../app.ts'
import { InvalidInputError } from '../../core/errors.ts'
import {
  followToken,
  type OpenSubmission,
  regimes,
  requesters,
  type Requester,
  type RequestType,
  requestTypes,
  type Submission,
  submit,
  submitOpenly,
} from '../../privacy/service.ts'
import type { Html } from '../../http/page.ts'
import { planPart } from './erasurePlan.ts'
import { identifiersIn, openFields, requesterIn, saysWhose } from './openFields.ts'
import { type Form, hintedArea, options, problemsNote } from './forms.ts'
import { pathOf } from './requestView.ts'
import { posted, show, shown, signInLink, type Visit } from './visit.ts'

/** What a form of ours may hold, bytes: its words may have 10,000 characters, each of which is up to twelve bytes long in a form. */
const maxFormBytes = 160 * 1024
const delays = [0, 24, 48, 72] as const

/** /privacy/requests/new: uses a right, with an account or without. First what, then the few things that this needs. */
export function submitRoutes(app: App): Hono {
  const routes = new Hono()
  routes.get('/privacy/requests/new', (c) =>
    shown(app, c, (visit) => {
      const type = typeOf(visit, c.req.query('type'))
      const requester = requesterIn(visit, c.req.query('for'), type)
      return type ? formPage(visit, type, new URLSearchParams({ requester })) : choicePage(visit, requester)
    }),
  )
  routes.post('/privacy/requests/new', bodyLimit({ maxSize: maxFormBytes }), (c) =>
    posted(app, c, async (visit, form) => {
      const type = typeOf(visit, form.get('type'))
      if (!type) return choicePage(visit, 'SELF')
      if (type === 'OBJECTION' && !form.get('purpose')) return formPage(visit, type, form, new Set(['purpose']))
      if (!visit.signedIn && !saysWhose(form, requesterIn(visit, form.get('requester'), type))) return formPage(visit, type, form, new Set(['identifiers']))
      try {
        return c.redirect(visit.to(await file(visit, type, form)), 303)
      } catch (error) {
        if (error instanceof InvalidInputError) return formPage(visit, type, form, new Set(error.issues.map(({ path }) => path[0] ?? 'other')))
        throw error
      }
    }),
  )
  return routes
}

/** Files what a form asks for; answers where to follow it. */
async function file(visit: Visit, type: RequestType, form: URLSearchParams): Promise<string> {
  const { app, ctx, signedIn } = visit
  const said = {
    type,
    regime: (form.get('regime') ?? 'VOLUNTARY') as Submission['regime'],
    text: form.get('text'),
    purpose: (type === 'OBJECTION' ? form.get('purpose') : null) as Submission['purpose'],
    delayHours: type === 'ERASURE' ? Number(form.get('delayHours') ?? 0) : 0,
  }
  if (signedIn) return pathOf(visit, await submit(ctx, said, visit.language))
  const open: OpenSubmission = {
    ...said,
    address: form.get('address') ?? '',
    requester: requesterIn(visit, form.get('requester'), type),
    identifiers: identifiersIn(form),
    submissionKey: form.get('key') || null,
  }
  const { id } = await submitOpenly(ctx, open, visit.language)
  return `/privacy/requests/follow?token=${followToken(app, id)}`
}

/** What can be asked for by whom: an account's holder is no child's guardian here, and files for a child without it. */
function typesFor({ signedIn }: Visit): readonly RequestType[] {
  return requestTypes.filter((type) => !(signedIn && type === 'MINOR_ERASURE'))
}

function typeOf(visit: Visit, text: string | null | undefined): RequestType | undefined {
  return typesFor(visit).find((type) => type === text)
}

function choicePage(visit: Visit, requester: Requester): Promise<Response> {
  const { requests, names, signIn } = visit.words
  return show(visit, {
    title: requests.newTitle,
    body: html`<h1>${requests.newTitle}</h1>
      <p>${requests.newLead}</p>
      ${
        visit.signedIn
          ? ''
          : html`${whoAsks(visit, requester)}
              <h2>${visit.words.intake.whatTitle}</h2>`
      }
      <p class="soft">
        ${visit.signedIn ? requests.withAccount : html`${requests.withoutAccount} <a href="${signInLink(visit, '/privacy/requests/new')}">${signIn}</a>`}
      </p>
      <ul class="cards">
        ${typesFor(visit).map(
          (type) =>
            html`<li>
              <a href="${visit.to(`/privacy/requests/new?type=${type}${requester === 'SELF' ? '' : `&for=${requester}`}`)}">${names.types[type].title}</a>
              <p>${names.types[type].about}</p>
            </li>`,
        )}
      </ul>`,
  })
}

function labelOf({ words: { requests, intake } }: Visit, type: RequestType, requester: Requester): string {
  if (type === 'RECTIFICATION') return requests.wrong
  if (type === 'COMPLAINT') return requests.complaint
  return requester === 'SELF' ? requests.details : intake.authority[requester]
}

/** For whom a visitor asks: links, so that the forms behind them say what they need for it. */
function whoAsks(visit: Visit, requester: Requester): Html {
  const { intake } = visit.words
  return html`<h2>${intake.asksTitle}</h2>
    <ul class="cards">
      ${requesters.map(
        (each) =>
          html`<li>
            <a href="${visit.to(`/privacy/requests/new${each === 'SELF' ? '' : `?for=${each}`}`)}" ${each === requester ? html`aria-current="true"` : ''}
              >${intake.asks[each].title}</a
            >
            <p>${intake.asks[each].text}</p>
          </li>`,
      )}
    </ul>`
}

async function formPage(visit: Visit, type: RequestType, values: URLSearchParams, wrong: ReadonlySet<string> = new Set()): Promise<Response> {
  const { requests, names, intake } = visit.words
  const requester = requesterIn(visit, values.get('requester'), type)
  const form: Form = {
    values,
    wrong,
    problems: { ...requests.problems, ...(requester === 'SELF' ? {} : { identifiers: `${intake.noTheirs} ${requests.problems.identifiers}` }) },
  }
  const label = labelOf(visit, type, requester)
  return show(visit, {
    title: names.types[type].title,
    status: wrong.size > 0 ? 422 : 200,
    wide: type === 'ERASURE' && visit.signedIn,
    asks: false,
    body: html`<h1>${names.types[type].title}</h1>
      <p>${names.types[type].about}</p>
      ${problemsNote(requests.problem, form.problems, wrong)} ${type === 'ERASURE' && visit.signedIn ? await planPart(visit) : ''}
      <form method="post" action="${visit.to('/privacy/requests/new')}">
        <input type="hidden" name="type" value="${type}" />
        ${visit.signedIn ? html`<p class="soft">${requests.withAccount} <a href="${visit.to('/privacy/data')}">${visit.words.held.title}</a></p>` : openFields(visit, form, requester)}
        ${
          type === 'OBJECTION'
            ? html`<label for="purpose">${requests.purpose}</label>
                <select id="purpose" name="purpose" required>
                  ${options(Object.entries(names.uses), values.get('purpose'))}
                </select>`
            : ''
        }
        ${
          type === 'ERASURE'
            ? html`<label for="delayHours">${requests.delay}</label>
                <p class="soft" id="delayHours-hint">${requests.delayHint}</p>
                <select id="delayHours" name="delayHours" aria-describedby="delayHours-hint">
                  ${options(
                    delays.map((hours) => [String(hours), requests.hours(hours)] as const),
                    values.get('delayHours') ?? '24',
                  )}
                </select>`
            : ''
        }
        ${hintedArea(form, 'text', label, requests.detailsHint)}
        <label for="regime">${requests.regime}</label>
        <select id="regime" name="regime">
          ${options(
            ['VOLUNTARY', ...regimes.filter((regime) => regime !== 'VOLUNTARY')].map((key) => [key, names.regimes[key as keyof typeof names.regimes]] as const),
            values.get('regime'),
          )}
        </select>
        <div class="actions"><button type="submit">${requests.submit}</button></div>
      </form>
      <p><a href="${visit.to('/privacy/requests/new')}">${requests.newTitle}</a></p>`,
  })
}
