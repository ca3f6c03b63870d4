import { TYPES } from 'postgraphile/@dataplan/pg'
import { context } from 'postgraphile/grafast'
import { sql } from 'postgraphile/pg-sql2'
import { wrapPlans } from 'postgraphile/utils'

/** A root list that shows the rows of the context's owner alone. */
const owned = (plan: () => any): any => {
  const $connection = plan()
  const $select = $connection.getSubplan()
  $select.where(sql`${$select.alias}."ownerId" = ${$select.placeholder((context() as any).get('ownerId'), TYPES.uuid)}`)
  return $connection
}

/** Adds the owner, from the context, to the conditions of the root lists. */
export const ownedRoots = wrapPlans({ Query: { contacts: owned, notes: owned, reminders: owned, interactions: owned } })
