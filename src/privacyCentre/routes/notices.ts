import { type ConsentPurpose, noticeAt, type PurposeKey } from '../../consent/service.ts'
import type { Visit } from './visit.ts'

/** A purpose's title and the notice that is shown now, in the visitor's language; a notice whose version nobody has translated yet, in that in which it is kept. */
export function noticeWords({ app, words }: Visit, purpose: ConsentPurpose & { key: PurposeKey }): { title: string; notice: string } {
  const { version, text } = noticeAt(purpose, app.clock.now())
  const translated = words.names.consents?.[purpose.key]
  return translated?.version === version ? translated : { title: translated?.title ?? purpose.title, notice: text }
}
