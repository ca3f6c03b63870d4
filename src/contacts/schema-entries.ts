import { ownerOf } from '../core/ctx.ts'
import { raw, rows, sql } from '../db/client.ts'
import type * as rowsOf from '../db/generated/prisma/client.ts'
import type { RequestCtx } from '../graphql/builder.ts'
import { loaderOf } from '../graphql/loaders.ts'
import type { ContactState } from './state.ts'
import { listNames, tables } from './values.ts'

type Row<R> = Omit<R, 'ownerId' | 'sourceIds'>
/** The rows of a contact's lists, by their tables, as the API reads them. */
export interface Tables {
  contact_emails: Row<rowsOf.ContactEmail>
  contact_phones: Row<rowsOf.ContactPhone>
  contact_addresses: Row<rowsOf.ContactAddress>
  contact_urls: Row<rowsOf.ContactUrl>
  contact_organizations: Row<rowsOf.ContactOrganization>
  contact_dates: Row<rowsOf.ContactDate>
  contact_relations: Row<rowsOf.ContactRelation>
  contact_custom_fields: Row<rowsOf.ContactCustomField>
  contact_sources: Omit<Row<rowsOf.ContactSource>, 'raw' | 'fingerprint'>
}

/** A contact's rows of one of its lists, in their order: one statement for all contacts that are asked for at once. */
export function entriesOf<Table extends keyof Tables>(ctx: RequestCtx, table: Table, contactId: string): Promise<Tables[Table][]> {
  return entriesLoader(ctx, table).load(contactId)
}

function entriesLoader<Table extends keyof Tables>(ctx: RequestCtx, table: Table) {
  const isSource = table === 'contact_sources'
  const columns = raw(isSource ? 'id, "contactId", kind, "externalId", "firstSeenAt", "lastSeenAt", "goneAt"' : '*')
  const order = raw(isSource ? '"firstSeenAt", id' : 'position, id')
  return loaderOf<string, Tables[Table][]>(ctx, table, async (ids) => {
    const found = await rows<Tables[Table]>(
      ctx,
      sql`SELECT ${columns} FROM ${raw(table)} WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND "contactId" = ANY(${[...ids]}::uuid[]) ORDER BY ${order}`,
    )
    const groups = Map.groupBy(found, (row) => row.contactId)
    return ids.map((id) => groups.get(id) ?? [])
  })
}

/** The names of a contact's tags, in their order. */
export function tagsOf(ctx: RequestCtx, contactId: string): Promise<string[]> {
  return tagsLoader(ctx).load(contactId)
}

function tagsLoader(ctx: RequestCtx) {
  return loaderOf<string, string[]>(ctx, 'contact_tags', async (ids) => {
    const found = await rows<{ contactId: string; name: string }>(
      ctx,
      sql`SELECT ct."contactId", t.name FROM contact_tags AS ct JOIN tags AS t ON t."ownerId" = ct."ownerId" AND t.id = ct."tagId"
          WHERE ct."ownerId" = ${ownerOf(ctx)}::uuid AND ct."contactId" = ANY(${[...ids]}::uuid[]) ORDER BY ct.position, t.id`,
    )
    const groups = Map.groupBy(found, (row) => row.contactId)
    return ids.map((id) => (groups.get(id) ?? []).map(({ name }) => name))
  })
}

/** Lets the field of the mutation that has just written a contact answer its lists without reading them. What is sealed is read. */
export function knowLists(ctx: RequestCtx, { id: contactId, lists }: ContactState): void {
  for (const list of listNames) {
    if (list === 'tags') {
      const names = lists.tags.map(({ value }) => String(value['name']))
      tagsLoader(ctx).prime(contactId, names)
    } else if (list !== 'customFields') {
      const loader = entriesLoader(ctx, tables[list].table as keyof Tables)
      loader.prime(contactId, lists[list].map(({ id, value }) => ({ ...value, id, contactId })) as never[])
    }
  }
}
