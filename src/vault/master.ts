import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'

/** Wraps data keys and authenticates what the database alone must not be able to forge. A key-management service can stand behind the same shape. */
export interface MasterKey {
  /** Which master key wraps new data keys; a data key remembers the one that wrapped it. */
  readonly id: string
  wrap(key: Uint8Array, context: string): Uint8Array
  /** @throws Error when no configured master key has that id, or the wrapping was tampered with */
  unwrap(wrapped: Uint8Array, masterKeyId: string, context: string): Buffer
  /** A keyed hash for one use, 32 bytes. */
  mac(use: string, data: string | Uint8Array): Buffer
  /** The same under every configured master key, the current one first: what an earlier key authenticated is still recognised after a rotation. */
  macs(use: string, data: string | Uint8Array): Buffer[]
}

/** A master key held in memory. The first key wraps and authenticates; all of them unwrap, which is what a rotation needs. Keys are 32 bytes. */
export function masterKey(keys: readonly Uint8Array[]): MasterKey {
  const [current] = keys
  if (!current || keys.some((key) => key.length !== 32)) throw new Error('A master key has 32 bytes.')
  const byId = new Map(keys.map((key) => [masterKeyId(key), key]))
  const macKeys = new Map<string, Buffer[]>()
  const macKeysOf = (use: string): Buffer[] => {
    let derived = macKeys.get(use)
    if (!derived) macKeys.set(use, (derived = keys.map((key) => Buffer.from(hkdfSync('sha256', key, '', `kith mac ${use}`, 32)))))
    return derived
  }
  const macs = (use: string, data: string | Uint8Array): Buffer[] => macKeysOf(use).map((key) => createHmac('sha256', key).update(data).digest())
  return {
    id: masterKeyId(current),
    wrap: (key, context) => {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', current, nonce).setAAD(Buffer.from(context))
      return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()])
    },
    unwrap: (wrapped, id, context) => {
      const key = byId.get(id)
      if (!key) throw new Error(`No master key ${id} is configured.`)
      const bytes = Buffer.from(wrapped)
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(-16))
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
    },
    mac: (use, data) => {
      const [key = current] = macKeysOf(use)
      return createHmac('sha256', key).update(data).digest()
    },
    macs,
  }
}

/** Whether two hashes are equal, in constant time. */
export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}

function masterKeyId(key: Uint8Array): string {
  return createHash('sha256').update('kith master key id').update(key).digest('hex').slice(0, 12)
}
