import { html } from 'hono/html'
import { chosenLanguage, type Language, languageParameter, languages } from './language.ts'

/** What a page is called by, to be read in another language. */
const labels: Readonly<Record<Language, string>> = { en: 'Language', de: 'Sprache' }

/** Links to the page that is looked at, in the other languages. */
export function languageLinks(request: Request, language: Language) {
  const { pathname, searchParams } = new URL(request.url)
  const linkTo = (other: string): string => {
    const query = new URLSearchParams(searchParams)
    query.set(languageParameter, other)
    return `${pathname}?${query}`
  }
  return html`<nav aria-label="${labels[language]}">
    ${Object.entries(languages)
      .filter(([other]) => other !== language)
      .map(([other, name]) => html`<a href="${linkTo(other)}" lang="${other}" hreflang="${other}">${name}</a>`)}
  </nav>`
}

/** A path of ours with the language that was chosen by a link, so that it is handed on without any cookie. */
export function withLanguage(request: Request, path: string): string {
  const chosen = chosenLanguage(request)
  return chosen === null ? path : `${path}${path.includes('?') ? '&' : '?'}${languageParameter}=${chosen}`
}
