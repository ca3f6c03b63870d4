import { randomBytes } from 'node:crypto'
import { html, raw } from 'hono/html'
import { footer, frameWords } from './frame.ts'
import type { Language } from './language.ts'
import { styles } from './styles.ts'

/** HTML in which every value was escaped. */
export type Html = ReturnType<typeof html>

/** A page of ours. Its styles and its script are inside it; it loads nothing from anywhere else, which its content security policy makes sure of. */
export async function page({
  title,
  body,
  script,
  status = 200,
  headers = {},
  language = 'en',
  query = '',
  above = '',
  below = '',
  wide = false,
}: {
  title: string
  body: Html
  script?: string
  status?: number
  headers?: Record<string, string>
  language?: Language
  /** What links of the footer carry on, such as a chosen language. */
  query?: string
  /** Stands beside the name of the place, and after the content. */
  above?: Html | string
  below?: Html | string
  /** Whether there are tables and long texts on it. */
  wide?: boolean
}): Promise<Response> {
  const nonce = randomBytes(16).toString('base64')
  const text = await html`<!doctype html>
    <html lang="${language}">
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
      <body ${wide ? raw('class="wide"') : ''}>
        <a class="skip" href="#content">${frameWords[language].skip}</a>
        <div class="sheet">
          <header class="top">
            <p class="brand"><img src="${mark}" alt="" width="28" height="28" /> Kith</p>
            ${above}
          </header>
          <main id="content" tabindex="-1">${body}</main>
          ${below}
        </div>
        ${footer(language, query)}
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
  language = 'en',
  action = { href: '/', label: frameWords[language].back },
}: {
  title: string
  text: string
  status?: number
  language?: Language
  action?: { href: string; label: string }
}): Promise<Response> {
  return page({
    title,
    status,
    language,
    body: html`<h1>${title}</h1>
      <p>${text}</p>
      <p><a class="button" href="${action.href}">${action.label}</a></p>`,
  })
}

const mark = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#2f6f5e"/><circle cx="12" cy="13" r="4" fill="#fff"/><circle cx="21" cy="14.5" r="3" fill="#bfe3d5"/><path d="M5 25c0-4 3-7 7-7s7 3 7 7z" fill="#fff"/><path d="M20 25c0-2.6-.8-4.5-2-6 .9-.7 2-1 3-1 3.3 0 6 2.700 6 7z" fill="#bfe3d5"/></svg>',
)}`
