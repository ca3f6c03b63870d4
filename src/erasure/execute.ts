import type { Ctx } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'
import type { Executor } from '../privacy/service.ts'
import { entomb, eraseAccount } from './eraseAccount.ts'
import { entombPerson, erasePerson } from './erasePerson.ts'
import * as ledger from './ledger.ts'

/** Carries out an erasure, or goes on with it where somebody else was stopped. It has ended when its certificate is signed, and not before. */
export const erase: Executor = async (ctx, { requestId, subject, details }) => {
  const { app } = ctx
  return ledger.alone(app, requestId, async () => {
    const open = await ledger.openEntry(app, requestId)
    if (open?.scope === 'PERSON' || subject.kind === 'PERSON') {
      if (subject.kind !== 'PERSON') throw new Error('The entry and the request are about different people.')
      // Done before, and nobody is there since: the same answer.
      if (!open && subject.places.length === 0 && (await ledger.completedEntry(app, requestId))) return 'DONE'
      await erasePerson(app, open ?? (await entombPerson(app, requestId, subject, details.identifiers)))
      return 'DONE'
    }
    if (!open && !(await isThere(ctx, subject.ownerId))) return (await ledger.completedEntry(app, requestId)) ? 'DONE' : null
    await eraseAccount(app, open ?? (await entomb(app, subject.ownerId, requestId)))
    return 'DONE'
  })
}

async function isThere(ctx: Ctx, ownerId: string): Promise<boolean> {
  return (await rows(ctx, sql`SELECT 1 FROM accounts WHERE "ownerId" = ${ownerId}::uuid`)).length > 0
}
