import { Hono } from 'hono'
import { html } from 'hono/html'
import type { App } from '../../app.ts'
import { toInstant } from '../../core/clock.ts'
import { NotFoundError } from '../../core/errors.ts'
import type { Html } from '../../http/page.ts'
import { canTakeEffect, currentPolicy, diffLines, draftPolicy, type PublishedPolicy, readVersions } from '../../policies/service.ts'
import { markdown } from './markdown.ts'
import { show, shown, type Visit } from './visit.ts'

/** /privacy/policy: the text that holds, every earlier one, and what changed between two. */
export function policyRoutes(app: App): Hono {
  const routes = new Hono()
  const all = (): Promise<PublishedPolicy[]> => readVersions({ app, db: app.database.prisma })

  routes.get('/privacy/policy', (c) =>
    shown(app, c, async (visit) => {
      const { policy } = visit.words
      const [versions, holding] = [await all(), await currentPolicy(app)]
      const upcoming = versions.find((version) => isAhead(visit, version))
      const body = html`${holding ? standing(visit, holding) : html`<p class="done">${policy.unpublished}</p>`}
      ${upcoming ? html`<p class="done"><a href="${visit.to(versionPath(upcoming))}">${policy.upcoming(visit.day(upcoming.effectiveAt))}</a></p>` : ''}
      ${textOf(visit, holding?.text ?? (await draftPolicy(app)))} ${historyOf(visit, versions)}`
      return show(visit, { title: policy.title, body })
    }),
  )

  routes.get('/privacy/policy/versions/:number', (c) =>
    shown(app, c, async (visit) => {
      const version = (await all()).find((each) => String(each.version) === c.req.param('number'))
      if (!version) throw new NotFoundError()
      const body = html`${standing(visit, version)} ${textOf(visit, version.text)}
        <p><a href="${visit.to('/privacy/policy')}">${visit.words.policy.title}</a></p>`
      return show(visit, { title: `${visit.words.policy.title}, ${visit.words.policy.version(version.version)}`, body })
    }),
  )

  routes.get('/privacy/policy/compare', (c) =>
    shown(app, c, async (visit) => {
      const versions = await all()
      const [before, after] = [c.req.query('from'), c.req.query('to')].map((number) => versions.find(({ version }) => String(version) === number))
      if (!before || !after) throw new NotFoundError()
      return comparison(visit, versions, before, after)
    }),
  )
  return routes
}

function versionPath({ version }: Pick<PublishedPolicy, 'version'>): string {
  return `/privacy/policy/versions/${version}`
}

function isAhead({ app }: Visit, version: PublishedPolicy): boolean {
  return canTakeEffect(version) && Temporal.Instant.compare(toInstant(version.effectiveAt), app.clock.now()) > 0
}

function whenOf(visit: Visit, version: PublishedPolicy): string {
  const { policy } = visit.words
  const ahead = Temporal.Instant.compare(toInstant(version.effectiveAt), visit.app.clock.now()) > 0
  if (!canTakeEffect(version) && !(ahead && version.announcedAt === null)) return policy.never
  return ahead ? policy.from(visit.day(version.effectiveAt)) : policy.since(visit.day(version.effectiveAt))
}

function standing(visit: Visit, version: PublishedPolicy): Html {
  const hash = Buffer.from(version.hash).toString('hex')
  return html`<p class="soft">${visit.words.policy.version(version.version)}, ${whenOf(visit, version)}. SHA-256: <code>${hash}</code></p>`
}

function textOf({ language, words }: Visit, text: string): Html {
  return html`${language === 'en' ? '' : html`<p class="soft">${words.policy.english}</p>`}
    <article lang="en">${markdown(text)}</article>`
}

function historyOf(visit: Visit, versions: readonly PublishedPolicy[]): Html | string {
  const { policy } = visit.words
  if (versions.length === 0) return ''
  return html`<h2 id="history">${policy.history}</h2>
    <ul>
      ${versions.toReversed().map(
        (version) =>
          html`<li>
            <a href="${visit.to(versionPath(version))}">${policy.version(version.version)}</a>, ${whenOf(visit, version)}
            <span class="tag">${version.material ? policy.material : policy.minor}</span>
            <br /><span class="soft">${policy.reason}: <span lang="en">${version.reason}</span></span>
          </li>`,
      )}
    </ul>
    ${versions.length > 1 ? compareForm(visit, versions, versions.at(-2)?.version, versions.at(-1)?.version) : ''}`
}

function compareForm(visit: Visit, versions: readonly PublishedPolicy[], from: number | undefined, to: number | undefined): Html {
  const { policy } = visit.words
  const select = (name: 'from' | 'to', label: string, chosen: number | undefined): Html =>
    html`<label for="${name}">${label}</label>
      <select id="${name}" name="${name}">
        ${versions.map(({ version }) => html`<option value="${version}" ${version === chosen ? 'selected' : ''}>${policy.version(version)}</option>`)}
      </select>`
  return html`<form method="get" action="/privacy/policy/compare">
    <input type="hidden" name="lang" value="${visit.language}" />
    ${select('from', policy.before, from)} ${select('to', policy.after, to)}
    <div class="actions"><button type="submit">${policy.compare}</button></div>
  </form>`
}

/** Changed lines with what stands around them; empty ones say nothing. */
function comparison(visit: Visit, versions: readonly PublishedPolicy[], before: PublishedPolicy, after: PublishedPolicy): Promise<Response> {
  const { policy } = visit.words
  const lines = diffLines(before.text, after.text)
  const near = (index: number): boolean => [-2, -1, 0, 1, 2].some((offset) => (lines[index + offset]?.kind ?? 'SAME') !== 'SAME')
  const marks = { ADDED: policy.added, REMOVED: policy.removed }
  const shownLines = lines.flatMap(({ kind, text }, index): Html[] => {
    if (text.trim() === '') return []
    if (kind === 'ADDED') return [html`<ins><strong>+ ${marks.ADDED}:</strong> ${text}</ins>`]
    if (kind === 'REMOVED') return [html`<del><strong>− ${marks.REMOVED}:</strong> ${text}</del>`]
    return near(index) ? [html`<p>${text}</p>`] : []
  })
  return show(visit, {
    title: policy.compareTitle,
    body: html`<h1>${policy.compareTitle}</h1>
      <p>${policy.version(before.version)} → ${policy.version(after.version)}</p>
      <p class="soft">${policy.reason}: <span lang="en">${after.reason}</span></p>
      <div class="diff" lang="en">${shownLines.length > 0 ? shownLines : html`<p lang="${visit.language}">${policy.same}</p>`}</div>
      ${compareForm(visit, versions, before.version, after.version)}
      <p><a href="${visit.to('/privacy/policy')}">${policy.title}</a></p>`,
  })
}
