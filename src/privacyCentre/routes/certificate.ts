import { html } from 'hono/html'
import type { PrivacyRequest } from '../../db/generated/prisma/client.ts'
import { certificateOf, verifyCertificate } from '../../erasure/service.ts'
import type { Html } from '../../http/page.ts'
import type { Model } from '../../policy/policy.ts'
import { followToken } from '../../privacy/service.ts'
import { jwkOf } from '../../vault/signing.ts'
import type { Visit } from './visit.ts'

/** The certificate of an erasure that is done, in short, and where it is fetched; nothing while there is none. */
export async function certificatePart(visit: Visit, { id, state, type }: PrivacyRequest): Promise<Html | string> {
  if (state !== 'COMPLETED' || (type !== 'ERASURE' && type !== 'MINOR_ERASURE')) return ''
  const certificate = await certificateOf(visit.ctx, id)
  if (!certificate) return ''
  const { app, words, language } = visit
  const { erasure, names } = words
  const { erased, retained, check, residual, completedAt } = verifyCertificate(certificate.jws, (await app.signing.publicKeys()).map(jwkOf))
  const number = new Intl.NumberFormat(language)
  const kept = [
    ...new Set(retained.map(({ name, what }) => names.models?.[name as Model] ?? app.policies[name as Model]?.about ?? names.kept?.[name]?.what ?? what)),
  ]
  const facts: [string, string | Html][] = [
    [erasure.completed, visit.day(Temporal.Instant.from(completedAt), true)],
    [erasure.gone, erasure.records(number.format(erased.reduce((sum, { before }) => sum + before, 0)))],
    [erasure.searched, erasure.searchedIn(number.format(check.tables))],
    [erasure.backupsUntil, erasure.backupsUntilDay(visit.day(Temporal.Instant.from(residual.backupsUntil)))],
  ]
  return html`<section aria-labelledby="certificate">
    <h2 id="certificate">${erasure.certificateTitle}</h2>
    <p>${erasure.certificateLead}</p>
    <dl>
      ${facts.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    ${
      kept.length === 0
        ? ''
        : html`<h3>${erasure.kept}</h3>
            <ul>
              ${kept.map((each) => html`<li>${each}</li>`)}
            </ul>`
    }
    <div class="actions"><a class="button" href="/privacy/certificate?token=${followToken(app, id)}">${erasure.certificateGet}</a></div>
    <p>${erasure.verify}</p>
    <p><code>kith certificate verify erasure-${id}.jws --keys jwks.json</code> · <a href="/.well-known/jwks.json">${erasure.keys}</a></p>
  </section>`
}
