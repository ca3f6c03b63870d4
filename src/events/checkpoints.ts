import { createPublicKey, verify } from 'node:crypto'
import type { App } from '../app.ts'
import { toDate } from '../core/clock.ts'
import { sameBytes } from '../vault/master.ts'
import { jwkOf } from '../vault/signing.ts'
import type { Chain, ChainEnd } from './chains.ts'

/** Where a chain is not what a checkpoint has vouched for. */
export interface CheckpointFault {
  chain: string
  id: string
  /** The entry of the checkpoint. */
  seq: bigint
  message: string
}

interface Checkpoint extends ChainEnd {
  at: Date
  keyId: string
  signature: Uint8Array
}

const pageSize = 500
const nobody = '00000000-0000-0000-0000-000000000000'

/**
 * Signs the ends of all chains as they stand now, in the database of keys: apart from the chains, so that an older state of a chain that is put back
 * together with its older end shows. An end that does not continue the one signed before is left, for the check to find. Answers how many were signed.
 */
export async function signCheckpoints(app: App, chains: readonly Chain[]): Promise<{ signed: number; strange: number }> {
  let signed = 0
  let strange = 0
  for (const chain of chains) {
    for await (const page of pagesOf(app, chain)) {
      const known = await readCheckpoints(
        app,
        chain.name,
        page.map(({ id }) => id),
      )
      for (const end of page) {
        const before = known.get(end.id)
        if (before && before.seq === BigInt(end.seq) && sameBytes(before.hash, end.hash)) continue
        if (before && (await faultOf(app, chain, before, end))) strange += 1
        else {
          await save(app, chain.name, end)
          signed += 1
        }
      }
    }
  }
  return { signed, strange }
}

/** Checks every chain against the checkpoint that was signed of it last. A chain whose end has none yet is as it says itself. */
export async function verifyCheckpoints(app: App, chains: readonly Chain[]): Promise<{ checked: number; faults: CheckpointFault[] }> {
  const keys = new Map((await app.signing.publicKeys()).map((key) => [key.id, createPublicKey({ key: { ...jwkOf(key) }, format: 'jwk' })]))
  const faults: CheckpointFault[] = []
  let checked = 0
  for (const chain of chains) {
    let after = nobody
    for (let more = true; more;) {
      const page = await checkpointsAfter(app, chain.name, after)
      for (const checkpoint of page) {
        const key = keys.get(checkpoint.keyId)
        const genuine = key !== undefined && verify(null, said(chain.name, checkpoint), key, checkpoint.signature)
        const message = genuine ? await faultOf(app, chain, checkpoint, null) : 'Its checkpoint is not one that was signed here.'
        if (message) faults.push({ chain: chain.name, id: checkpoint.id, seq: checkpoint.seq, message })
      }
      checked += page.length
      after = page.at(-1)?.id ?? after
      more = page.length === pageSize
    }
  }
  return { checked, faults }
}

/** Forgets the checkpoint of a chain that was erased with its account. */
export async function dropCheckpoints(app: App, id: string): Promise<void> {
  await app.keys.pool.query('DELETE FROM chain_checkpoints WHERE id = $1', [id])
}

/** Why a chain does not continue what was signed; null when it does. */
async function faultOf(app: App, chain: Chain, before: ChainEnd, end: ChainEnd | null): Promise<string | null> {
  const hash = await chain.hashAt(app, before.id, before.seq)
  if (hash === null) return `It ends before entry ${before.seq}, which was there when its end was signed: an older state was put back, or it was cut off.`
  if (!sameBytes(hash, before.hash) || (end && BigInt(end.seq) < before.seq))
    return `Entry ${before.seq} is not the one that was there when the end of the chain was signed.`
  return null
}

async function* pagesOf(app: App, chain: Chain): AsyncGenerator<ChainEnd[]> {
  let after = nobody
  for (let more = true; more;) {
    const page = await chain.ends(app, after, pageSize)
    yield page
    after = page.at(-1)?.id ?? after
    more = page.length === pageSize
  }
}

async function readCheckpoints(app: App, chain: string, ids: readonly string[]): Promise<Map<string, Checkpoint>> {
  const { rows } = await app.keys.pool.query<Checkpoint & { seq: string | bigint }>('SELECT * FROM chain_checkpoints WHERE chain = $1 AND id = ANY ($2)', [
    chain,
    ids,
  ])
  return new Map(rows.map((row) => [row.id, { ...row, seq: BigInt(row.seq) }]))
}

async function checkpointsAfter(app: App, chain: string, after: string): Promise<Checkpoint[]> {
  const { rows } = await app.keys.pool.query<Checkpoint & { seq: string | bigint }>(
    'SELECT * FROM chain_checkpoints WHERE chain = $1 AND id > $2 ORDER BY id LIMIT $3',
    [chain, after, pageSize],
  )
  return rows.map((row) => ({ ...row, seq: BigInt(row.seq) }))
}

async function save(app: App, chain: string, { id, seq, hash }: ChainEnd): Promise<void> {
  const at = toDate(app.clock.now())
  const { keyId, signature } = await app.signing.sign(said(chain, { id, seq, hash, at }))
  await app.keys.pool.query(
    `INSERT INTO chain_checkpoints AS c (chain, id, seq, hash, at, "keyId", signature) SELECT $1, $2, $3, $4, $5, $6, $7 WHERE NOT EXISTS (SELECT 1 FROM erasures WHERE "subjectId" = $2)
     ON CONFLICT (chain, id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, at = excluded.at, "keyId" = excluded."keyId", signature = excluded.signature WHERE c.seq <= excluded.seq`,
    [chain, id, seq, hash, at, keyId, signature],
  )
}

function said(chain: string, { id, seq, hash, at }: ChainEnd & { at: Date }): Buffer {
  return Buffer.from(JSON.stringify(['kith chain checkpoint', chain, id, String(seq), Buffer.from(hash).toString('hex'), at.getTime()]))
}
