import { type Ctx, ownerOf } from '../core/ctx.ts'
import { join, type Sql, sql } from '../db/client.ts'
import { type InstantFilter, instantConditions, isGiven } from '../db/filters.ts'
import type { Listing } from '../db/keyset.ts'
import type { Owner } from '../db/template.ts'

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
export function contactRemindersListing(ownerId: Owner): Listing {
  return listing('contact reminders', [sql`r."ownerId" = ${ownerId}::uuid`, sql`r."contactId" = parent.id`])
}

/** Reminders that are not hidden by their ids, whole rows, within a statement. */
export function shownReminders(ownerId: Owner, is: Sql): Sql {
  return sql`SELECT r.* FROM reminders AS r WHERE r."ownerId" = ${ownerId}::uuid AND r.id ${is} AND r."hiddenAt" IS NULL`
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
