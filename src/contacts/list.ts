import { type Ctx, ownerOf } from '../core/ctx.ts'
import { empty, type Sql, sql } from '../db/client.ts'
import { type Listing, PageError } from '../db/keyset.ts'
import type { SortKey } from '../db/keysetOrder.ts'
import { searchMatches } from '../search/service.ts'
import { asksForPhones, contactCondition, type ContactFilter } from './filter.ts'
import { foundCount, foundOnward } from './found.ts'
import { contactColumns, regionOf } from './reads.ts'

/** What contacts can be ordered by. */
export type ContactOrderField = 'DISPLAY_NAME' | 'FAMILY_NAME' | 'CREATED_AT' | 'UPDATED_AT' | 'LAST_INTERACTION_AT' | 'FOLLOW_UP_DUE_AT'

/** One key of an order: ascending and absent values last, where nothing else is said. */
export interface ContactOrder {
  field: ContactOrderField
  direction?: 'ASC' | 'DESC' | null | undefined
  nulls?: 'FIRST' | 'LAST' | null | undefined
}

/** Which contacts, in which order. */
export interface ContactsQuery {
  search?: string | null | undefined
  filter?: ContactFilter | null | undefined
  orderBy?: readonly ContactOrder[] | null | undefined
  includeArchived?: boolean | null | undefined
}

const orderColumns: Readonly<Record<ContactOrderField, Pick<SortKey, 'column' | 'type'> & { nullable: boolean }>> = {
  DISPLAY_NAME: { column: sql`c."sortName"`, type: 'text', nullable: false },
  FAMILY_NAME: { column: sql`c."familySortName"`, type: 'text', nullable: true },
  CREATED_AT: { column: sql`c."createdAt"`, type: 'timestamptz', nullable: false },
  UPDATED_AT: { column: sql`c."updatedAt"`, type: 'timestamptz', nullable: false },
  LAST_INTERACTION_AT: { column: sql`c."lastInteractionAt"`, type: 'timestamptz', nullable: true },
  FOLLOW_UP_DUE_AT: { column: sql`c."followUpDueAt"`, type: 'timestamptz', nullable: true },
}

/** The owner's contacts outside the bin; what a search finds best comes first, before any other order. @throws PageError */
export async function contactsListing(ctx: Ctx, { search, filter, orderBy, includeArchived }: ContactsQuery, columns: Sql = contactColumns): Promise<Listing> {
  const ownerId = ownerOf(ctx)
  const searched = search?.trim() ? search : null
  if (searched && searched.length > 1000) throw new PageError('A search has at most 1,000 characters.')
  const matches = searched === null ? null : await searchMatches(ctx, searched.replaceAll('\0', ' '))
  const none = sql`SELECT NULL::uuid AS "contactId", 0::double precision AS weight WHERE false`
  const condition = filter ? contactCondition(ownerId, filter, asksForPhones(filter) ? await regionOf(ctx) : undefined) : null
  const score: SortKey = { column: matches?.score ?? sql`m.weight`, type: 'double precision', direction: 'desc', nulls: 'none' }
  const where = sql`c."ownerId" = ${ownerId}::uuid AND c."deletedAt" IS NULL ${searched === null ? empty : sql`AND c."restrictedAt" IS NULL`} ${includeArchived ? empty : sql`AND c."archivedAt" IS NULL`} ${condition ? sql`AND ${condition}` : empty}`
  const keys = orderKeys(orderBy?.length ? orderBy : [{ field: 'DISPLAY_NAME' }])
  const byName = keys[0]?.column === orderColumns.DISPLAY_NAME.column && keys[0].direction === 'asc'
  return {
    name: searched === null ? 'contacts' : `contacts ${searched}`,
    select: columns,
    from:
      searched === null
        ? sql`contacts AS c`
        : sql`(${matches?.statement ?? none}) AS m JOIN contacts AS c ON c."ownerId" = ${ownerId}::uuid AND c.id = m."contactId"`,
    where,
    keys: [...(searched === null ? [] : [score]), ...keys],
    varied: condition !== null || keys.length > 2 || /\s/.test(searched?.trim() ?? ''),
    ...(condition ? { planned: 'anew' } : {}),
    ...(matches && !condition ? { counted: foundCount(ownerId, matches, includeArchived === true) } : {}),
    ...(!matches || !byName
      ? {}
      : !condition && keys.length === 2
        ? // One plan serves all words, and takes longer to make than it takes to run.
          { onward: foundOnward(ownerId, matches, where, columns), planned: 'once' }
        : { head: { from: sql`contacts AS c`, where: sql`${where} AND ${matches.best.where}`, first: matches.best.score, least: matches.best.least } }),
  }
}

/** The owner's contacts in the bin, the last to go there first. */
export function binListing(ctx: Ctx): Listing {
  return {
    name: 'contacts in the bin',
    select: contactColumns,
    from: sql`contacts AS c`,
    where: sql`c."ownerId" = ${ownerOf(ctx)}::uuid AND c."deletedAt" IS NOT NULL AND c."restrictedAt" IS NULL`,
    keys: [
      { column: sql`c."deletedAt"`, type: 'timestamptz', direction: 'desc', nulls: 'none' },
      { column: sql`c.id`, type: 'uuid', direction: 'desc', nulls: 'none' },
    ],
  }
}

function orderKeys(orderBy: readonly ContactOrder[]): SortKey[] {
  const once = orderBy.filter(({ field }, index) => orderBy.findIndex((other) => other.field === field) === index)
  const keys = once.map(({ field, direction, nulls }): SortKey => {
    const { column, type, nullable } = orderColumns[field]
    const way = direction === 'DESC' ? 'desc' : 'asc'
    const placed = nullable ? (nulls === 'FIRST' ? 'first' : 'last') : 'none'
    return { column, type, direction: way, nulls: placed }
  })
  const direction = keys.at(-1)?.direction ?? 'asc'
  return [...keys, { column: sql`c.id`, type: 'uuid', direction, nulls: 'none' }]
}
