import { Hono } from 'hono'
import { html } from 'hono/html'
import type { App } from '../../app.ts'
import { officerOf } from '../../privacy/service.ts'
import type { Words } from '../words/words.ts'
import { show, shown } from './visit.ts'

const paths: Readonly<Record<keyof Words['overview']['cards'], string>> = {
  cookies: '/privacy/cookies',
  doNotSell: '/privacy/do-not-sell',
  policy: '/privacy/policy',
  data: '/privacy/data',
  submit: '/privacy/requests/new',
  children: '/privacy/children',
  requests: '/privacy/requests',
  consents: '/privacy/consents',
  officer: '/privacy/officer',
}

/** GET /privacy: everything that one can do, and who answers for it. */
export function overviewRoutes(app: App): Hono {
  const routes = new Hono()
  routes.get('/privacy', (c) =>
    shown(app, c, async (visit) => {
      const { overview, centre } = visit.words
      const { controller } = app.config
      const isOfficer = (await officerOf(visit.ctx)) !== null
      const entries = (Object.keys(paths) as (keyof typeof paths)[]).filter((key) => key !== 'officer' || isOfficer)
      const facts: [string, string | null][] = [
        [overview.name, controller.name],
        [overview.address, controller.address],
        [overview.dpo, controller.dpo],
        [overview.representative, controller.representative],
        [overview.authority, controller.authority],
      ]
      return show(visit, {
        title: centre,
        body: html`<h1>${centre}</h1>
          <p>${overview.lead}</p>
          <ul class="cards">
            ${entries.map(
              (key) =>
                html`<li>
                  <a href="${visit.to(paths[key])}">${overview.cards[key].title}</a>
                  <p>${overview.cards[key].text}</p>
                </li>`,
            )}
          </ul>
          <h2>${overview.controller}</h2>
          <dl>
            ${facts.map(
              ([name, value]) =>
                value &&
                html`<dt>${name}</dt>
                  <dd>${value}</dd>`,
            )}
            <dt>${overview.mail}</dt>
            <dd><a href="mailto:${controller.email}">${controller.email}</a></dd>
          </dl>`,
      })
    }),
  )
  return routes
}
