import { type Context, Hono } from 'hono'
import type { App } from '../app.ts'
import type { Ctx } from '../core/ctx.ts'
import { ForbiddenError } from '../core/errors.ts'
import { rowId } from '../graphql/globalIds.ts'
import { CredentialError, CrossSiteError } from '../http/authenticate.ts'
import { routeCtx } from '../http/routeCtx.ts'
import { contactIdOfReference, maxAvatarBytes, readAvatar, removeAvatar, uploadAvatar } from './service.ts'

/** Contacts' pictures: GET /avatars/:id, PUT and DELETE /contacts/:id/avatar. */
export function avatarRoutes(app: App): Hono {
  const routes = new Hono()

  routes.get('/avatars/:id', async (c) => {
    const ctx = await ownerCtx(app, c)
    const avatar = ctx && (await readAvatar(ctx, rowId('Avatar', c.req.param('id'))))
    if (!avatar) return c.text('There is no such picture.', 404, { 'cache-control': 'no-store' })
    const etag = `"${Buffer.from(avatar.sha256).toString('base64url')}"`
    const headers = {
      'content-type': avatar.contentType,
      // An hour, and only in this browser: a session that has ended should not go on showing pictures.
      'cache-control': 'private, max-age=3600',
      vary: 'Cookie, Authorization',
      etag,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': 'inline; filename="avatar"',
      'cross-origin-resource-policy': 'same-origin',
    }
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers)
    return c.body(await avatar.read(), 200, headers)
  })

  routes.put('/contacts/:id/avatar', async (c) => {
    const ctx = await routeCtx(app, c.req.raw, 'contacts:write')
    const bytes = await bodyOf(c.req.raw)
    await uploadAvatar(ctx, await contactId(ctx, c.req.param('id')), bytes)
    return c.body(null, 204)
  })

  routes.delete('/contacts/:id/avatar', async (c) => {
    // A form cannot send DELETE, so that there need not be a JSON body to tell it from one.
    const headers = new Headers(c.req.raw.headers)
    headers.set('content-type', 'application/json')
    const ctx = await routeCtx(app, new Request(c.req.raw.url, { method: 'DELETE', headers }), 'contacts:write')
    await removeAvatar(ctx, await contactId(ctx, c.req.param('id')))
    return c.body(null, 204)
  })
  return routes
}

/** The ctx of a caller who may look at pictures; null for anybody else, whoever they are: a picture that is not theirs is not there. */
async function ownerCtx(app: App, c: Context): Promise<Ctx | null> {
  try {
    return await routeCtx(app, c.req.raw, 'contacts:read')
  } catch (error) {
    if (error instanceof CredentialError || error instanceof CrossSiteError || error instanceof ForbiddenError) return null
    throw error
  }
}

function contactId(ctx: Ctx, named: string): Promise<string> | string {
  return named.startsWith('ref:') ? contactIdOfReference(ctx, named.slice('ref:'.length)) : rowId('Contact', named)
}

/** Reads no further than one byte past the limit, so that the service can say that it is too much. */
async function bodyOf(request: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    chunks.push(chunk)
    size += chunk.length
    if (size > maxAvatarBytes) break
  }
  return Buffer.concat(chunks)
}
