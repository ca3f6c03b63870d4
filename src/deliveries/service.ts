import type { Ctx } from '../core/ctx.ts'

/** A message to plan: one per kind, entity and occurrence. */
export interface Planned {
  kind: 'REMINDER' | 'FOLLOW_UP_ALERT' | 'DIGEST'
  entityId: string
  occurrenceAt: Date
  subject: string
  text: string
}

/** Plans a message to the owner in the open transaction; false when that occurrence was planned before. */
export async function planDelivery(_tx: Ctx, _planned: Planned): Promise<boolean> {
  throw new Error('not yet')
}
