import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, sign as signWith } from 'node:crypto'
import type pg from 'pg'
import { type Clock, toDate } from '../core/clock.ts'
import type { MasterKey } from './master.ts'

/** The public half of a key that something was signed with. */
export interface PublicSigningKey {
  /** RFC 7638 thumbprint of the key as a JWK; the `kid` of what it has signed. */
  id: string
  /** The 32 bytes of an Ed25519 public key. */
  publicKey: Uint8Array
  createdAt: Date
  /** Since when nothing more is signed with it; what it has signed stays good. */
  retiredAt: Date | null
}

/** Signs what others can verify without asking us: receipts, certificates, manifests. */
export interface SigningKeys {
  /** A JWS in its compact form (RFC 7515) over a JSON text, signed with Ed25519 (RFC 8037). */
  jws(json: string, type: string): Promise<string>
  /** An Ed25519 signature of some bytes, and the key it was made with. */
  sign(bytes: Uint8Array): Promise<{ keyId: string; signature: Buffer }>
  /** Every key there ever was, the current one first. */
  publicKeys(): Promise<PublicSigningKey[]>
  /** Retires the current key, whose private half is destroyed, and makes another; answers its id. */
  rotate(): Promise<string>
}

/** Signing keys in the keys database, made when they are first needed. */
export function openSigningKeys({ pool, master, clock }: { pool: pg.Pool; master: MasterKey; clock: Clock }): SigningKeys {
  const opened = new Map<string, KeyObject>()
  const current = async (): Promise<{ id: string; key: KeyObject }> => {
    const row = (await readCurrent(pool)) ?? (await makeKey(pool, master, clock), await readCurrent(pool))
    if (!row) throw new Error('There is no key to sign with.')
    let key = opened.get(row.id)
    if (!key) {
      key = createPrivateKey({ key: master.unwrap(row.wrapped, row.masterKeyId, context(row.id)), format: 'der', type: 'pkcs8' })
      opened.set(row.id, key)
    }
    return { id: row.id, key }
  }
  return {
    jws: async (json, type) => {
      const { id, key } = await current()
      const text = [JSON.stringify({ alg: 'EdDSA', kid: id, typ: type }), json].map((part) => Buffer.from(part).toString('base64url')).join('.')
      return `${text}.${signWith(null, Buffer.from(text), key).toString('base64url')}`
    },
    sign: async (bytes) => {
      const { id, key } = await current()
      return { keyId: id, signature: signWith(null, bytes, key) }
    },
    publicKeys: async () => {
      await current()
      const { rows } = await pool.query<PublicSigningKey>(
        'SELECT id, "publicKey", "createdAt", "retiredAt" FROM signing_keys ORDER BY "retiredAt" DESC NULLS FIRST, "createdAt" DESC, id',
      )
      return rows
    },
    rotate: async () => {
      const { id } = await current()
      await pool.query('UPDATE signing_keys SET "retiredAt" = $2, wrapped = NULL, "masterKeyId" = NULL WHERE id = $1 AND "retiredAt" IS NULL', [
        id,
        toDate(clock.now()),
      ])
      opened.delete(id)
      return (await current()).id
    },
  }
}

/** A public key as a JWK (RFC 8037). */
export function jwkOf({ publicKey }: Pick<PublicSigningKey, 'publicKey'>): { crv: 'Ed25519'; kty: 'OKP'; x: string } {
  return { crv: 'Ed25519', kty: 'OKP', x: Buffer.from(publicKey).toString('base64url') }
}

/** Wraps the current signing key with the current master key, if an older one has wrapped it; answers how many that were. */
export async function rewrapSigningKeys(pool: pg.Pool, master: MasterKey): Promise<number> {
  const row = await readCurrent(pool)
  if (!row || row.masterKeyId === master.id) return 0
  const wrapped = master.wrap(master.unwrap(row.wrapped, row.masterKeyId, context(row.id)), context(row.id))
  const { rowCount } = await pool.query('UPDATE signing_keys SET wrapped = $2, "masterKeyId" = $3 WHERE id = $1 AND wrapped IS NOT NULL', [
    row.id,
    wrapped,
    master.id,
  ])
  return rowCount ?? 0
}

interface Current {
  id: string
  wrapped: Buffer
  masterKeyId: string
}

async function readCurrent(pool: pg.Pool): Promise<Current | undefined> {
  const { rows } = await pool.query<Current>('SELECT id, wrapped, "masterKeyId" FROM signing_keys WHERE "retiredAt" IS NULL')
  return rows[0]
}

/** Makes a key; of two processes at once one makes it, and both use it. */
async function makeKey(pool: pg.Pool, master: MasterKey, clock: Clock): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  // The last 32 bytes of the SPKI form are the key itself (RFC 8410).
  const bytes = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const id = createHash('sha256')
    .update(JSON.stringify(jwkOf({ publicKey: bytes })))
    .digest('base64url')
  const wrapped = master.wrap(privateKey.export({ format: 'der', type: 'pkcs8' }), context(id))
  await pool.query(
    'INSERT INTO signing_keys (id, "publicKey", wrapped, "masterKeyId", "createdAt") VALUES ($1, $2, $3, $4, $5) ON CONFLICT ((true)) WHERE "retiredAt" IS NULL DO NOTHING',
    [id, bytes, wrapped, master.id, toDate(clock.now())],
  )
}

function context(id: string): string {
  return `signing key|${id}`
}
