import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Tokens that carry what they mean and are signed with the seed: page and sync tokens and refresh tokens need no memory, so a demo that was
 * connected before the simulator restarted stays connected.
 */
export function sealToken(seed: string, kind: string, content: object): string {
  const body = Buffer.from(JSON.stringify(content)).toString('base64url')
  return `${body}.${signature(seed, kind, body)}`
}

/** What a token says, or undefined when it is not one of ours, or of another kind. */
export function openToken<Content extends object>(seed: string, kind: string, token: string): Content | undefined {
  const [body = '', signed = ''] = token.split('.')
  const expected = Buffer.from(signature(seed, kind, body))
  const actual = Buffer.from(signed)
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) return undefined
  return JSON.parse(Buffer.from(body, 'base64url').toString()) as Content
}

function signature(seed: string, kind: string, body: string): string {
  return createHmac('sha256', seed).update(`${kind}\n${body}`).digest('base64url').slice(0, 22)
}
