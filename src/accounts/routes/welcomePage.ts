import { html } from 'hono/html'
import type { InputIssue } from '../../core/errors.ts'
import { page } from '../../http/page.ts'
import type { Guess } from '../guess.ts'
import { isRegion } from '../../core/region.ts'

/** The step between coming back from Google and having an account: says whose it will be, and asks where they are. Works without scripts. */
export function welcomePage({
  email,
  name,
  values,
  issues = [],
}: {
  email: string
  name: string | null
  values: Guess
  issues?: readonly InputIssue[]
}): Promise<Response> {
  const errorOf = (field: string) =>
    issues.filter((issue) => issue.path[0] === field).map((issue) => html`<p class="error" id="${field}-error">${issue.message}</p>`)
  const described = (field: string) => (issues.some((issue) => issue.path[0] === field) ? html` aria-invalid="true" aria-describedby="${field}-error"` : '')
  const body = html`<h1>Welcome${name ? `, ${name}` : ''}</h1>
    <p>Google says you are <strong>${email}</strong>. You have no account at Kith yet; this makes one.</p>
    <form method="post" action="/welcome">
      <label for="timeZone">Time zone</label>
      <p class="soft">When your reminders fall due.</p>
      <input id="timeZone" name="timeZone" value="${values.timeZone}" list="zones" required autocomplete="off" spellcheck="false" ${described('timeZone')} />
      ${errorOf('timeZone')}
      <datalist id="zones">${Intl.supportedValuesOf('timeZone').map((zone) => html`<option value="${zone}"></option>`)}</datalist>
      <label for="region">Country or region</label>
      <p class="soft">How phone numbers without a country code are read.</p>
      <select id="region" name="region" required autocomplete="country" ${described('region')}>
        ${regions.map(([code, title]) => html`<option value="${code}" ${code === values.region ? 'selected' : ''}>${title}</option>`)}
      </select>
      ${errorOf('region')}
      <label for="locale">Language</label>
      <p class="soft">As a tag such as en-GB or pt-BR: how dates and numbers are written in your mail.</p>
      <input id="locale" name="locale" value="${values.locale}" required autocomplete="off" spellcheck="false" ${described('locale')} />
      ${errorOf('locale')}
      <div class="actions">
        <button type="submit" name="decision" value="create">Make my account</button>
        <button type="submit" name="decision" value="cancel" class="plain" formnovalidate>Not now</button>
      </div>
    </form>
    <p class="soft">Everything here can be changed later. “Not now” keeps nothing about you.</p>`
  // What was sent and refused stays as it was typed.
  return page({ title: 'Welcome', body, status: issues.length > 0 ? 422 : 200, ...(issues.length > 0 ? {} : { script }) })
}

const regionNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
const regions = letters
  .flatMap((one) => letters.map((other) => one + other))
  .filter(isRegion)
  .map((code) => [code, regionNames.of(code) ?? code] as const)
  .toSorted(([, one], [, other]) => one.localeCompare(other, 'en'))

/** The browser knows its zone and languages better than the server can guess. */
const script = `
  const set = (id, value) => { if (value) document.getElementById(id).value = value }
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  set('timeZone', timeZone)
  set('locale', navigator.language)
  const region = new Intl.Locale(navigator.language).maximize().region
  if (region && document.querySelector('#region option[value="' + CSS.escape(region) + '"]')) set('region', region)
`
