import { type ExecutionResult, GraphQLError } from 'graphql'
import { toDate } from '../core/clock.ts'
import { newId } from '../core/ids.ts'
import { rows, sql } from '../db/client.ts'
import { discard, inTransaction } from '../events/service.ts'
import type { OwnerVault } from '../vault/vault.ts'
import type { RequestCtx } from './builder.ts'
import { withoutOnceOnly } from './onceOnly.ts'
import type { Operation } from './operation.ts'
import { refusal } from './refusal.ts'
import { refused } from './transactional.ts'

/** How long an answer is kept for whoever repeats the request. */
const keptFor = { hours: 24 }
const keyPattern = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/

/** The Idempotency-Key of a request with exactly one mutation; null where there is none or it means nothing. @throws BAD_REQUEST */
export function idempotencyKey(request: Request, operation: Operation): string | null {
  const key = request.headers.get('idempotency-key')
  if (key === null || operation.node.operation !== 'mutation') return null
  if (operation.rootFields.length !== 1) throw refusal('BAD_REQUEST', 'An Idempotency-Key goes with exactly one mutation.')
  if (!keyPattern.test(key)) throw refusal('BAD_REQUEST', 'An Idempotency-Key has 1 to 255 printable ASCII characters.')
  return key
}

/** What makes two requests the same. */
export interface Payload {
  query: string
  operationName: string | null
  variables: Record<string, unknown>
}

/** An answer, and whether it is that of an earlier request. */
export interface OnceAnswer {
  result: ExecutionResult
  replayed: boolean
}

/**
 * Runs a mutation once for its key. The whole operation runs in one transaction, which also stores the answer: after a crash there are both, or neither.
 * An answer that changed nothing (a refusal, a dry run) is not stored, so its repetition runs anew. `run` executes in the transaction and returns the answer as the client sees it.
 * @throws IDEMPOTENCY_KEY_IN_USE, IDEMPOTENCY_KEY_REUSED
 */
export async function answerOnce(
  ctx: RequestCtx,
  vault: OwnerVault,
  key: string,
  operation: Operation,
  payload: Payload,
  run: (ctx: RequestCtx) => Promise<ExecutionResult>,
): Promise<OnceAnswer> {
  const { ownerId } = vault
  const keyHash = vault.hash('idempotency key', key)
  const payloadHash = vault.hash('idempotent payload', canonical([payload.query, payload.operationName, payload.variables, credential(ctx)]))
  return inTransaction(ctx, async (opened) => {
    const tx = opened as RequestCtx
    const [lock] = await rows<{ taken: boolean }>(tx, sql`SELECT pg_try_advisory_xact_lock(${Buffer.from(keyHash).readBigInt64BE()}::bigint) AS taken`)
    if (!lock?.taken)
      throw refusal('IDEMPOTENCY_KEY_IN_USE', 'A request with this Idempotency-Key is still running: try again in a moment.', {
        headers: { 'retry-after': '1' },
      })

    const now = ctx.clock.now()
    const stored = await tx.db.idempotentAnswer.findUnique({ where: { ownerId_keyHash: { ownerId, keyHash } } })
    if (stored && stored.expiresAt > toDate(now)) {
      if (!Buffer.from(stored.payloadHash).equals(payloadHash))
        throw refusal('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key was used for another request: take a new one.')
      return { result: restored(vault.open('IdempotentAnswer.answer', stored.id, stored.answer)), replayed: true }
    }

    const result = await run(tx)
    if (refused(tx)) discard(tx)
    else if (tx.unit && (tx.unit.besides || tx.unit.changes.length + tx.unit.effects.length > 0)) {
      if (stored) await tx.db.idempotentAnswer.delete({ where: { ownerId_id: { ownerId, id: stored.id } } })
      const id = newId(ctx.clock)
      const answer = vault.seal('IdempotentAnswer.answer', id, JSON.stringify(kept(result, operation, ctx)))
      await tx.db.idempotentAnswer.create({ data: { ownerId, id, keyHash, payloadHash, answer, createdAt: toDate(now), expiresAt: toDate(now.add(keptFor)) } })
    }
    return { result, replayed: false }
  })
}

interface Kept {
  data: ExecutionResult['data']
  errors: { message: string; path: readonly (string | number)[] | null; extensions: Record<string, unknown> }[]
}

function kept({ data, errors = [] }: ExecutionResult, operation: Operation, ctx: RequestCtx): Kept {
  return {
    data: data ? withoutOnceOnly(ctx.app.schema, operation, data) : data,
    errors: errors.map(({ message, path, extensions }) => ({ message, path: path ?? null, extensions })),
  }
}

function restored(answer: string): ExecutionResult {
  const { data, errors } = JSON.parse(answer) as Kept
  return {
    ...(data === undefined ? {} : { data }),
    ...(errors.length > 0 ? { errors: errors.map(({ message, path, extensions }) => new GraphQLError(message, { path, extensions })) } : {}),
  }
}

function credential({ actor }: RequestCtx): string {
  if (actor.kind === 'token') return actor.tokenId
  return actor.kind === 'user' ? actor.sessionId : actor.kind
}

/** JSON with the keys of every object in order, so that equal values are equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : each,
  )
}
