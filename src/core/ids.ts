import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from './clock.ts'

/** A UUID, version 7 (RFC 9562): time-ordered, so that new rows land at the end of an index. */
export function newId(clock: Clock): string {
  const bytes = nextRandom()
  bytes.writeUIntBE(clock.now().epochMilliseconds, 0, 6)
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6)
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8)
  return format(bytes)
}

/** A UUID, version 8 (RFC 9562), made from a name: the same name always gives the same id, which makes a repeated write idempotent. */
export function idFrom(...parts: string[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16)
  bytes.writeUInt8(0x80 | (bytes.readUInt8(6) & 0x0f), 6)
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8)
  return format(bytes)
}

const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Whether a text is a UUID in its canonical lower-case form. */
export function isId(text: string): boolean {
  return pattern.test(text)
}

function format(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

let pool = Buffer.alloc(0)
let used = 0

/** 16 random bytes. Asked for 256 at a time: an import makes ids by the hundred thousand, and each call of the generator costs more than the bytes. */
function nextRandom(): Buffer {
  if (used === pool.length) {
    pool = randomBytes(4096)
    used = 0
  }
  used += 16
  return pool.subarray(used - 16, used)
}
