import { html } from 'hono/html'
import { erasurePlan, type Kept, type PlannedItem, standing } from '../../erasure/service.ts'
import type { Html } from '../../http/page.ts'
import type { Model } from '../../policy/policy.ts'
import { periodWords } from '../words/words.ts'
import { tableOf } from './table.ts'
import type { Visit } from './visit.ts'

/** What erasing the signed-in holder's account would do, to be read before it is asked for: the plan that is carried out, counted now. */
export async function planPart(visit: Visit): Promise<Html> {
  const { erasure } = visit.words
  const { items, recipients, backupDays, version } = await erasurePlan(visit.ctx)
  const goes = items.filter(({ what }) => what !== 'EVIDENCE')
  const [some, none] = [goes.filter(({ count }) => count > 0), goes.filter(({ count }) => count === 0)]
  const stays = items.filter(({ what, count }) => what === 'EVIDENCE' && count > 0)
  return html`<section aria-labelledby="plan">
    <h2 id="plan">${erasure.planTitle}</h2>
    <p>${erasure.planLead}</p>
    <h3>${erasure.goes}</h3>
    ${tableOf(
      erasure.goes,
      [erasure.what, erasure.count, erasure.how],
      some.map((item) => [nameOf(visit, item), countOf(visit, item), item.what === 'SHRED' ? erasure.shredded : erasure.deleted]),
    )}
    <details>
      <summary>${erasure.nothing}</summary>
      <ul>
        ${none.map((item) => html`<li>${nameOf(visit, item)}</li>`)}
      </ul>
    </details>
    <h3>${erasure.stays}</h3>
    ${tableOf(
      erasure.stays,
      [erasure.what, erasure.count, erasure.ground, erasure.until],
      [
        ...stays.map((item) => [nameOf(visit, item), countOf(visit, item), ...keptOf(visit, item.kept)]),
        ...standing.map(({ name, what, count, ground, until }) => {
          const said = visit.words.names.kept?.[name] ?? { what, until }
          return [said.what, String(count), visit.words.names.bases[ground], said.until]
        }),
      ],
    )}
    <h3>${erasure.recipients}</h3>
    <p>${recipients.length > 0 ? erasure.google : erasure.nobody}</p>
    <p>${erasure.backups(periodWords(visit.language, `P${backupDays}D`))}</p>
    <p class="soft">${erasure.version}: <code>${version.slice(0, 16)}</code>. ${erasure.versionHint}</p>
  </section>`
}

function nameOf({ words: { erasure, names } }: Visit, { name, about }: PlannedItem): string {
  return (erasure.copies as Readonly<Record<string, string>>)[name] ?? names.models?.[name as Model] ?? about
}

function countOf({ language }: Visit, { count }: PlannedItem): string {
  return new Intl.NumberFormat(language).format(count)
}

/** On what ground and how long; columns of one model may differ. */
function keptOf({ words: { erasure, names }, language }: Visit, kept: readonly Kept[]): string[] {
  const grounds = [...new Set(kept.map(({ ground }) => names.bases[ground]))]
  const times = kept.map(({ period }) => {
    if (period === null) return erasure.whileNeeded
    const length = periodWords(language, period.after)
    return `${period.fromClosure ? erasure.afterEnd(length) : erasure.after(length)}: ${names.whys?.[period.why] ?? period.why}`
  })
  return [grounds.join(', '), [...new Set(times)].join('; ')]
}
