import type { Plugin } from 'graphql-yoga'
import type { App } from '../app.ts'
import { browserActor } from '../http/authenticate.ts'
import { assets } from './graphiqlAssets.ts'

/** What a page of ours may load: nothing from elsewhere. The editor makes its workers from blobs and writes its styles itself. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Serves the explorer to browsers that open /graphql: to signed-in ones, and to everyone in development. */
export function graphiqlPage(app: App): Plugin {
  return {
    onRequest: async ({ request, url, endResponse, fetchAPI }) => {
      const { headers, method } = request
      if (method !== 'GET' || url.pathname !== '/graphql' || headers.has('authorization') || !headers.get('accept')?.includes('text/html')) return
      const { kind } = await browserActor(app, headers)
      if (kind === 'anonymous' && app.config.production) {
        endResponse(new fetchAPI.Response(null, { status: 303, headers: { location: '/', 'cache-control': 'no-store' } }))
        return
      }
      const { script, style } = await assets()
      endResponse(
        new fetchAPI.Response(page(script.path, style.path), {
          headers: {
            'content-type': 'text/html; charset=utf-8',
            'content-security-policy': contentSecurityPolicy,
            'cache-control': 'no-store',
            'x-content-type-options': 'nosniff',
            'referrer-policy': 'no-referrer',
          },
        }),
      )
    },
  }
}

function page(script: string, style: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Kith: GraphiQL</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${style}">
  </head>
  <body class="no-focus-outline">
    <noscript>GraphiQL needs JavaScript.</noscript>
    <div id="root"></div>
    <script src="${script}"></script>
  </body>
</html>
`
}
