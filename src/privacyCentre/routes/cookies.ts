import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { html } from 'hono/html'
import type { App } from '../../app.ts'
import {
  allowsCategory,
  type CookieCategory,
  cookieCategories,
  type CookieDefinition,
  cookieRegistry,
  type CookieUse,
  type DevicePurpose,
  deviceStanding,
  permits,
  purposeOf,
  purposeOfCategory,
} from '../../consent/service.ts'
import { choicesOf, setChoices } from '../../http/choices.ts'
import { localPath } from '../../http/localPath.ts'
import type { Html } from '../../http/page.ts'
import { periodWords } from '../words/words.ts'
import { noticeWords } from './notices.ts'
import { doneNote, posted, show, shown, type Visit } from './visit.ts'

/** What a form of ours may hold, bytes. */
const maxFormBytes = 4 * 1024
type CookiePurpose = Exclude<(typeof purposeOfCategory)[CookieCategory], null>
const asked = cookieCategories.flatMap((category): [CookieCategory, CookiePurpose][] => {
  const purpose = purposeOfCategory[category]
  return purpose === null ? [] : [[category, purpose]]
})

/** /privacy/cookies: which there are, and which of them a browser allows. */
export function cookieRoutes(app: App): Hono {
  const routes = new Hono()
  routes.get('/privacy/cookies', (c) => shown(app, c, (visit) => cookiePage(visit, c.req.query('saved') !== undefined)))
  routes.post('/privacy/cookies', bodyLimit({ maxSize: maxFormBytes }), (c) =>
    posted(app, c, async (visit, form) => {
      const told = form.get('despite') === 'yes'
      const lines = await setChoices(app, c.req.raw, wantedOf(visit, form, told), { told, language: visit.language })
      const { pathname } = new URL(localPath(form.get('return')), app.config.publicUrl)
      const answer = c.redirect(visit.to(form.has('return') ? pathname : '/privacy/cookies?saved'), 303)
      for (const line of lines) answer.headers.append('set-cookie', line)
      return answer
    }),
  )
  return routes
}

/** What a form chooses. A yes that the browser's signals do not let stand is a no, as long as nobody says that they know of them. */
function wantedOf({ ctx: { signals } }: Visit, form: URLSearchParams, told: boolean): Partial<Record<DevicePurpose, boolean>> {
  const decision = form.get('decision')
  const measuringIsOff = Boolean(signals?.dnt) || (Boolean(signals?.gpc) && !told)
  return Object.fromEntries(
    asked.flatMap(([category, purpose]): [DevicePurpose, boolean][] => {
      const choice = decision === 'accept' ? 'yes' : decision === 'reject' ? 'no' : form.get(category)
      if (choice !== 'yes' && choice !== 'no') return []
      return [[purpose, choice === 'yes' && !(measuringIsOff && category !== 'FUNCTIONAL')]]
    }),
  )
}

function cookiePage(visit: Visit, saved: boolean): Promise<Response> {
  const { cookies, names } = visit.words
  const { signals } = visit.ctx
  return show(visit, {
    title: cookies.title,
    asks: false,
    body: html`<h1>${cookies.title}</h1>
      <p>${cookies.lead}</p>
      ${doneNote(saved ? cookies.saved : null)} ${signals?.gpc ? html`<p class="done">${cookies.gpc}</p>` : ''}
      ${signals?.dnt ? html`<p class="done">${cookies.dnt}</p>` : ''}
      <form method="post" action="${visit.to('/privacy/cookies')}" class="actions">
        <button type="submit" name="decision" value="reject">${cookies.rejectAll}</button>
        <button type="submit" name="decision" value="accept">${cookies.acceptAll}</button>
      </form>
      <h2>${cookies.oneByOne}</h2>
      <form method="post" action="${visit.to('/privacy/cookies')}">
        <fieldset>
          <legend>${names.cookieKinds.ESSENTIAL}</legend>
          <p><span class="tag">${cookies.always}</span></p>
          ${listOf(visit, 'ESSENTIAL')}
        </fieldset>
        ${asked.map(([category, purpose]) => choiceOf(visit, category, purpose))}
        ${
          signals?.gpc && !signals.dnt
            ? html`<p>
                <label class="choice"><input type="checkbox" name="despite" value="yes" />${cookies.despite}</label>
              </p>`
            : ''
        }
        <div class="actions"><button type="submit" name="decision" value="chosen">${cookies.save}</button></div>
      </form>`,
  })
}

function choiceOf(visit: Visit, category: CookieCategory, key: CookiePurpose): Html {
  const { app, request, words, ctx } = visit
  const choices = choicesOf(app, request.headers)
  const purpose = purposeOf(key)
  const { state } = deviceStanding(choices, key, app.clock.now())
  const allowed = allowsCategory(category, choices, ctx.signals ?? { gpc: false, dnt: false }, app.clock.now())
  const said = permits(state) ? 'yes' : state === 'REFUSED' ? 'no' : null
  const radio = (value: 'yes' | 'no', label: string) =>
    html`<label class="choice"><input type="radio" name="${category}" value="${value}" ${said === value ? 'checked' : ''} />${label}</label>`
  return html`<fieldset>
    <legend>${words.names.cookieKinds[category]}</legend>
    ${purpose ? html`<p>${noticeWords(visit, purpose).notice}</p>` : ''} ${listOf(visit, category)}
    <p class="soft">${said === null ? words.cookies.undecided : words.cookies.state[allowed ? 'yes' : 'no']}</p>
    ${radio('no', words.cookies.refuse)}${radio('yes', words.cookies.allow)}
  </fieldset>`
}

function listOf({ words, language }: Visit, category: CookieCategory): Html {
  const uses = (Object.entries(cookieRegistry) as [CookieUse, CookieDefinition][]).filter(([, each]) => each.category === category)
  if (uses.length === 0) return html`<p class="soft">${words.cookies.nothingOfKind}</p>`
  return html`<ul>
    ${uses.map(
      ([use, { about, maxAgeSeconds }]) =>
        html`<li>
          <strong>${use}</strong>: ${words.names.cookies?.[use] ?? about}
          <span class="soft">(${words.cookies.longest} ${lengthOf(language, maxAgeSeconds)})</span>
        </li>`,
    )}
  </ul>`
}

function lengthOf(language: Visit['language'], seconds: number): string {
  const daySeconds = 24 * 3600
  if (seconds % daySeconds === 0) return periodWords(language, `P${seconds / daySeconds}D`)
  return new Intl.NumberFormat(language, { style: 'unit', unit: 'minute', unitDisplay: 'long' }).format(seconds / 60)
}
