import type { App } from '../app.ts'
import { allowsCategory, cookieRegistry, readSignals } from '../consent/service.ts'
import { choicesOf } from './choices.ts'
import { cookieLine, readCookie } from './cookies.ts'

/** The languages that pages are written in, each with its own name for itself. */
export const languages = { en: 'English', de: 'Deutsch' } as const
/** A language that pages are written in. */
export type Language = keyof typeof languages

/** The parameter by which a link says in which language its page is to be read; the pages hand it on, so that it works without any cookie. */
export const languageParameter = 'lang'

/** The language that somebody has chosen by a link; null where they have not. */
export function chosenLanguage(request: Request): Language | null {
  return named(new URL(request.url).searchParams.get(languageParameter))
}

/** In which language somebody reads: as they have chosen, here or before in this browser, else as their browser prefers. */
export function languageOf(app: App, request: Request): Language {
  const kept = keepsLanguage(app, request) ? named(readCookie(app, request.headers, 'language')) : null
  return chosenLanguage(request) ?? kept ?? preferred(request.headers.get('accept-language') ?? '')
}

/** The Set-Cookie lines that remember a chosen language, where this browser may be made to remember it. */
export function languageLines(app: App, request: Request): string[] {
  const chosen = chosenLanguage(request)
  if (chosen === null || !keepsLanguage(app, request) || named(readCookie(app, request.headers, 'language')) === chosen) return []
  return [cookieLine(app, 'language', chosen, cookieRegistry.language.maxAgeSeconds)]
}

function keepsLanguage(app: App, request: Request): boolean {
  return allowsCategory(cookieRegistry.language.category, choicesOf(app, request.headers), readSignals(request.headers), app.clock.now())
}

function named(text: string | null | undefined): Language | null {
  return text === 'en' || text === 'de' ? text : null
}

/** The first of ours by the weights of Accept-Language (RFC 9110, section 12.5.4); English where none is asked for. */
function preferred(header: string): Language {
  const wishes = header
    .slice(0, 500)
    .split(',')
    .flatMap((part): [Language, number][] => {
      const [tag = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase())
      const language = named(tag.split('-')[0])
      const weight = Number(parameters.find((each) => each.startsWith('q='))?.slice(2) ?? 1)
      return language !== null && weight > 0 ? [[language, weight]] : []
    })
  return wishes.toSorted(([, one], [, other]) => other - one)[0]?.[0] ?? 'en'
}
