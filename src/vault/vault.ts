import { createCipheriv, createDecipheriv, createHmac, type Hmac, randomBytes } from 'node:crypto'
import type pg from 'pg'
import { remember } from '../db/remembered.ts'
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
  /** The first 16 bytes of that hash in base64url; texts are indexed by the dozen of them. */
  shortHash(use: string, value: string): string
}

/** Hands out owners' vaults. */
export interface Vault {
  readonly master: MasterKey
  /** The vault of an owner. Its keys are remembered until a notice tells of the owner's erasure; while none are heard they are looked up every second. */
  of(ownerId: string): Promise<OwnerVault>
}

/** How many owners' keys are remembered. */
const maxOwners = 10_000
/** For how long at most, milliseconds. */
const keysLifeMs = 3600_000

const format = 1
const keyId = 1
const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** A vault on the keys database. `classOf` says under which class of key a place is sealed: the policies declare it. */
export function openVault(options: { pool: pg.Pool; master: MasterKey; classOf: (place: Place) => KeyClass; memory: Parameters<typeof remember>[0] }): Vault {
  const { pool, master, classOf } = options
  const owners = remember<OwnerVault>(options.memory, { max: maxOwners, lifeMs: keysLifeMs, tagsOf: ({ ownerId }) => [ownerId] })
  return {
    master,
    of: (ownerId) => owners.of(ownerId, async () => ownerVault(ownerId, await loadDataKeys(pool, master, ownerId), classOf)),
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
    const content = decipher.update(bytes.subarray(14, -16)) as Buffer<ArrayBuffer>
    // GCM has nothing left to give at the end: this only says whether what came is what was sealed.
    decipher.final()
    return content
  }
  const open = (place: Place, id: string, sealed: Uint8Array): string => openBytes(keys[classOf(place)], place, id, sealed).toString('utf8')
  const keyedHash = (use: string, value: string): Hmac => createHmac('sha256', keys.search).update(`${use}\0${value}`)
  return {
    ownerId,
    seal: (place, id, text) => sealBytes(keys[classOf(place)], place, id, Buffer.from(text)),
    open,
    openMaybe: (place, id, sealed) => (sealed === null ? null : open(place, id, sealed)),
    sealBlob: (key, bytes) => sealBytes(keys.content, 'blob', key, bytes),
    openBlob: (key, sealed) => openBytes(keys.content, 'blob', key, sealed),
    hash: (use, value) => keyedHash(use, value).digest(),
    // As text at once, which takes a third less; of the 22nd character two bits belong to the 16 bytes.
    shortHash: (use, value) => {
      const text = keyedHash(use, value).digest('base64url')
      return text.slice(0, 21) + base64url.charAt(base64url.indexOf(text.charAt(21)) & 0b11_0000)
    },
  }
}
