import type { GoogleRefusal } from '../../http/googleFlow.ts'
import type { Language } from '../../http/language.ts'

interface Notice {
  title: string
  text: string
}

/** What is said between coming back from Google and having an account, and where a sign-in comes to nothing. */
export interface AccountWords {
  welcome: string
  /** Before and after the address that Google has named. */
  whose: [string, string]
  birthDate: [string, string]
  timeZone: [string, string]
  region: [string, string]
  locale: [string, string]
  /** Before the link, the link, and after it. */
  policy: [string, string, string]
  create: string
  cancel: string
  later: string
  policyIssue: string
  /** What is said of a field that was not filled in as it must be; null: as the account's own rules say it. */
  issues: Readonly<Record<'birthDate' | 'timeZone' | 'region' | 'locale', string | null>>
  tooLate: Notice
  turnedAway: Notice
  denied: Notice
  ended: Notice
  closed: Notice & { follow: string }
  broken: Notice
  again: string
  refusals: Readonly<Record<GoogleRefusal['reason'], Notice>>
}

const en: AccountWords = {
  welcome: 'Welcome',
  whose: ['Google says you are', 'You have no account at Kith yet; this makes one.'],
  birthDate: ['Date of birth', 'Asked once and not kept.'],
  timeZone: ['Time zone', 'When your reminders fall due.'],
  region: ['Country or region', 'How phone numbers without a country code are read.'],
  locale: ['Language', 'As a tag such as en-GB or pt-BR: how dates and numbers are written in your mail.'],
  policy: ['How your data are handled is in the', 'privacy policy', 'Making an account says that you have seen it; it is not consent to anything.'],
  create: 'Make my account',
  cancel: 'Not now',
  later: 'Everything here can be changed later. “Not now” keeps nothing about you.',
  policyIssue: 'This is the policy that holds now; look at it, then go on.',
  issues: { birthDate: 'Give the day, month and year you were born on.', timeZone: null, region: null, locale: null },
  tooLate: {
    title: 'That took too long',
    text: 'More than ten minutes have passed since you came back from Google. Nothing was kept; sign in again to go on.',
  },
  turnedAway: { title: 'We cannot make an account for you', text: 'Nothing that you entered was kept.' },
  denied: { title: 'You have not signed in', text: 'You told Google not to go on, and nothing was passed to Kith.' },
  ended: { title: 'Google did not let you in', text: 'Google ended the sign-in without saying who you are. Try again in a while.' },
  closed: { title: 'This account is closed', text: 'The account is closed and is about to be erased.', follow: 'Follow it, or call it back' },
  broken: { title: 'That sign-in cannot go on', text: 'Nothing was done with it.' },
  again: 'Try again',
  refusals: {
    unavailable: { title: 'Google does not answer', text: 'Google could not be asked who you are. Try again in a moment.' },
    'bad-code': { title: 'That sign-in is not good any more', text: 'Google does not know the answer that your browser brought, or it was used before.' },
    'bad-token': { title: 'That sign-in cannot be trusted', text: 'What came back does not belong to this sign-in, so nothing was done with it.' },
    'bad-client': {
      title: 'Kith is not set up for Google',
      text: 'Google does not know this server as it is configured. Whoever runs it can find out more with “kith doctor”.',
    },
    unverified: {
      title: 'Your address is not verified',
      text: 'Google has not verified that the address of this account is yours. Verify it with Google, then come back.',
    },
  },
}

const de: AccountWords = {
  welcome: 'Willkommen',
  whose: ['Laut Google sind Sie', 'Bei Kith haben Sie noch kein Konto; hier legen Sie eines an.'],
  birthDate: ['Geburtsdatum', 'Wird einmal gefragt und nicht gespeichert.'],
  timeZone: ['Zeitzone', 'Wann Ihre Erinnerungen fällig werden.'],
  region: ['Land oder Region', 'Wie Telefonnummern ohne Ländervorwahl gelesen werden.'],
  locale: ['Sprache', 'Als Kürzel wie de-DE oder de-AT: wie Daten und Zahlen in Ihrer Post geschrieben werden.'],
  policy: [
    'Wie mit Ihren Daten umgegangen wird, steht in der',
    'Datenschutzerklärung (auf Englisch; dieser Text gilt)',
    'Ein Konto anzulegen heißt, dass Sie sie gesehen haben; es ist keine Einwilligung in irgendetwas.',
  ],
  create: 'Mein Konto anlegen',
  cancel: 'Jetzt nicht',
  later: 'Alles hier lässt sich später ändern. Bei „Jetzt nicht“ wird nichts über Sie gespeichert.',
  policyIssue: 'Das ist die Erklärung, die jetzt gilt; bitte sehen Sie sie an, dann geht es weiter.',
  issues: {
    birthDate: 'Bitte Tag, Monat und Jahr Ihrer Geburt angeben.',
    timeZone: 'Bitte eine Zeitzone angeben, etwa Europe/Berlin.',
    region: 'Bitte ein Land oder eine Region wählen.',
    locale: 'Bitte eine Sprache als Kürzel nach BCP 47 angeben, etwa de-DE.',
  },
  tooLate: {
    title: 'Das hat zu lange gedauert',
    text: 'Seit Sie von Google zurückkamen, sind mehr als zehn Minuten vergangen. Nichts wurde gespeichert; melden Sie sich noch einmal an, um weiterzumachen.',
  },
  turnedAway: { title: 'Wir können für Sie kein Konto anlegen', text: 'Nichts von dem, was Sie eingegeben haben, wurde gespeichert.' },
  denied: { title: 'Sie haben sich nicht angemeldet', text: 'Sie haben Google gesagt, dass es nicht weitergehen soll, und Kith hat nichts erfahren.' },
  ended: {
    title: 'Google hat Sie nicht angemeldet',
    text: 'Google hat die Anmeldung beendet, ohne zu sagen, wer Sie sind. Versuchen Sie es später noch einmal.',
  },
  closed: { title: 'Dieses Konto ist geschlossen', text: 'Das Konto ist geschlossen und wird bald gelöscht.', follow: 'Verfolgen oder zurückrufen' },
  broken: {
    title: 'Diese Anmeldung kann nicht weitergehen',
    text: 'Sie gehört nicht zu diesem Browser, ist zu alt oder wurde schon verwendet. Nichts wurde damit getan.',
  },
  again: 'Noch einmal versuchen',
  refusals: {
    unavailable: { title: 'Google antwortet nicht', text: 'Google konnte nicht gefragt werden, wer Sie sind. Versuchen Sie es gleich noch einmal.' },
    'bad-code': { title: 'Diese Anmeldung gilt nicht mehr', text: 'Google kennt die Antwort nicht, die Ihr Browser brachte, oder sie wurde schon verwendet.' },
    'bad-token': { title: 'Dieser Anmeldung ist nicht zu trauen', text: 'Was zurückkam, gehört nicht zu dieser Anmeldung, also wurde nichts damit getan.' },
    'bad-client': {
      title: 'Kith ist für Google nicht eingerichtet',
      text: 'Google kennt diesen Server so, wie er eingestellt ist, nicht. Wer ihn betreibt, erfährt mehr mit „kith doctor“.',
    },
    unverified: {
      title: 'Ihre Adresse ist nicht bestätigt',
      text: 'Google hat nicht bestätigt, dass die Adresse dieses Kontos Ihre ist. Bestätigen Sie sie bei Google und kommen Sie dann wieder.',
    },
  },
}

/** What is said about having an account, by language. */
export const accountWords: Readonly<Record<Language, AccountWords>> = { en, de }
