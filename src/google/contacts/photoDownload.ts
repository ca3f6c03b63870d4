import type { App } from '../../app.ts'

/** The largest photo that is taken, bytes. */
const maxBytes = 1024 * 1024
/** How long a photo may take, milliseconds. */
const timeoutMs = 15_000
/** Google's photo host sends on to another of its names at most. */
const maxRedirects = 3
/** Lists give addresses of pictures of 100 pixels; a face on a good screen wants more. */
const pixels = 256

/** A photo, or why there is none: `refused` for good, `later` for now. Reasons name no address. */
export type Downloaded = { bytes: Uint8Array } | { refused: string } | { later: string; retryAfterSeconds?: number }

/** Fetches a photo from Google's photo host, and from nowhere else, wherever an address or a redirect leads. Sends no credentials. */
export async function downloadPhoto(app: App, address: string): Promise<Downloaded> {
  let url = URL.parse(sized(address))
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    for (let hop = 0; hop <= maxRedirects; hop += 1) {
      if (!url || !isGoogles(app, url)) return { refused: hop === 0 ? 'its address is not one of Google’s' : 'it leads away from Google' }
      const answer = await fetch(url, { redirect: 'manual', credentials: 'omit', headers: { accept: 'image/*' }, signal })
      const location = answer.headers.get('location')
      if (answer.status >= 300 && answer.status < 400 && location !== null) {
        await answer.body?.cancel()
        url = URL.parse(location, url)
        continue
      }
      if (answer.status === 200) return await bounded(answer)
      await answer.body?.cancel()
      if (answer.status === 404 || answer.status === 410) return { refused: 'it is gone' }
      const seconds = Number(/^\d{1,5}$/.exec(answer.headers.get('retry-after') ?? '')?.[0] ?? 0)
      return { later: `Google answered ${answer.status}`, retryAfterSeconds: seconds }
    }
    return { refused: 'it leads on and on' }
  } catch {
    return { later: 'Google did not answer' }
  }
}

/** Whether an address is on Google's photo host, or on the simulator's where that is configured. */
function isGoogles(app: App, url: URL): boolean {
  const { origin } = app.google
  if (origin !== null && url.origin === origin) return true
  return url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === '' && url.hostname.endsWith('.googleusercontent.com')
}

async function bounded(answer: Response): Promise<Downloaded> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answer.body ?? []) {
    size += chunk.length
    if (size > maxBytes) return { refused: 'it is larger than 1 MiB' }
    chunks.push(chunk)
  }
  return { bytes: Buffer.concat(chunks) }
}

/** The address of the same picture in our size: the host reads it from the end of the name, `=s100`. */
function sized(address: string): string {
  return address.replace(/=s\d+(-[\w-]*)?$/, `=s${pixels}`)
}
