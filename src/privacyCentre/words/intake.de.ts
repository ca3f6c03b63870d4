import type { intakeEn } from './intake.en.ts'

/** Was die Seiten denen sagen, die für jemand anderen fragen. */
export const intakeDe: typeof intakeEn = {
  asksTitle: 'Für wen fragen Sie?',
  asks: {
    SELF: { title: 'Für mich selbst', text: 'Es geht um Ihre eigenen Daten.' },
    AGENT: { title: 'Für jemanden, der mich bevollmächtigt hat', text: 'Als Vertretung, Anwältin oder Anwalt, oder als Freund mit Erlaubnis.' },
    GUARDIAN: { title: 'Für mein Kind', text: 'Als Elternteil oder sorgeberechtigt.' },
  },
  whatTitle: 'Was wollen Sie?',
  askedFor: 'Sie fragen',
  others: {
    AGENT: 'für jemanden, der Sie bevollmächtigt hat',
    GUARDIAN: 'als Elternteil oder Sorgeberechtigte für ein Kind',
  },
  change: 'Das ändern',
  next: {
    AGENT:
      'Wie es weitergeht: Ein Code geht an Ihre Adresse, dann bitten wir Sie um die unterschriebene Vollmacht der Person und fragen sie selbst, ob es stimmt. Bevor beides da ist, wird nichts mitgeteilt und nichts geändert. Bitte schicken Sie hier keine Unterlagen.',
    GUARDIAN:
      'Wie es weitergeht: Ein Code geht an Ihre Adresse, dann bitten wir Sie um eine unterschriebene Erklärung und vergleichen Ihre Angaben mit dem, was gespeichert ist. Vorher wird nichts mitgeteilt und nichts geändert, und über das Kind steht nie etwas in einem Schreiben. Bitte schicken Sie hier keine Unterlagen.',
  },
  yourAddress: 'Ihre eigene E-Mail-Adresse',
  yourAddressHint: 'Antworten gehen an Sie, und ein Code, der nachweist, dass die Adresse Ihre ist.',
  theirs: {
    AGENT: 'E-Mail-Adressen und Telefonnummern der Person, für die Sie fragen',
    GUARDIAN: 'E-Mail-Adressen und Telefonnummern des Kindes',
  },
  theirsHint: 'Mindestens eine, je eine pro Zeile, Nummern mit Ländervorwahl. Ob etwas gespeichert ist, erfahren Sie dabei nicht.',
  authority: {
    AGENT: 'Wer Sie wozu bevollmächtigt hat',
    GUARDIAN: 'Was hilft, etwa wie Sie verwandt sind',
  },
  noTheirs: 'Bitte mindestens eine E-Mail-Adresse, oder eine Telefonnummer mit Ländervorwahl, der Person angeben, für die Sie fragen.',
  children: {
    title: 'Daten eines Kindes',
    lead: 'Kith ist für Menschen ab 13 Jahren. Ist etwas über jemand Jüngeres gespeichert, sagen Sie es hier: Es ist sofort für niemanden mehr erreichbar und wird, sobald das feststeht, binnen 24 Stunden gelöscht.',
    guardianTitle: 'Sie sind Elternteil oder sorgeberechtigt',
    guardianText: 'Sie brauchen kein Konto, und das Kind auch nicht.',
    guardianButton: 'Daten eines Kindes löschen lassen',
    contactTitle: 'Es ist jemand in Ihrem eigenen Adressbuch',
    contactSignIn: 'Melden Sie sich an und nennen Sie den Kontakt. Niemand wird angeschrieben.',
    contactText:
      'Suchen Sie den Kontakt. Wenn Sie ihn melden, ist er mit allem, was daran hängt, sofort aus Ihrem Adressbuch verschwunden und wird binnen eines Tages gelöscht. Das lässt sich nicht zurückrufen, und niemand wird angeschrieben.',
    name: 'Name des Kontakts',
    find: 'Suchen',
    found: 'Diese stehen in Ihrem Adressbuch',
    none: 'Unter diesem Namen steht niemand in Ihrem Adressbuch.',
    report: 'Das ist ein Kind: löschen',
    reported: 'Der Kontakt ist jetzt für niemanden mehr erreichbar und wird binnen eines Tages gelöscht.',
    otherTitle: 'Sie wissen von einem Konto eines Kindes',
    otherText: 'Schreiben Sie, welches, und woher Sie es wissen. Die Datenschutzbeauftragten sehen es sich an; über das Konto erfahren Sie nichts.',
    otherButton: 'Den Datenschutzbeauftragten schreiben',
    officerTitle: 'Für Datenschutzbeauftragte: Ein Konto gehört einem Kind',
    officerText:
      'Ab diesem Augenblick kommt niemand mehr hinein, und es wird binnen eines Tages gelöscht. Das lässt sich nicht zurückrufen, und wem es gehört, wird nicht angeschrieben.',
    account: 'E-Mail-Adresse des Kontos',
    accountHint: 'Die, mit der es sich bei Google anmeldet.',
    accountButton: 'Dieses Konto als das eines Kindes löschen',
    noAccount: 'Mit dieser Adresse gibt es kein Konto oder mehrere.',
  },
}
