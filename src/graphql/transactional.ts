import { type ExecutionResult, type GraphQLSchema, OperationTypeNode } from 'graphql'
import { isDomainError } from '../core/errors.ts'
import { discard, inTransaction } from '../events/service.ts'
import type { RequestCtx } from './builder.ts'
import type { Operation } from './operation.ts'

/** Whether the whole operation, what is selected of its result included, runs in one transaction: its only field is declared with `extensions: { transactional: true }`. A dry run then shows what would be, before it is taken back. */
export function isTransactional(schema: GraphQLSchema, { node, rootFields }: Operation): boolean {
  const [name, ...others] = rootFields
  if (node.operation !== OperationTypeNode.MUTATION || name === undefined || others.length > 0) return false
  return schema.getMutationType()?.getFields()[name]?.extensions['transactional'] === true
}

/** Runs an operation in one transaction; one that was refused changes nothing. */
export function answerWhole(ctx: RequestCtx, run: (ctx: RequestCtx) => Promise<ExecutionResult>): Promise<ExecutionResult> {
  return inTransaction(ctx, async (opened) => {
    const tx = opened as RequestCtx
    const result = await run(tx)
    if (refused(tx)) discard(tx)
    return result
  })
}

/** Whether what ran in the transaction was refused, so that nothing of it may stay. @throws what went wrong, if it was no refusal */
export function refused(tx: RequestCtx): boolean {
  const failure = tx.unit?.failure
  if (failure !== undefined && !isDomainError(failure)) throw failure
  return failure !== undefined
}
