import { toDate } from '../core/clock.ts'
import { inTransaction } from '../events/service.ts'
import type { Executor } from './execution.ts'
import { restrain } from './restriction.ts'
import { tellCategories } from './categories.ts'
import { controllerActor } from './controller.ts'
import type { RequestType } from './vocabulary.ts'

/** From now on the data is only stored. */
const restrict: Executor = async (ctx, { subject }) => {
  await inTransaction({ ...ctx, actor: controllerActor('restriction') }, (tx) => restrain(tx, subject, toDate(tx.clock.now())))
  return 'DONE'
}

/** What was looked into by an officer, or holds because nothing of the kind is done here: Kith sells and shares nothing, and decides nothing about people. */
const settled: Executor = async () => 'DONE'

/** What privacy itself carries out. Other domains have their parts in the same types, and the rest of the types. */
export const executes: Partial<Record<RequestType, Executor>> = {
  ACCESS: tellCategories,
  ACCESS_CATEGORIES: tellCategories,
  RESTRICTION: restrict,
  // It stopped when it was known who asks; that was weighed, and stays so.
  OBJECTION: settled,
  OPT_OUT_SALE_SHARING: settled,
  LIMIT_SENSITIVE: settled,
  AUTOMATED_DECISION_REVIEW: settled,
  COMPLAINT: settled,
}
