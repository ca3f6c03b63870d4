import { html } from 'hono/html'
import { readAccount } from '../accounts/service.ts'
import type { App } from '../app.ts'
import type { Ctx } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { browserActor } from './authenticate.ts'
import { readCookie } from './cookies.ts'
import { cookieNotice } from './frame.ts'
import { page } from './page.ts'

/** The start page: who is signed in and where to go from here, or how to sign in. */
export async function landing(app: App, request: Request): Promise<Response> {
  const actor = await browserActor(app, request.headers)
  const body =
    actor.kind === 'anonymous'
      ? html`<h1>The people you know, and what you want to remember about them</h1>
          <p>Kith keeps your address book, notes, reminders and the last time you were in touch, behind one GraphQL endpoint.</p>
          <div class="actions"><a class="button" href="/auth/google">Sign in with Google</a></div>
          <p class="soft">Google tells Kith your name and e-mail address, nothing else, until you connect more yourself.</p>`
      : signedIn(await emailOf(app, actor))
  const below = readCookie(app, request.headers, 'choices') === undefined ? cookieNotice('en', '', '/') : ''
  return page({ title: 'Start', body, below })
}

function signedIn(email: string) {
  return html`<h1>You are signed in</h1>
    <p>as <strong>${email}</strong></p>
    <div class="actions">
      <a class="button" href="/graphql">Open GraphiQL</a>
      <form method="post" action="/auth/sign-out"><button type="submit" class="plain">Sign out</button></form>
    </div>
    <p class="soft">
      Programs send an API token to <code>/graphql</code> in the header <code>Authorization: Bearer kith_…</code>; the mutation
      <code>apiTokenCreate</code> makes one.
    </p>`
}

async function emailOf(app: App, actor: Ctx['actor']): Promise<string> {
  const ctx: Ctx = { app, db: app.database.prisma, clock: app.clock, actor, requestId: newId(app.clock) }
  return (await readAccount(ctx)).email
}
