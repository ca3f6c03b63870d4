import { type Ctx, ownerOf } from '../core/ctx.ts'
import { join, type Sql, sql } from '../db/client.ts'
import { type InstantFilter, instantConditions, isGiven } from '../db/filters.ts'
import type { Listing } from '../db/keyset.ts'

/** Which reminders. */
export interface ReminderFilter {
  state?: string | null | undefined
  dueAt?: InstantFilter | null | undefined
  contactId?: string | null | undefined
}

/** The owner's reminders, soonest first. */
export function remindersListing(ctx: Ctx, filter: ReminderFilter): Listing {
  const conditions = [
    sql`r."ownerId" = ${ownerOf(ctx)}::uuid`,
    ...(filter.state ? [sql`r.state = ${filter.state}`] : []),
    ...instantConditions(sql`r."dueAt"`, filter.dueAt),
    ...(filter.contactId ? [sql`r."contactId" = ${filter.contactId}::uuid`] : []),
  ]
  return { ...listing('reminders', conditions), varied: isGiven(filter) }
}

/** A contact's reminders, soonest first. */
export function contactRemindersListing(ctx: Ctx): Listing {
  return listing('contact reminders', [sql`r."ownerId" = ${ownerOf(ctx)}::uuid`, sql`r."contactId" = parent.id`])
}

function listing(name: string, conditions: Sql[]): Listing {
  return {
    name,
    select: sql`r.*`,
    from: sql`reminders AS r`,
    where: join([...conditions, sql`r."hiddenAt" IS NULL`], ' AND '),
    keys: [
      { column: sql`r."dueAt"`, type: 'timestamptz', direction: 'asc', nulls: 'none' },
      { column: sql`r.id`, type: 'uuid', direction: 'asc', nulls: 'none' },
    ],
  }
}
