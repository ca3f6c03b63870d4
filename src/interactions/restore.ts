import type { Restoring } from '../archive/service.ts'
import { normalizeEmail } from '../contacts/normalize.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, sql } from '../db/client.ts'
import { refreshLastInteractions } from './lastInteractions.ts'

/** How interactions come back from an archive. With whom one was last in touch is worked out anew. */
export const restores: readonly Restoring[] = [
  { model: 'Interaction', event: 'interaction.created' },
  {
    model: 'InteractionContact',
    // What an archive to take along leaves out follows from the interaction, which stands in it.
    complete: ({ occurredAt, direction }) => ({ occurredAt: occurredAt ?? new Date(0).toISOString(), direction: direction ?? 'MUTUAL' }),
    settle: async (tx, keys) => {
      await takeFromInteractions(
        tx,
        keys.map(({ interactionId }) => String(interactionId as string)),
      )
      await refreshLastInteractions(tx, [...new Set(keys.map(({ contactId }) => String(contactId as string)))])
    },
  },
  {
    model: 'InteractionParticipant',
    complete: ({ address }) => ({ canonical: typeof address === 'string' ? (normalizeEmail(address)?.canonical ?? address.toLowerCase()) : null }),
  },
]

async function takeFromInteractions(tx: Ctx, ids: readonly string[]): Promise<void> {
  const ownerId = ownerOf(tx)
  await execute(
    tx,
    sql`UPDATE interaction_contacts AS ic SET "occurredAt" = i."occurredAt", direction = CASE WHEN ic."occurredAt" = 'epoch' THEN i.direction ELSE ic.direction END
        FROM interactions AS i WHERE ic."ownerId" = ${ownerId}::uuid AND i."ownerId" = ${ownerId}::uuid AND i.id = ic."interactionId" AND i.id = ANY(${[...ids]}::uuid[]) AND ic."occurredAt" <> i."occurredAt"`,
  )
}
