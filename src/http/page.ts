import { randomBytes } from 'node:crypto'
import { html, raw } from 'hono/html'

/** HTML in which every value was escaped. */
export type Html = ReturnType<typeof html>

/** A page of ours. Its styles and its script are inside it; it loads nothing from anywhere else, which its content security policy makes sure of. */
export async function page({
  title,
  body,
  script,
  status = 200,
  headers = {},
}: {
  title: string
  body: Html
  script?: string
  status?: number
  headers?: Record<string, string>
}): Promise<Response> {
  const nonce = randomBytes(16).toString('base64')
  const text = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Kith</title>
        <link rel="icon" href="${mark}" />
        <style nonce="${nonce}">
          ${raw(styles)}
        </style>
      </head>
      <body>
        <main>
          <p class="brand"><img src="${mark}" alt="" width="28" height="28" /> Kith</p>
          ${body}
        </main>
        ${
          script === undefined
            ? ''
            : html`<script nonce="${nonce}">
                ${raw(script)}
              </script>`
        }
      </body>
    </html>`
  return new Response(text.toString(), {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; script-src ${script === undefined ? "'none'" : `'nonce-${nonce}'`}; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
      // With no-referrer the browser would call its own forms' origin "null", which looks like another site's.
      'referrer-policy': 'same-origin',
      ...headers,
    },
  })
}

/** A page that says one thing and offers one way on. */
export function noticePage({
  title,
  text,
  status = 200,
  action = { href: '/', label: 'Back to the start' },
}: {
  title: string
  text: string
  status?: number
  action?: { href: string; label: string }
}): Promise<Response> {
  return page({
    title,
    status,
    body: html`<h1>${title}</h1>
      <p>${text}</p>
      <p><a class="button" href="${action.href}">${action.label}</a></p>`,
  })
}

const mark = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#2f6f5e"/><circle cx="12" cy="13" r="4" fill="#fff"/><circle cx="21" cy="14.5" r="3" fill="#bfe3d5"/><path d="M5 25c0-4 3-7 7-7s7 3 7 7z" fill="#fff"/><path d="M20 25c0-2.6-.8-4.5-2-6 .9-.7 2-1 3-1 3.3 0 6 2.700 6 7z" fill="#bfe3d5"/></svg>',
)}`

const styles = `
  :root { --ink: #1d2624; --soft: #5b6865; --line: #d6dedb; --paper: #f4f7f5; --card: #fff; --leaf: #2f6f5e; --on-leaf: #fff; }
  @media (prefers-color-scheme: dark) { :root { --ink: #e6eeeb; --soft: #a3b1ad; --line: #34413d; --paper: #121816; --card: #1b2421; --leaf: #7cc4ae; --on-leaf: #0e1a16; } }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.55 system-ui, sans-serif; }
  main { max-width: 32rem; margin: 8vh auto; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: 16px; }
  @media (max-width: 36rem) { main { margin: 0; min-height: 100vh; border: 0; border-radius: 0; } }
  h1 { font-size: 1.6rem; line-height: 1.25; margin: 1.5rem 0 0.75rem; }
  .brand { display: flex; gap: 0.6rem; align-items: center; margin: 0; font-weight: 600; color: var(--soft); }
  .soft { color: var(--soft); }
  .error { color: #b3261e; }
  @media (prefers-color-scheme: dark) { .error { color: #ff9b93; } }
  a { color: var(--leaf); }
  label { display: block; margin: 1rem 0 0.25rem; font-weight: 600; }
  label + .soft { margin: 0 0 0.25rem; font-size: 0.9rem; }
  input, select { width: 100%; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 0.55rem 0.7rem; }
  button, .button { display: inline-block; font: inherit; font-weight: 600; text-decoration: none; cursor: pointer; border: 1px solid var(--leaf); border-radius: 8px; padding: 0.6rem 1.1rem; background: var(--leaf); color: var(--on-leaf); }
  button.plain { background: none; color: var(--leaf); }
  :focus-visible { outline: 3px solid var(--leaf); outline-offset: 2px; }
  .actions { display: flex; flex-wrap: wrap; gap: 0.75rem; margin-top: 1.5rem; }
  .actions form { margin: 0; }
  code { font-size: 0.9em; }
`
