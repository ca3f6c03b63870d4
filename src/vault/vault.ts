import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type pg from 'pg'
import { type DataKeys, type KeyClass, loadDataKeys } from './keys.ts'
import type { MasterKey } from './master.ts'

/** Where a sealed text stands: its model and column, such as `Note.body`. */
export type Place = `${string}.${string}`

/** Seals and opens one owner's texts. Its keys are in memory, so that opening is synchronous (2–4 µs for a short text). */
export interface OwnerVault {
  readonly ownerId: string
  /** Format byte, key id byte, 12-byte nonce, AES-256-GCM ciphertext, 16-byte tag; bound to the place, owner and row. */
  seal(place: Place, id: string, text: string): Uint8Array<ArrayBuffer>
  /** @throws Error when the bytes were sealed for another place, owner or row, or changed since */
  open(place: Place, id: string, sealed: Uint8Array): string
  /** `open`, or null where nothing is sealed. */
  openMaybe(place: Place, id: string, sealed: Uint8Array | null): string | null
  /** As `seal`, for bytes that lie outside the database, under the key they are stored by. */
  sealBlob(key: string, bytes: Uint8Array): Uint8Array<ArrayBuffer>
  /** @throws Error when the bytes were sealed for another key or owner, or changed since */
  openBlob(key: string, sealed: Uint8Array): Uint8Array<ArrayBuffer>
  /** A keyed hash of a value, 32 bytes, by which equal values of this owner are recognised. */
  hash(use: string, value: string): Uint8Array<ArrayBuffer>
}

/** Hands out owners' vaults. */
export interface Vault {
  readonly master: MasterKey
  of(ownerId: string): Promise<OwnerVault>
  /** Forgets an owner's keys, after they were shredded. */
  forget(ownerId: string): void
}

const format = 1
const keyId = 1

/** A vault on the keys database. `classOf` says under which class of key a place is sealed: the policies declare it. */
export function openVault(options: { pool: pg.Pool; master: MasterKey; classOf: (place: Place) => KeyClass; maxOwners?: number }): Vault {
  const owners = new LRUCache<string, Promise<OwnerVault>>({ max: options.maxOwners ?? 10_000 })
  return {
    master: options.master,
    of: (ownerId) => {
      let vault = owners.get(ownerId)
      if (!vault) {
        vault = loadDataKeys(options.pool, options.master, ownerId).then((keys) => ownerVault(ownerId, keys, options.classOf))
        vault.catch(() => owners.delete(ownerId))
        owners.set(ownerId, vault)
      }
      return vault
    },
    forget: (ownerId) => void owners.delete(ownerId),
  }
}

function ownerVault(ownerId: string, keys: DataKeys, classOf: (place: Place) => KeyClass): OwnerVault {
  const aad = (place: string, id: string): Buffer => Buffer.from(`${place.replace('.', '|')}|${ownerId}|${id}`)
  const sealBytes = (key: Buffer, place: string, id: string, content: Uint8Array): Buffer<ArrayBuffer> => {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad(place, id))
    return Buffer.concat([Buffer.of(format, keyId), nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()])
  }
  const openBytes = (key: Buffer, place: string, id: string, sealed: Uint8Array): Buffer<ArrayBuffer> => {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
    if (bytes[0] !== format || bytes[1] !== keyId) throw new Error(`Unknown sealing format in ${place}.`)
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(2, 14)).setAAD(aad(place, id)).setAuthTag(bytes.subarray(-16))
    return Buffer.concat([decipher.update(bytes.subarray(14, -16)), decipher.final()])
  }
  const open = (place: Place, id: string, sealed: Uint8Array): string => openBytes(keys[classOf(place)], place, id, sealed).toString('utf8')
  return {
    ownerId,
    seal: (place, id, text) => sealBytes(keys[classOf(place)], place, id, Buffer.from(text)),
    open,
    openMaybe: (place, id, sealed) => (sealed === null ? null : open(place, id, sealed)),
    sealBlob: (key, bytes) => sealBytes(keys.content, 'blob', key, bytes),
    openBlob: (key, sealed) => openBytes(keys.content, 'blob', key, sealed),
    hash: (use, value) => createHmac('sha256', keys.search).update(use).update('\0').update(value).digest(),
  }
}
