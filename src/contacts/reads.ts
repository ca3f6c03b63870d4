import { type Ctx, ownerOf } from '../core/ctx.ts'
import { raw, rows, type Sql, sql } from '../db/client.ts'
import { type Contact, Prisma } from '../db/generated/prisma/client.ts'
import type { Owner } from '../db/template.ts'

/** A contact as lists read it: without what is sealed or for the rules only. */
export type ContactRow = Omit<Contact, 'about' | 'provenance'>

const columns = Object.keys(Prisma.ContactScalarFieldEnum).filter((column) => column !== 'about' && column !== 'provenance')

/** The columns of a ContactRow, of a table named `c`. */
export const contactColumns: Sql = listed(columns)

/** Those columns of a contact, of a table named `c`, that are among the names; what it is called by and ordered by is always there. */
export function columnsAmong(names: ReadonlySet<string>): Sql {
  return listed(Object.keys(Prisma.ContactScalarFieldEnum).filter((column) => names.has(column) || column === 'id' || column === 'sortName'))
}

function listed(names: readonly string[]): Sql {
  return raw(names.map((column) => `c."${column}"`).join(', '))
}

/** Contacts outside the bin by their ids, whole rows, within a statement. */
export function shownContacts(ownerId: Owner, is: Sql): Sql {
  return sql`SELECT c.* FROM contacts AS c WHERE c."ownerId" = ${ownerId}::uuid AND c.id ${is} AND c."deletedAt" IS NULL`
}

/** The rows of one of a contact's lists, in order, within the statement of the contact. */
export function entryRows(table: string, ownerId: Owner): Sql {
  const order = raw(table === 'contact_sources' ? 'e."firstSeenAt", e.id' : 'e.position, e.id')
  return sql`SELECT e.* FROM ${raw(table)} AS e WHERE e."ownerId" = ${ownerId}::uuid AND e."contactId" = parent.id ORDER BY ${order}`
}

/** The names of a contact's tags as JSON, in their order, within the statement of the contact. */
export function tagNames(ownerId: Owner): Sql {
  return sql`SELECT coalesce(json_agg(t.name ORDER BY ct.position, t.id), '[]') FROM contact_tags AS ct JOIN tags AS t ON t."ownerId" = ${ownerId}::uuid AND t.id = ct."tagId"
    WHERE ct."ownerId" = ${ownerId}::uuid AND ct."contactId" = parent.id`
}

/** The owner's contacts with these ids, in any order, without those in the bin unless `binned` asks for them too; what is absent or foreign is left out. */
export function readContacts(ctx: Ctx, ids: readonly string[], { binned = false } = {}): Promise<ContactRow[]> {
  // What lies in the bin and may only be stored is out of everybody's reach.
  const shown = binned ? sql`AND (c."deletedAt" IS NULL OR c."restrictedAt" IS NULL)` : sql`AND c."deletedAt" IS NULL`
  return rows<ContactRow>(
    ctx,
    sql`SELECT ${contactColumns} FROM contacts AS c WHERE c."ownerId" = ${ownerOf(ctx)}::uuid AND c.id = ANY(${[...ids]}::uuid[]) ${shown}`,
  )
}

/** The sealed `about` of contacts, opened, by id. */
export async function readAbouts(ctx: Ctx, ids: readonly string[]): Promise<Map<string, string>> {
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  const found = await rows<{ id: string; about: Uint8Array }>(
    ctx,
    sql`SELECT c.id, c.about FROM contacts AS c WHERE c."ownerId" = ${ownerId}::uuid AND c.id = ANY(${[...ids]}::uuid[]) AND c.about IS NOT NULL`,
  )
  return new Map(found.map(({ id, about }) => [id, vault.open('Contact.about', id, about)]))
}

/** The id of the contact that has an external reference, of those outside the bin or of those in it; of several in the bin the last to go there. */
export async function findByReference(ctx: Ctx, reference: string, { binned = false } = {}): Promise<string | null> {
  const state = binned ? sql`IS NOT NULL` : sql`IS NULL`
  const [found] = await rows<{ id: string }>(
    ctx,
    sql`SELECT c.id FROM contacts AS c WHERE c."ownerId" = ${ownerOf(ctx)}::uuid AND c."externalReference" = ${reference} AND c."deletedAt" ${state}
        ORDER BY c."deletedAt" DESC, c.id LIMIT 1`,
  )
  return found?.id ?? null
}

/** The country by whose customs the owner's phone numbers are read; undefined while there is no account. */
export async function regionOf(ctx: Ctx): Promise<string | undefined> {
  const [account] = await rows<{ region: string }>(ctx, sql`SELECT region FROM accounts WHERE "ownerId" = ${ownerOf(ctx)}::uuid`)
  return account?.region
}
