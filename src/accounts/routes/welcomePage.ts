import { html } from 'hono/html'
import type { InputIssue } from '../../core/errors.ts'
import { languageLines, languageOf, type Language } from '../../http/language.ts'
import { languageLinks, withLanguage } from '../../http/languageLinks.ts'
import { page } from '../../http/page.ts'
import type { App } from '../../app.ts'
import type { Guess } from '../guess.ts'
import { isRegion } from '../../core/region.ts'
import { accountWords } from './words.ts'

/** The step between coming back from Google and having an account: says whose it will be, and asks where they are. Works without scripts. */
export async function welcomePage(
  app: App,
  request: Request,
  {
    email,
    name,
    values,
    birthDate = '',
    policy = null,
    issues = [],
  }: {
    email: string
    name: string | null
    values: Guess
    /** What was typed before, when the form is shown again. */
    birthDate?: string
    /** The version of the privacy policy that holds, by its hash; null before there is one. */
    policy?: string | null
    issues?: readonly InputIssue[]
  },
): Promise<Response> {
  const language = languageOf(app, request)
  const words = accountWords[language]
  const to = (path: string): string => withLanguage(request, path)
  const said = (field: string, message: string): string => (words.issues as Readonly<Record<string, string | null>>)[field] ?? message
  const errorOf = (field: string) =>
    issues.filter((issue) => issue.path[0] === field).map(({ message }) => html`<p class="error" id="${field}-error">${said(field, message)}</p>`)
  const described = (field: string) => (issues.some((issue) => issue.path[0] === field) ? html` aria-invalid="true" aria-describedby="${field}-error"` : '')
  const labelOf = (field: 'birthDate' | 'timeZone' | 'region' | 'locale') =>
    html`<label for="${field}">${words[field][0]}</label>
      <p class="soft">${words[field][1]}</p>`
  const body = html`<h1>${words.welcome}${name ? `, ${name}` : ''}</h1>
    <p>${words.whose[0]} <strong>${email}</strong>. ${words.whose[1]}</p>
    <form method="post" action="${to('/welcome')}">
      ${labelOf('birthDate')}
      <input id="birthDate" name="birthDate" type="date" value="${birthDate}" required autocomplete="off" placeholder="YYYY-MM-DD" ${described('birthDate')} />
      ${errorOf('birthDate')} ${labelOf('timeZone')}
      <input id="timeZone" name="timeZone" value="${values.timeZone}" list="zones" required autocomplete="off" spellcheck="false" ${described('timeZone')} />
      ${errorOf('timeZone')}
      <datalist id="zones">${Intl.supportedValuesOf('timeZone').map((zone) => html`<option value="${zone}"></option>`)}</datalist>
      ${labelOf('region')}
      <select id="region" name="region" required autocomplete="country" ${described('region')}>
        ${regions[language].map(([code, title]) => html`<option value="${code}" ${code === values.region ? 'selected' : ''}>${title}</option>`)}
      </select>
      ${errorOf('region')} ${labelOf('locale')}
      <input id="locale" name="locale" value="${values.locale}" required autocomplete="off" spellcheck="false" ${described('locale')} />
      ${errorOf('locale')}
      ${
        policy === null
          ? ''
          : html`<input type="hidden" name="policy" value="${policy}" />
              <p class="soft">${words.policy[0]} <a href="${to('/privacy/policy')}">${words.policy[1]}</a>. ${words.policy[2]}</p>
              ${errorOf('policy')}`
      }
      <div class="actions">
        <button type="submit" name="decision" value="create">${words.create}</button>
        <button type="submit" name="decision" value="cancel" class="plain" formnovalidate>${words.cancel}</button>
      </div>
    </form>
    <p class="soft">${words.later}</p>`
  const answer = await page({
    title: words.welcome,
    body,
    language,
    query: to(''),
    above: languageLinks(request, language),
    headers: { 'content-language': language },
    status: issues.length > 0 ? 422 : 200,
    // What was sent and refused stays as it was typed.
    ...(issues.length > 0 ? {} : { script }),
  })
  for (const line of languageLines(app, request)) answer.headers.append('set-cookie', line)
  return answer
}

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
const codes = letters.flatMap((one) => letters.map((other) => one + other)).filter(isRegion)
const regionsIn = (language: Language): (readonly [string, string])[] => {
  const names = new Intl.DisplayNames(language, { type: 'region', fallback: 'none' })
  return codes.map((code) => [code, names.of(code) ?? code] as const).toSorted(([, one], [, other]) => one.localeCompare(other, language))
}
const regions: Readonly<Record<Language, (readonly [string, string])[]>> = { en: regionsIn('en'), de: regionsIn('de') }

/** The browser knows its zone and languages better than the server can guess. */
const script = `
  const set = (id, value) => { if (value) document.getElementById(id).value = value }
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  set('timeZone', timeZone)
  set('locale', navigator.language)
  const region = new Intl.Locale(navigator.language).maximize().region
  if (region && document.querySelector('#region option[value="' + CSS.escape(region) + '"]')) set('region', region)
`
