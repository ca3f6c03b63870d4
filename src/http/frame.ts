import { html } from 'hono/html'
import type { Language } from './language.ts'

/** What stands around every page. */
interface FrameWords {
  skip: string
  ours: string
  centre: string
  cookies: string
  doNotSell: string
  policy: string
  tooMany: { title: string; text: (seconds: number) => string }
  back: string
  cookieNotice: { title: string; text: string; reject: string; accept: string; choose: string }
}

/** What stands around every page, by language. */
export const frameWords: Readonly<Record<Language, FrameWords>> = {
  en: {
    skip: 'Skip to the content',
    ours: 'Privacy',
    centre: 'Privacy centre',
    cookies: 'Cookies',
    doNotSell: 'Do not sell or share my data',
    policy: 'Privacy policy',
    tooMany: { title: 'Too many attempts', text: (seconds) => `Somebody at your address has tried this very often. Wait ${seconds} seconds, then try again.` },
    back: 'Back to the start',
    cookieNotice: {
      title: 'Cookies',
      text: 'Kith sets the cookies it cannot do without. All others wait for your choice, and nothing works less well without them.',
      reject: 'Reject the others',
      accept: 'Accept the others',
      choose: 'Choose one by one',
    },
  },
  de: {
    skip: 'Zum Inhalt springen',
    ours: 'Datenschutz',
    centre: 'Datenschutz-Zentrum',
    cookies: 'Cookies',
    doNotSell: 'Meine Daten nicht verkaufen oder weitergeben',
    policy: 'Datenschutzerklärung',
    tooMany: { title: 'Zu viele Versuche', text: (seconds) => `Von Ihrer Adresse aus wurde das sehr oft versucht. Bitte in ${seconds} Sekunden noch einmal.` },
    back: 'Zurück zum Anfang',
    cookieNotice: {
      title: 'Cookies',
      text: 'Kith setzt nur Cookies, ohne die es nicht geht. Alle anderen warten auf Ihre Entscheidung, und ohne sie funktioniert alles genauso gut.',
      reject: 'Andere ablehnen',
      accept: 'Andere zulassen',
      choose: 'Einzeln entscheiden',
    },
  },
}

/** The way to the privacy centre, on every page of ours. `query` hands a chosen language on. */
export function footer(language: Language, query: string) {
  const words = frameWords[language]
  return html`<footer>
    <nav aria-label="${words.ours}">
      <a href="/privacy${query}">${words.centre}</a>
      <a href="/privacy/cookies${query}">${words.cookies}</a>
      <a href="/privacy/do-not-sell${query}">${words.doNotSell}</a>
      <a href="/privacy/policy${query}">${words.policy}</a>
    </nav>
  </footer>`
}

/** Asks a browser that has not decided about cookies, after the page's content and without standing in its way; yes and no weigh the same. */
export function cookieNotice(language: Language, query: string, returnTo: string) {
  const words = frameWords[language].cookieNotice
  return html`<section class="notice" aria-label="${words.title}">
    <p>${words.text}</p>
    <form method="post" action="/privacy/cookies${query}" class="actions">
      <input type="hidden" name="return" value="${returnTo}" />
      <button type="submit" name="decision" value="reject">${words.reject}</button>
      <button type="submit" name="decision" value="accept">${words.accept}</button>
      <a href="/privacy/cookies${query}">${words.choose}</a>
    </form>
  </section>`
}
