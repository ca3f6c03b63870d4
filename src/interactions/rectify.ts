import { z } from 'zod'
import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { parse } from '../core/parse.ts'
import { line } from '../core/text.ts'
import { rows, sql } from '../db/client.ts'
import type { Interaction } from '../db/generated/prisma/client.ts'
import { inTransaction, record } from '../events/service.ts'
import type { Executor } from '../privacy/service.ts'
import { directions, kinds, refreshLastInteractions } from './service.ts'

const instant = z.iso
  .datetime({ offset: true, message: 'Write an instant such as 2026-05-01T10:00:00Z.' })
  .transform((text) => toDate(Temporal.Instant.from(text)))

/** What of an interaction can be put right, and how it is written. */
const correctable = {
  kind: z.enum(kinds),
  direction: z.enum(directions),
  occurredAt: instant,
  endedAt: instant.nullable(),
  subject: line(1000).nullable(),
} as const

/** Puts right what an interaction says: what nobody can edit, since it was taken from mail or a calendar. From then on no sync changes it. */
export const rectifyInteractions: Executor = async (ctx, { subject, details }) => {
  const mine = details.corrections.filter(({ model }) => model === 'Interaction')
  if (mine.length === 0 || subject.kind !== 'USER') return null
  await inTransaction({ ...ctx, actor: { kind: 'system', ownerId: subject.ownerId, reason: 'rectification' } }, async (tx) => {
    for (const { id, field, value } of mine) {
      const name = parse(z.enum(Object.keys(correctable) as (keyof typeof correctable)[], { error: () => 'There is no such field.' }), field)
      await correct(tx, id, { [name]: parse(correctable[name], value) })
    }
  })
  return 'DONE'
}

async function correct(
  tx: Ctx,
  id: string,
  { subject, ...said }: Partial<Pick<Interaction, 'kind' | 'direction' | 'occurredAt' | 'endedAt'>> & { subject?: string | null },
): Promise<void> {
  const ownerId = ownerOf(tx)
  const vault = await tx.app.vault.of(ownerId)
  const [before] = await rows<Interaction>(tx, sql`SELECT * FROM interactions WHERE "ownerId" = ${ownerId}::uuid AND id = ${id}::uuid FOR UPDATE`)
  if (!before) return
  const at = toDate(tx.clock.now())
  const sealed = subject === undefined ? {} : { subject: subject === null ? null : vault.seal('Interaction.subject', id, subject) }
  const after = await tx.db.interaction.update({ where: { ownerId_id: { ownerId, id } }, data: { ...said, ...sealed, correctedAt: at, updatedAt: at } })
  const touched = await rows<{ contactId: string }>(
    tx,
    sql`UPDATE interaction_contacts SET "occurredAt" = ${after.occurredAt}::timestamptz, direction = ${after.direction} WHERE "ownerId" = ${ownerId}::uuid AND "interactionId" = ${id}::uuid RETURNING "contactId"`,
  )
  record(tx, { type: 'interaction.corrected', entityType: 'Interaction', entityId: id, changed: [...Object.keys(said), ...Object.keys(sealed)] })
  await refreshLastInteractions(
    tx,
    touched.map(({ contactId }) => contactId),
  )
}
