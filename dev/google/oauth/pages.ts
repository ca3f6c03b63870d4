import { html } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import type { Account } from '../world.ts'
import type { OAuthClient } from './clients.ts'
import { isIdentity, scopeSentences } from './scopes.ts'

type Page = HtmlEscapedString | Promise<HtmlEscapedString>

/** Lists the accounts of the simulated world; each is a link back to the authorization endpoint. */
export function chooserPage(client: OAuthClient, accounts: readonly Account[], url: URL): Page {
  const linkFor = (account: Account) => {
    const target = new URL(url)
    target.searchParams.set('account', account.email)
    return target.pathname + target.search
  }
  const body = html`<h1>Choose an account</h1>
    <p>to continue to <strong>${client.name}</strong></p>
    <ul>
      ${accounts.map(
        (account) =>
          html`<li>
            <a href="${linkFor(account)}"
              ><img src="/photos/${account.pictureId}=s48" alt="" width="48" height="48" />
              <span><strong>${account.name}</strong><br />${account.email}${account.emailVerified ? '' : ' (not verified)'}</span></a
            >
          </li>`,
      )}
    </ul>`
  return page('Choose an account', body)
}

/** A form with a tick box for each scope that may be refused, Allow and Deny. */
export function consentPage(client: OAuthClient, account: Account, asked: readonly string[], url: URL): Page {
  const boxes = asked.filter((scope) => !isIdentity(scope))
  const body = html`<h1>${client.name} wants to access your account</h1>
    <p><img src="/photos/${account.pictureId}=s48" alt="" width="48" height="48" /> ${account.email}</p>
    <form method="post" action="${url.pathname + url.search}">
      <input type="hidden" name="account" value="${account.email}" />
      ${asked.some(isIdentity) ? html`<p>${client.name} will see your name, e-mail address and picture.</p>` : ''}
      ${boxes.map(
        (scope) =>
          html`<p>
            <label><input type="checkbox" name="scope" value="${scope}" checked /> ${scopeSentences[scope] ?? scope}</label>
          </p>`,
      )}
      <p><button type="submit" name="decision" value="allow">Allow</button> <button type="submit" name="decision" value="deny">Deny</button></p>
    </form>`
  return page(`${client.name} wants access`, body)
}

/** Google shows errors it must not send to the application on a page of its own. */
export function errorPage(error: string, description: string): Page {
  return page(
    'Access blocked',
    html`<h1>Access blocked: this request is invalid</h1>
      <p>${description}</p>
      <p>Error: ${error}</p>`,
  )
}

function page(title: string, body: Page): Page {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} - Google simulator</title>
        <style>
          body {
            font:
              16px/1.5 system-ui,
              sans-serif;
            max-width: 30rem;
            margin: 3rem auto;
            padding: 0 1rem;
            color: #1f1f1f;
          }
          header {
            color: #5f6368;
            border-bottom: 1px solid #dadce0;
            margin-bottom: 1.5rem;
            padding-bottom: 0.5rem;
          }
          h1 {
            font-size: 1.4rem;
          }
          ul {
            list-style: none;
            padding: 0;
          }
          li a {
            display: flex;
            gap: 1rem;
            align-items: center;
            padding: 0.75rem;
            border-bottom: 1px solid #dadce0;
            color: inherit;
            text-decoration: none;
          }
          li a:hover,
          li a:focus {
            background: #f1f3f4;
          }
          img {
            border-radius: 50%;
            vertical-align: middle;
          }
          button {
            font: inherit;
            padding: 0.5rem 1.5rem;
            border-radius: 1.25rem;
            border: 1px solid #747775;
            background: #fff;
            cursor: pointer;
          }
          button[value='allow'] {
            background: #0b57d0;
            border-color: #0b57d0;
            color: #fff;
          }
        </style>
      </head>
      <body>
        <header>Google simulator: made-up accounts on this computer, nothing leaves it</header>
        ${body}
      </body>
    </html>`
}
