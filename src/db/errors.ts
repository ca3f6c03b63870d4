import { codesOf } from './errorCodes.ts'
import { TransactionTimeout } from './transaction.ts'

/** Whether a database error says that the same transaction may succeed when tried again. */
export function isTransient(error: unknown): boolean {
  return codesOf(error).some((code) => transient.includes(code))
}

/** Whether the database gave a statement up because it took too long, or we a transaction. */
export function tookTooLong(error: unknown): boolean {
  return error instanceof TransactionTimeout || codesOf(error).some((code) => code === '57014' || code === 'P2028')
}

// Appendix A of PostgreSQL's manual, and Prisma's reference of errors.
const transient = ['P2034', '40001', '40P01']
