import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Ctx } from '../core/ctx.ts'

/** The values of a list's keys at one place. */
export type CursorValues = (string | number | boolean | null)[]

/** Makes and reads the cursors of one list in one order; `open` answers null for what is not one of them. */
export interface CursorSeal {
  make: (values: CursorValues) => string
  open: (cursor: string) => CursorValues | null
}

const tagBytes = 12

/** Cursors are opaque and authenticated: 12 bytes of HMAC over the owner, the list, its order and the values, then the values. */
export function cursorSeal(ctx: Ctx, list: string, order: () => string): CursorSeal {
  const owner = ctx.actor.kind === 'anonymous' ? '' : ctx.actor.ownerId
  // Made on first use: most answers have no cursor.
  let key: Uint8Array | undefined
  const tag = (body: string): Buffer => {
    key ??= ctx.app.vault.master.mac('cursor', `${owner}|${list}|${order()}`)
    return createHmac('sha256', key).update(body).digest().subarray(0, tagBytes)
  }
  return {
    make: (values) => {
      const body = JSON.stringify(values)
      return Buffer.concat([tag(body), Buffer.from(body)]).toString('base64url')
    },
    open: (cursor) => {
      const bytes = Buffer.from(cursor, 'base64url')
      const body = bytes.subarray(tagBytes).toString('utf8')
      if (bytes.length <= tagBytes || !timingSafeEqual(bytes.subarray(0, tagBytes), tag(body))) return null
      return JSON.parse(body) as CursorValues
    },
  }
}
