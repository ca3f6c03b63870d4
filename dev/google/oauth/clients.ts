import { createHash, timingSafeEqual } from 'node:crypto'

/** An application registered with the simulator. */
export interface OAuthClient {
  id: string
  secret: string
  /** What the consent page calls it. */
  name: string
  /** The exact addresses it may send people back to; left out, any http address on the loopback interface. */
  redirectUris?: readonly string[]
}

/** The client that is registered unless others are named; the demo uses it. */
export const demoClient: OAuthClient = { id: 'kith-demo.apps.googleusercontent.test', secret: 'simulator-client-secret', name: 'Kith' }

/** Whether the client may send people to this address. */
export function allowsRedirect(client: OAuthClient, redirectUri: string): boolean {
  if (client.redirectUris) return client.redirectUris.includes(redirectUri)
  const url = URL.parse(redirectUri)
  return url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname) && !url.hash
}

/** Compares secrets without telling by its time how much of them agrees. */
export function sameSecret(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
