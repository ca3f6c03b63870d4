import type { Language } from './language.ts'

/** What the start page says. */
export interface LandingWords {
  title: string
  lead: string
  about: string
  signIn: string
  hint: string
  signedIn: string
  as: string
  graphiql: string
  signOut: string
  /** Before and after the address to which programs send, and the mutation that makes a token. */
  programs: [string, string, string, string]
}

/** What the start page says, by language. */
export const landingWords: Readonly<Record<Language, LandingWords>> = {
  en: {
    title: 'Start',
    lead: 'The people you know, and what you want to remember about them',
    about: 'Kith keeps your address book, notes, reminders and the last time you were in touch, behind one GraphQL endpoint.',
    signIn: 'Sign in with Google',
    hint: 'Google tells Kith your name and e-mail address, nothing else, until you connect more yourself.',
    signedIn: 'You are signed in',
    as: 'as',
    graphiql: 'Open GraphiQL',
    signOut: 'Sign out',
    programs: ['Programs send an API token to', 'in the header', '; the mutation', 'makes one.'],
  },
  de: {
    title: 'Start',
    lead: 'Die Menschen, die Sie kennen, und was Sie über sie behalten wollen',
    about: 'Kith führt Ihr Adressbuch, Ihre Notizen, Erinnerungen und wann Sie zuletzt Kontakt hatten, hinter einer einzigen GraphQL-Adresse.',
    signIn: 'Mit Google anmelden',
    hint: 'Google teilt Kith Ihren Namen und Ihre E-Mail-Adresse mit, sonst nichts, bis Sie selbst mehr verbinden.',
    signedIn: 'Sie sind angemeldet',
    as: 'als',
    graphiql: 'GraphiQL öffnen',
    signOut: 'Abmelden',
    programs: ['Programme senden einen Zugangsschlüssel an', 'im Header', '; die Mutation', 'legt einen an.'],
  },
}
