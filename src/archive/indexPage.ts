import { html, raw } from 'hono/html'
import type { Omission } from '../policy/exportPlan.ts'
import type { ProcessingRecord } from '../policy/processing.ts'
import type { IndexedFile } from './contents.ts'

/** What the page tells. */
export interface PageContent {
  title: string
  generatedAt: string
  controller: ProcessingRecord['controller']
  files: readonly IndexedFile[]
  omitted: readonly Omission[]
  purposes: readonly { purpose: string; about: string; legalBases: readonly string[]; kept: readonly string[] }[]
  rights: readonly { right: string; law: string }[]
}

/** The page that an archive opens with: what is in it and what is not, in words. It has no script, loads nothing, and works without its style. */
export async function indexPage({ title, generatedAt, controller, files, omitted, purposes, rights }: PageContent): Promise<string> {
  const text = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${title}</title>
        <style>
          ${raw(styles)}
        </style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          <p>Made on <time datetime="${generatedAt}">${generatedAt.slice(0, 10)}</time> by ${controller.name}, ${controller.address}.</p>
          <h2>What is in it</h2>
          <table>
            <caption>
              The files of this archive
            </caption>
            <thead>
              <tr>
                <th scope="col">File</th>
                <th scope="col">What it is</th>
                <th scope="col">Records</th>
              </tr>
            </thead>
            <tbody>
              ${files.map(
                ({ path, about, count }) =>
                  html`<tr>
                    <th scope="row"><a href="${path.slice('data/'.length)}">${path.slice('data/'.length)}</a></th>
                    <td>${about}</td>
                    <td>${count ?? ''}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
          <h2>What data are used for</h2>
          <dl>
            ${purposes.map(
              ({ purpose, about, legalBases, kept }) =>
                html`<dt>${purpose}</dt>
                  <dd>${about} Legal basis: ${legalBases.join(', ')}. Kept: ${kept.join('; ')}.</dd>`,
            )}
          </dl>
          <h2>Your rights</h2>
          <ul>
            ${rights.map(({ right, law }) => html`<li>The right ${right} (${law}).</li>`)}
            <li>The right to complain to an authority (GDPR, Article 77): ${controller.authority}.</li>
          </ul>
          <p>Write to <a href="mailto:${controller.email}">${controller.email}</a>.</p>
          <h2>What is left out, and why</h2>
          <ul>
            ${omitted.map(({ model, column, reason }) => html`<li>${column === null ? model : `${model}.${column}`}: ${reason}</li>`)}
          </ul>
        </main>
      </body>
    </html>`
  return `${text.toString()}\n`
}

const styles = `
  :root { color-scheme: light dark; }
  body { margin: 0; font: 17px/1.55 system-ui, sans-serif; }
  main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem; }
  table { border-collapse: collapse; width: 100%; }
  caption { text-align: left; font-weight: 600; padding: 0.4rem 0; }
  th, td { border: 1px solid; padding: 0.4rem 0.6rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
  tbody th { font-weight: 400; }
  dt { font-weight: 600; }
`
