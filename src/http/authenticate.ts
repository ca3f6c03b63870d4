import type { App } from '../app.ts'
import type { Actor } from '../core/ctx.ts'

/** Says who sends a request, by its Authorization header, else by its session cookie. @throws CredentialError (401), CrossSiteError (403) */
export async function authenticate(_app: App, _request: Request): Promise<Actor> {
  return { kind: 'anonymous' }
}
