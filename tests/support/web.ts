import { once } from 'node:events'
import type { Server } from 'node:http'
import { createServer } from 'node:net'
import { type GoogleSimulator, type SimulatorOptions, startGoogleSimulator } from '../../dev/google/simulator.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { type TestApp, testApp, type TestAppOptions } from './app.ts'

/** The application as browsers see it, with a Google beside it. */
export interface WebApp extends TestApp {
  origin: string
  http: Server
  google: GoogleSimulator
}

/** Starts the application on a port of its own, and a simulated Google. */
export async function webApp({ simulator, ...options }: TestAppOptions & { simulator?: SimulatorOptions } = {}): Promise<WebApp> {
  const google = await startGoogleSimulator(simulator)
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const kith = await testApp({
    ...options,
    config: { port, publicUrl: origin, google: { clientId: google.client.id, origin: google.origin }, ...options.config },
  })
  const http = createHttpServer(kith.app)
  http.listen(port, '127.0.0.1')
  await once(http, 'listening')
  return {
    ...kith,
    origin,
    http,
    google,
    close: async () => {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
      await google.close()
      await kith.close()
    },
  }
}

/** A browser: keeps cookies as one does, says where its requests come from, and follows nothing unless told to. */
export interface Browser {
  /** Cookies by name. */
  cookies: Map<string, string>
  /** Set-Cookie lines as they came. */
  setCookies: string[]
  /** As if typed into the address bar, or coming back from another site. */
  open(url: string): Promise<Response>
  /** Sends a form of one of our own pages. */
  submit(path: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Response>
  /** Asks as a script of one of our own pages does. */
  graphql(document: string, variables?: object): Promise<{ status: number; body: { data?: unknown; errors?: unknown } }>
}

let browsers = 0

/** A browser that knows nobody yet. */
export function openBrowser(origin: string, userAgent = 'Test browser'): Browser {
  // As a proxy nearby would say it: every browser has an address of its own, and with it limits of its own.
  const address = `198.51.100.${(browsers += 1)}`
  const cookies = new Map<string, string>()
  const setCookies: string[] = []
  const send = async (url: string | URL, init: RequestInit & { headers: Record<string, string> }): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(new URL(url, origin), {
      redirect: 'manual',
      ...init,
      headers: { 'user-agent': userAgent, 'x-forwarded-for': address, ...(cookie ? { cookie } : {}), ...init.headers },
    })
    for (const line of response.headers.getSetCookie()) {
      setCookies.push(line)
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0(;|$)/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return response
  }
  return {
    cookies,
    setCookies,
    open: (url) => send(url, { headers: { accept: 'text/html', 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' } }),
    submit: (path, form, headers = {}) =>
      send(path, { method: 'POST', body: new URLSearchParams(form), headers: { accept: 'text/html', origin, 'sec-fetch-site': 'same-origin', ...headers } }),
    graphql: async (query, variables = {}) => {
      const response = await send('/graphql', {
        method: 'POST',
        body: JSON.stringify({ query, variables }),
        headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      })
      return { status: response.status, body: (await response.json()) as { data?: unknown; errors?: unknown } }
    },
  }
}

/** Where an answer sends the browser. */
export function locationOf(response: Response): string {
  return response.headers.get('location') ?? ''
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}
