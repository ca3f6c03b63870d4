import { Hono } from 'hono'
import { html } from 'hono/html'
import type { App } from '../../app.ts'
import { policyFacts } from '../../policies/service.ts'
import { heldOf, type HeldKind, type HeldTable } from '../held.ts'
import { periodWords } from '../words/words.ts'
import { tableOf } from './table.ts'
import { show, shown, signInLink, type Visit } from './visit.ts'

/** GET /privacy/data: what is held of the signed-in holder; to everybody else, how they find out. */
export function heldRoutes(app: App): Hono {
  const routes = new Hono()
  routes.get('/privacy/data', (c) => shown(app, c, (visit) => (visit.signedIn ? heldPage(visit) : strangersPage(visit))))
  return routes
}

function strangersPage(visit: Visit): Promise<Response> {
  const { held, signIn } = visit.words
  return show(visit, {
    title: held.title,
    body: html`<h1>${held.title}</h1>
      <p>${held.strangers}</p>
      <div class="actions">
        <a class="button" href="${visit.to('/privacy/requests/new?type=ACCESS_CATEGORIES')}">${held.ask}</a>
        <a class="button plain" href="${signInLink(visit, '/privacy/data')}">${signIn}</a>
      </div>`,
  })
}

async function heldPage(visit: Visit): Promise<Response> {
  const { held } = visit.words
  const { kinds, tables } = await heldOf(visit.ctx)
  const present = tables.filter(({ count }) => count > 0)
  const absent = tables.filter(({ count }) => count === 0)
  const { countries } = policyFacts(visit.app.config, visit.app.policies, visit.app.clock.now())
  const regions = new Intl.DisplayNames(visit.language, { type: 'region' })
  return show(visit, {
    title: held.title,
    body: html`<h1>${held.title}</h1>
      <p>${held.lead}</p>
      <div class="actions">
        <a class="button" href="${visit.to('/privacy/requests/new?type=ACCESS')}">${held.copy}</a>
        <a class="button plain" href="${visit.to('/privacy/requests/new?type=ERASURE')}">${held.erase}</a>
      </div>
      <h2>${held.kinds}</h2>
      ${tableOf(
        held.kinds,
        [held.kind, held.purposes, held.bases, held.sources],
        kinds.map((kind) => kindRow(visit, kind)),
      )}
      <h2>${held.tables}</h2>
      ${tableOf(
        held.tables,
        [held.what, held.count, held.kept],
        present.map((table) => [aboutOf(visit, table), new Intl.NumberFormat(visit.language).format(table.count), keptOf(visit, table)]),
      )}
      <details>
        <summary>${held.nothing}</summary>
        <ul>
          ${absent.map((table) => html`<li>${aboutOf(visit, table)}</li>`)}
        </ul>
      </details>
      <h2>${held.countries}</h2>
      <p>${countries.map((code) => regions.of(code) ?? code).join(', ')}</p>
      <p><a href="${visit.to('/privacy/policy')}">${visit.words.policy.title}</a></p>`,
  })
}

function kindRow({ words: { names, held } }: Visit, { category, purposes, bases, sources }: HeldKind): string[] {
  return [
    names.categories[category],
    purposes.map((purpose) => names.purposes[purpose]).join(', '),
    bases.map((basis) => names.bases[basis]).join(', '),
    [held.fromYou, ...sources.map((source) => names.sources[source])].join(', '),
  ]
}

function aboutOf({ words: { names } }: Visit, { model, about }: HeldTable): string {
  return names.models?.[model] ?? about
}

function keptOf({ words: { held }, language }: Visit, { period, fromClosure }: HeldTable): string {
  if (period === null) return held.untilClosure
  const words = periodWords(language, period)
  // Kept no longer than until the instant at which its time would begin.
  if (words === '') return held.untilOver
  return fromClosure ? held.afterClosure(words) : held.after(words)
}
