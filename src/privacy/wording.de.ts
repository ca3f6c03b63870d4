import { complaintRoute, noBasis, notProven, remedyRoute } from './decision.ts'
import type { RequestType } from './vocabulary.ts'
import type { Letters } from './wording.en.ts'
import { dayOf, dayWords, paragraphs, type Said, shortOf } from './wordingParts.ts'

/** Wie Menschen jede Art von Anfrage nennen. */
const types: Readonly<Record<RequestType, string>> = {
  ACCESS: 'eine Kopie Ihrer Daten',
  ACCESS_CATEGORIES: 'Auskunft, welche Arten von Daten über Sie gespeichert sind',
  PORTABILITY: 'Ihre Daten in einer Form für einen anderen Anbieter',
  RECTIFICATION: 'die Berichtigung Ihrer Daten',
  ERASURE: 'die Löschung Ihrer Daten',
  RESTRICTION: 'dass Ihre Daten nur noch gespeichert werden',
  OBJECTION: 'das Ende einer Verwendung Ihrer Daten',
  OPT_OUT_SALE_SHARING: 'dass Ihre Daten weder verkauft noch weitergegeben werden',
  LIMIT_SENSITIVE: 'dass sensible Daten nur verwendet werden, wo es sein muss',
  AUTOMATED_DECISION_REVIEW: 'dass ein Mensch eine automatische Entscheidung prüft',
  MINOR_ERASURE: 'die Löschung der Daten eines Kindes',
  COMPLAINT: 'dass einer Beschwerde nachgegangen wird',
}
const asked = ({ type }: Said): string => `Sie haben verlangt: ${types[type as RequestType]}.`

/** Sätze, die das Programm selbst in Entscheidungen schreibt; was Menschen geschrieben haben, bleibt, wie es ist. */
const standing: Readonly<Record<string, string>> = {
  [complaintRoute]:
    'Sie können sich bei der Datenschutzbehörde des Landes beschweren, in dem Sie leben oder arbeiten, in Kalifornien bei der California Privacy Protection Agency.',
  [remedyRoute]: 'Sie können auch vor Gericht gehen, und Sie können auf dieses Schreiben mit neuen Tatsachen antworten: Dann wird die Anfrage wieder geöffnet.',
  [notProven]: 'Es ließ sich nicht feststellen, dass die Anfrage von der Person kommt, um die es geht. Deshalb wurde nichts mitgeteilt und nichts geändert.',
  [noBasis]:
    'Diese Verwendung beruht auf einem Vertrag, einer Einwilligung oder einer rechtlichen Verpflichtung, gegen die es kein Widerspruchsrecht gibt. Eine Einwilligung können Sie widerrufen, und die Daten können auf Ihren Wunsch gelöscht oder nur noch gespeichert werden.',
}
const inGerman = (text: string): string => standing[text] ?? text
const partOf = (part: string): string => (part === 'everything' ? 'alles' : part)

/** Was Schreiben auf Deutsch sagen. */
export const wordingDe: Letters = {
  say: inGerman,
  acknowledgement: (request, link, zone) => {
    const proof =
      request.provenLevel >= request.requiredLevel
        ? 'Wir wissen, wer Sie sind; von Ihnen ist nichts weiter nötig.'
        : request.requiredLevel === 1
          ? 'Damit feststeht, dass Sie es sind, melden Sie sich bitte binnen zehn Tagen noch einmal an und bestätigen Sie die Anfrage.'
          : 'Damit feststeht, dass Sie es sind, brauchen wir einen Nachweis; wie, sagt Ihnen ein weiteres Schreiben. Dafür sind zehn Tage Zeit.'
    return {
      subject: `Wir haben Ihre Anfrage (${shortOf(request.id)})`,
      text: paragraphs(
        asked(request),
        `Wir prüfen das und antworten spätestens am ${dayOf(request.dueAt, zone, 'de')}. Sollte es länger dauern, sagen wir Ihnen das vorher, und warum.`,
        proof,
        'Sie können die Anfrage zurücknehmen, bis sie ausgeführt wird.',
        link && `Wie weit sie ist, sehen Sie hier:\n${link}`,
      ),
    }
  },
  code: (code, minutes) => ({
    subject: 'Ihr Code',
    text: paragraphs(
      `Ihr Code lautet ${code}. Er gilt ${minutes} Minuten und für drei Versuche.`,
      'Jemand hat von dieser Adresse aus eine Anfrage zum Datenschutz gestellt. Wenn Sie das nicht waren, tun Sie nichts: Ohne den Code geschieht nichts.',
    ),
  }),
  decision: (request, decision) => {
    const granted = decision.filter(({ outcome }) => outcome === 'GRANTED')
    const refused = decision.flatMap((part) => (part.outcome === 'REFUSED' ? [part] : []))
    const routes = [...new Set(refused.flatMap(({ complaint, remedy }) => [complaint, remedy]))]
    return {
      subject: `Unsere Antwort auf Ihre Anfrage (${shortOf(request.id)})`,
      text: paragraphs(
        asked(request),
        refused.length === 0
          ? 'Wir bewilligen das und führen es jetzt aus.'
          : granted.length === 0
            ? 'Wir können das nicht bewilligen.'
            : 'Wir bewilligen einen Teil davon und führen ihn jetzt aus.',
        ...(granted.length > 0 && refused.length > 0 ? [`Bewilligt: ${granted.map(({ part }) => partOf(part)).join(', ')}.`] : []),
        ...refused.map(({ part, explanation, citation, deferredUntil }) =>
          [
            `Nicht bewilligt: ${partOf(part)}. ${inGerman(explanation)}`,
            citation && `Das beruht auf ${citation}.`,
            deferredUntil && `Bewilligt ist es ab dem ${dayWords(Temporal.PlainDate.from(deferredUntil.slice(0, 10)), 'de')}.`,
          ]
            .filter(Boolean)
            .join(' '),
        ),
        ...routes.map(inGerman),
      ),
    }
  },
  extension: (request, reason, zone) => ({
    subject: `Ihre Anfrage braucht mehr Zeit (${shortOf(request.id)})`,
    text: paragraphs(
      `Wir antworten stattdessen bis zum ${dayOf(request.dueAt, zone, 'de')}. Der Grund: ${reason}`,
      'Darüber können Sie sich bei der Datenschutzbehörde an Ihrem Wohnort beschweren.',
    ),
  }),
  liftNotice: (request, day, reason) => ({
    subject: `Ihre Daten werden wieder verwendet (${shortOf(request.id)})`,
    text: paragraphs(
      `Auf Ihren Wunsch wurden Ihre Daten nur noch gespeichert. Ab dem ${dayWords(day, 'de')} werden sie wieder verwendet. Der Grund: ${reason}`,
      'Wenn Sie nicht einverstanden sind, antworten Sie bitte vor diesem Tag.',
    ),
  }),
  done: (request, certificate) => ({
    subject: `Ihre Anfrage ist erledigt (${shortOf(request.id)})`,
    text: paragraphs(
      `${asked(request)} Das ist geschehen.`,
      certificate &&
        `Eine unterschriebene Bescheinigung sagt, was gelöscht wurde, was bleibt, warum und wie lange, und bis wann Kopien in Sicherungen liegen können. Prüfen kann sie jeder mit „kith certificate verify“:\n${certificate}`,
      certificate && 'Diese Adresse, und was Sie uns geschrieben haben, vergessen wir in 30 Tagen.',
    ),
  }),
  download: (origin, link) => ({
    subject: 'Ihre Daten liegen bereit',
    text: paragraphs(
      'Was Sie verlangt haben, liegt als Datei bereit. Sie können sie sieben Tage lang abholen; dann wird sie gelöscht.',
      link === null
        ? `Melden Sie sich unter ${origin} an und öffnen Sie Ihre Anfragen zum Datenschutz; zum Abholen selbst melden Sie sich noch einmal an.`
        : `Öffnen Sie ${link} und lassen Sie sich einen Code an diese Adresse schicken.`,
    ),
  }),
  categories: (lines) => ({
    subject: 'Was über Sie gespeichert ist',
    text:
      lines.length === 0
        ? 'Unter der Adresse, die Sie als Ihre nachgewiesen haben, ist nichts gespeichert.\n'
        : `Diese Arten von Daten sind gespeichert; die Bezeichnungen sind die des Programms, auf Englisch:\n\n${lines.join('\n')}\n`,
  }),
  warning: (request, late, link, zone) => {
    const word = late ? 'ist überfällig' : 'ist bald fällig'
    return {
      subject: `Die Antwort auf Anfrage ${shortOf(request.id)} ${word}`,
      text: paragraphs(`Die Antwort auf die Anfrage ${request.id} (${request.type}) ${word}: ${dayOf(request.dueAt, zone, 'de')}.`, link),
    }
  },
}
