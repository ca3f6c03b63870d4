import { eventIdOf } from '../../src/calendar/scheduling.ts'
import { type Ctx, ownerOf } from '../../src/core/ctx.ts'
import { newId } from '../../src/core/ids.ts'

/** An event that was put into the calendar some time ago; answers its row's id. */
export async function addScheduling(ctx: Ctx, summary: string): Promise<string> {
  const ownerId = ownerOf(ctx)
  const id = newId(ctx.clock)
  const vault = await ctx.app.vault.of(ownerId)
  const now = new Date(ctx.clock.now().epochMilliseconds)
  await ctx.db.calendarScheduling.create({
    data: {
      ownerId,
      id,
      eventId: eventIdOf(ownerId, id),
      state: 'SCHEDULED',
      summary: vault.seal('CalendarScheduling.summary', id, summary),
      startsAt: now,
      endsAt: now,
      conference: 'NONE',
      createdAt: now,
      updatedAt: now,
    },
  })
  return id
}
