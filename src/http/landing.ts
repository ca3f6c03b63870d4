import { html } from 'hono/html'
import { readAccount } from '../accounts/service.ts'
import type { App } from '../app.ts'
import type { Ctx } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { browserActor } from './authenticate.ts'
import { readCookie } from './cookies.ts'
import { cookieNotice } from './frame.ts'
import { type LandingWords, landingWords } from './landingWords.ts'
import { languageLines, languageOf } from './language.ts'
import { languageLinks, withLanguage } from './languageLinks.ts'
import { page } from './page.ts'

/** The start page: who is signed in and where to go from here, or how to sign in. */
export async function landing(app: App, request: Request): Promise<Response> {
  const actor = await browserActor(app, request.headers)
  const language = languageOf(app, request)
  const words = landingWords[language]
  const to = (path: string): string => withLanguage(request, path)
  const body =
    actor.kind === 'anonymous'
      ? html`<h1>${words.lead}</h1>
          <p>${words.about}</p>
          <div class="actions"><a class="button" href="${to('/auth/google')}">${words.signIn}</a></div>
          <p class="soft">${words.hint}</p>`
      : signedIn(words, await emailOf(app, actor), to)
  const below = readCookie(app, request.headers, 'choices') === undefined ? cookieNotice(language, to(''), '/') : ''
  const above = languageLinks(request, language)
  const answer = await page({ title: words.title, body, below, above, language, query: to(''), headers: { 'content-language': language } })
  for (const line of languageLines(app, request)) answer.headers.append('set-cookie', line)
  return answer
}

function signedIn({ signedIn: title, as, graphiql, signOut, programs }: LandingWords, email: string, to: (path: string) => string) {
  const [send, inHeader, mutation, makes] = programs
  return html`<h1>${title}</h1>
    <p>${as} <strong>${email}</strong></p>
    <div class="actions">
      <a class="button" href="/graphql">${graphiql}</a>
      <form method="post" action="${to('/auth/sign-out')}"><button type="submit" class="plain">${signOut}</button></form>
    </div>
    <p class="soft">${send} <code>/graphql</code> ${inHeader} <code>Authorization: Bearer kith_…</code>${mutation} <code>apiTokenCreate</code> ${makes}</p>`
}

async function emailOf(app: App, actor: Ctx['actor']): Promise<string> {
  const ctx: Ctx = { app, db: app.database.prisma, clock: app.clock, actor, requestId: newId(app.clock) }
  return (await readAccount(ctx)).email
}
