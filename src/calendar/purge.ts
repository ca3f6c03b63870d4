import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, raw, sql } from '../db/client.ts'
import { setOff } from '../events/service.ts'
import { dropInteractions } from '../interactions/service.ts'

const tables = ['calendar_meetings', 'calendar_entries', 'calendar_channels', 'calendar_schedulings'] as const

/** Deletes all that came from the owner's Google calendar: what is known of events, and the interactions that were made of meetings. What Kith was asked to put there goes with it; at Google it stays. In an open transaction. */
export async function purgeCalendar(tx: Ctx): Promise<void> {
  await dropInteractions(tx, 'CALENDAR', 'all')
  await execute(tx, sql`DELETE FROM directory_channels WHERE "ownerId" = ${ownerOf(tx)}::uuid`)
  for (const table of tables) await execute(tx, sql`DELETE FROM ${raw(table)} WHERE "ownerId" = ${ownerOf(tx)}::uuid`)
  setOff(tx, { kind: 'calendar.upcoming', payload: {} }, { kind: 'calendar.watch', payload: {} })
}
