import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { exampleTabs } from './examples.ts'

/** Where the page's script and style lie; they change their names with their content. */
const assetPath = '/assets/graphiql'

/** A file that the explorer's page asks for. */
export interface Asset {
  path: string
  mediaType: string
  body: string
  gzipped(): Promise<Uint8Array<ArrayBuffer>>
}

let made: Promise<{ script: Asset; style: Asset }> | undefined

/** The explorer's script and style, cut out of the one page that its package renders, so that the page needs no inline script. */
export function assets(): Promise<{ script: Asset; style: Asset }> {
  return (made ??= make())
}

// The package is 9 MB: it is loaded when someone opens the explorer.
async function make(): Promise<{ script: Asset; style: Asset }> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const whole = renderGraphiQL({ title: 'Kith', defaultTabs: exampleTabs, shouldPersistHeaders: false, inputValueDeprecation: true, schemaDescription: true })
  return {
    script: asset('.js', 'text/javascript; charset=utf-8', whole.slice(whole.indexOf('<script>') + '<script>'.length, whole.lastIndexOf('</script>'))),
    style: asset('.css', 'text/css; charset=utf-8', whole.slice(whole.indexOf('<style>') + '<style>'.length, whole.indexOf('</style>'))),
  }
}

function asset(extension: string, mediaType: string, body: string): Asset {
  let zipped: Promise<Uint8Array<ArrayBuffer>> | undefined
  const name = createHash('sha256').update(body).digest('base64url').slice(0, 16)
  return {
    path: `${assetPath}-${name}${extension}`,
    mediaType,
    body,
    gzipped: () => (zipped ??= promisify(gzip)(body)),
  }
}
