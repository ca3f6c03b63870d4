import { Hono } from 'hono'
import { assets } from './graphiqlAssets.ts'

/** The explorer's script and style. Their names change with their content, so browsers keep them for a year. */
export function graphqlRoutes(): Hono {
  const routes = new Hono()
  routes.get('/assets/:name{graphiql-.+}', async (c) => {
    const asset = Object.values(await assets()).find(({ path }) => path === c.req.path)
    if (!asset) return c.notFound()
    const headers = {
      'content-type': asset.mediaType,
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding',
      'x-content-type-options': 'nosniff',
    }
    if (!c.req.header('accept-encoding')?.includes('gzip')) return c.body(asset.body, 200, headers)
    return c.body(await asset.gzipped(), 200, { ...headers, 'content-encoding': 'gzip' })
  })
  return routes
}
