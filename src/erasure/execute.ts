import type { Ctx } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'
import type { Executed, Execution, Executor } from '../privacy/service.ts'
import { entomb, eraseAccount, type Watcher } from './eraseAccount.ts'
import { entombPerson, erasePerson } from './erasePerson.ts'
import * as ledger from './ledger.ts'

/** Carries out an erasure, or goes on with it where somebody else was stopped. It has ended when its certificate is signed, and not before. */
export const erase: Executor = eraseWatched(() => {})

/** The same, with somebody told of every moment in which the process could end. */
export function eraseWatched(watch: Watcher): Executor {
  return (ctx, execution) => carryOut(ctx, execution, watch)
}

async function carryOut(ctx: Ctx, { requestId, subject, details }: Execution, watch: Watcher): Promise<Executed> {
  const { app } = ctx
  return ledger.alone(app, requestId, async () => {
    const open = await ledger.openEntry(app, requestId)
    if (open?.scope === 'PERSON' || subject.kind === 'PERSON') {
      if (subject.kind !== 'PERSON') throw new Error('The entry and the request are about different people.')
      // Done before, and nobody is there since: the same answer.
      if (!open && subject.places.length === 0 && (await ledger.completedEntry(app, requestId))) return 'DONE'
      await erasePerson(app, open ?? (await entombPerson(app, requestId, subject, details.identifiers)), watch)
      return 'DONE'
    }
    if (!open && !(await isThere(ctx, subject.ownerId))) return (await ledger.completedEntry(app, requestId)) ? 'DONE' : null
    await eraseAccount(app, open ?? (await entomb(app, subject.ownerId, requestId)), watch)
    return 'DONE'
  })
}

async function isThere(ctx: Ctx, ownerId: string): Promise<boolean> {
  return (await rows(ctx, sql`SELECT 1 FROM accounts WHERE "ownerId" = ${ownerId}::uuid`)).length > 0
}
