import type { erasureEn } from './erasure.en.ts'

/** Was die Seiten darüber sagen, was eine Löschung tun wird und getan hat. */
export const erasureDe: typeof erasureEn = {
  planTitle: 'Was gelöscht wird, und was bleibt',
  planLead: 'Gerade eben gezählt, nach demselben Plan, der ausgeführt wird. Solange Sie unten nicht auf den Knopf drücken, ändert sich nichts.',
  goes: 'Wird gelöscht',
  what: 'Was',
  count: 'Wie viele',
  how: 'Wie',
  deleted: 'gelöscht',
  shredded: 'gelöscht, und der Schlüssel dazu vernichtet',
  nothing: 'Zurzeit gibt es keine von diesen; gibt es dann welche, werden sie auch gelöscht',
  stays: 'Bleibt, weil das Gesetz einen Nachweis verlangt',
  ground: 'Auf welcher Grundlage',
  until: 'Wie lange, und warum',
  afterEnd: (period) => `${period} nach dem Ende Ihres Kontos`,
  after: (period) => `höchstens ${period}`,
  whileNeeded: 'solange es nachweist, was getan wurde',
  recipients: 'Wer es noch erfährt',
  google: 'Google: Was Sie Kith dort erlaubt haben, wird widerrufen.',
  nobody: 'Niemand: Ihre Daten wurden an niemanden weitergegeben.',
  backups: (days) =>
    `Kopien können noch ${days} in Sicherungen liegen. Was verschlüsselt ist, kann dort niemand lesen, weil der Schlüssel vernichtet ist; auf eine Sicherung, die eingespielt wird, wird die Löschung noch einmal angewandt, bevor sie jemandem dient.`,
  version: 'Kennung dieses Plans',
  versionHint: 'Die Bescheinigung, die Sie danach erhalten, nennt den Plan, der ausgeführt wurde.',
  copies: {
    jobs: 'Arbeiten, die warten, laufen oder zu Ende sind, mit den Kennungen dessen, was sie tun sollten.',
    'mail files': 'Nachrichten, die als Dateien geschrieben wurden, wo es keinen Mailserver gibt.',
    blobs: 'Dateien: Bilder, Hochgeladenes, Archive. Jede ist verschlüsselt.',
  },
  certificateTitle: 'Die Bescheinigung',
  certificateLead: 'Sie sagt mit Unterschrift, was gelöscht wurde, was bleibt und warum. Sie nennt niemanden.',
  certificateGet: 'Bescheinigung abholen',
  completed: 'Abgeschlossen',
  gone: 'Gelöscht',
  records: (count) => `${count} Einträge und Dateien`,
  searched: 'Danach gesucht',
  searchedIn: (tables) => `in ${tables} Tabellen; nichts wurde gefunden`,
  backupsUntil: 'Kopien in Sicherungen',
  backupsUntilDay: (day) => `längstens bis zum ${day}`,
  kept: 'Bleibt',
  verify: 'Wer die Datei hat, kann sie prüfen, ohne jemanden zu fragen, mit den Schlüsseln, die dieser Server veröffentlicht:',
  keys: 'Öffentliche Schlüssel',
}

/** Warum Nachweise aufbewahrt werden, auf Deutsch. */
export const whysDe: Readonly<Record<string, string>> = {
  'so that it can be shown that consent was given, for as long as claims usually last':
    'damit sich eine Einwilligung nachweisen lässt, solange Ansprüche üblicherweise erhoben werden können',
  'so that it can be shown who was told what, for as long as claims usually last':
    'damit sich nachweisen lässt, wer was erfahren hat, solange Ansprüche üblicherweise erhoben werden können',
  'the proof that a request was answered, for as long as claims about it can be brought; two years are the least (CCPA regulations, § 7101)':
    'der Nachweis, dass eine Anfrage beantwortet wurde, solange Ansprüche deswegen erhoben werden können; zwei Jahre sind das Mindeste (CCPA-Verordnung, § 7101)',
  'as long as the request that it belongs to, with which it goes': 'so lange wie die Anfrage, zu der es gehört und mit der es gelöscht wird',
  'proof that an answer was sent, and when': 'der Nachweis, dass geantwortet wurde, und wann',
  'the proof that a request was answered, for as long as claims about it can be brought':
    'der Nachweis, dass eine Anfrage beantwortet wurde, solange Ansprüche deswegen erhoben werden können',
}

/** Was von einer Löschung selbst bleibt, auf Deutsch. */
export const keptDe: Readonly<Record<string, { what: string; until: string }>> = {
  'ledger of erasures': {
    what: 'die zufälligen Kennungen dessen, was gelöscht wurde, und Prüfwerte, die ohne Schlüssel nichts verraten',
    until: 'solange es eine Sicherung gibt, die es zurückbringen könnte, und ein Jahr länger',
  },
  'the request that this answers': {
    what: 'dass die Anfrage gestellt, entschieden und ausgeführt wurde, und wann, als Kette von Prüfwerten',
    until: 'sechs Jahre nach ihrem Abschluss, als Nachweis, dass sie beantwortet wurde',
  },
  'words of the request that this answers': {
    what: 'die Adresse, an die Antworten gehen, was verlangt wurde, und die Schreiben dorthin; verschlüsselt, oder als Dateien, wo es keinen Mailserver gibt',
    until: 'dreißig Tage nach ihrem Abschluss, damit sie beantwortet werden kann',
  },
  suppression: { what: 'Prüfwerte Ihrer Adressen und Nummern, damit kein Adressbuch hier sie wieder aufnimmt', until: 'zehn Jahre' },
  'logs of events': { what: 'dass etwas mit einer zufälligen Kennung gelöscht wurde, und wann; kein Inhalt', until: 'solange es das Adressbuch gibt' },
  'what other people wrote about others': {
    what: 'In Notizen zu anderen Kontakten wurde nicht nach Ihrem Namen gesucht: Sie sind die eigenen Worte derer, die sie geschrieben haben',
    until: 'solange sie sie behalten',
  },
}
