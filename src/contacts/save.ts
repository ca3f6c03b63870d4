import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { join, raw, send, type Sql, sql } from '../db/client.ts'
import { keepStatistics } from '../db/statistics.ts'
import { record } from '../events/service.ts'
import { announcePersons } from './persons.ts'
import { refreshFollowUps } from '../followUps/service.ts'
import { reindexContacts } from '../search/service.ts'
import type { OwnerVault } from '../vault/vault.ts'
import { noteAddressChanges } from './addressChanges.ts'
import { changedFields } from './changes.ts'
import { indexedAfter, indexedBefore } from './indexed.ts'
import { familyKey, matchKey } from './matchKey.ts'
import { blankContact, type ContactState, nameParts, type Row, shownNameOf } from './state.ts'
import { type KnownTags, tagsGiven } from './tagIds.ts'
import { type ListName, listNames, tables } from './values.ts'

/** A contact before (null: it is new; else locked in the open transaction) and after a change. */
export interface Write {
  before: ContactState | null
  after: ContactState
  /** Further names for the event, such as `sources`. */
  also?: readonly string[]
}

/**
 * Writes contacts in as many statements as there are tables to touch, however many contacts; their search terms, follow-up clocks and events commit with them.
 * What stays as it was is not written. Answers the contacts as they are now, each tag by the id and the spelling it has. `known` are the tags that contacts are given, if they were found before.
 */
export async function saveContacts(tx: Ctx, writes: readonly Write[], known?: KnownTags): Promise<ContactState[]> {
  const ownerId = ownerOf(tx)
  const vault = await tx.app.vault.of(ownerId)
  const changes = writes.map(({ before, after, also = [] }) => [...changedFields(before ?? blankContact(after.id), after), ...also])
  const changed = writes.filter((write, index) => write.before === null || changes[index]?.length)
  const added = changed.filter(({ before }) => before === null).map(({ after }) => after)
  const updated = changed.filter(({ before }) => before !== null)
  const at = toDate(tx.clock.now()).toISOString()
  insertContacts(tx, ownerId, vault, added, at)
  if (added.length >= manyContacts) await keepStatistics(tx, ['contacts'])
  updateContacts(tx, ownerId, vault, updated, at)
  const tags = await tagsGiven(
    tx,
    writes.flatMap(({ before, after }) => after.lists.tags.filter((tag) => !before?.lists.tags.some((was) => was.id === tag.id))),
    known,
  )
  for (const list of listNames) saveList(tx, ownerId, vault, list, writes, tags)
  // Mail and meetings are matched by them meanwhile.
  if (added.length >= manyContacts) await keepStatistics(tx, ['contact_emails'])
  saveRemoved(tx, ownerId, writes, at)
  const withChange = (...fields: string[]): string[] =>
    writes.flatMap(({ after }, index) => (fields.some((field) => changes[index]?.includes(field)) ? [after.id] : []))
  // What a contact is shown by may follow from any of these.
  const reindexed = new Set(withChange('displayName', 'name', 'about', 'emails', 'phones', 'urls', 'addresses', 'relations', 'organizations', 'tags'))
  await reindexContacts(
    tx,
    writes.flatMap(({ before, after }) =>
      reindexed.has(after.id) ? [{ contactId: after.id, before: before && indexedBefore(before), after: indexedAfter(after, tags) }] : [],
    ),
  )
  await refreshFollowUps(tx, withChange('tags'), { locked: true })
  announcePersons(tx, withChange('emails', 'phones'))
  record(
    tx,
    ...writes.flatMap(({ before, after }, index) => {
      const fields = changes[index] ?? []
      if (before && fields.length === 0) return []
      return [{ type: before ? ('contact.updated' as const) : ('contact.created' as const), entityType: 'Contact', entityId: after.id, changed: fields }]
    }),
  )
  return writes.map(({ after }) => ({ ...after, lists: { ...after.lists, tags: after.lists.tags.map((tag) => asStored(tag, tags)) } }))
}

function asStored(tag: Row, tags: KnownTags): Row {
  const known = tags.get(tag.key)
  return known ? { ...tag, id: known.id, value: { name: known.name } } : tag
}

/** From so many new contacts on it matters how the database looks up what they refer to. */
const manyContacts = 100

const contactColumns = {
  id: 'uuid',
  displayName: 'text',
  sortName: 'text',
  familySortName: 'text',
  ...Object.fromEntries(Object.values(nameParts).map((column) => [column, 'text'])),
  about: 'text',
  starred: 'boolean',
  externalReference: 'text',
  provenance: 'jsonb',
}

function contactRow(vault: OwnerVault, state: ContactState): Record<string, unknown> {
  const { id, scalars, provenance } = state
  const displayName = shownNameOf(state)
  return {
    ...scalars,
    id,
    displayName,
    sortName: matchKey(displayName),
    familySortName: familyKey(scalars.nameFamily, scalars.nameGiven),
    about: scalars.about === null ? null : base64(vault.seal('Contact.about', id, scalars.about)),
    provenance,
  }
}

/** Bytes travel in JSON as base64. */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

function insertContacts(tx: Ctx, ownerId: string, vault: OwnerVault, states: readonly ContactState[], at: string): void {
  if (states.length === 0) return
  const names = Object.keys(contactColumns)
  const columns = names.map((name) => raw(name === 'about' ? `decode(r.about, 'base64')` : `r."${name}"`))
  send(
    tx,
    sql`INSERT INTO contacts ("ownerId", ${raw(quoted(names))}, "createdAt", "updatedAt")
        SELECT ${ownerId}::uuid, ${join(columns)}, ${at}::timestamptz, ${at}::timestamptz FROM ${recordset(
          contactColumns,
          states.map((state) => contactRow(vault, state)),
        )}`,
  )
}

function updateContacts(tx: Ctx, ownerId: string, vault: OwnerVault, writes: readonly Write[], at: string): void {
  if (writes.length === 0) return
  const names = Object.keys(contactColumns).filter((name) => name !== 'id' && name !== 'about')
  const sets = names.map((name) => raw(`"${name}" = r."${name}"`))
  const entries = writes.map(({ before, after }) => ({ ...contactRow(vault, after), aboutChanged: before?.scalars.about !== after.scalars.about }))
  send(
    tx,
    sql`UPDATE contacts AS c SET ${join(sets)}, about = CASE WHEN r."aboutChanged" THEN decode(r.about, 'base64') ELSE c.about END, "updatedAt" = ${at}::timestamptz
        FROM ${recordset({ ...contactColumns, aboutChanged: 'boolean' }, entries)} WHERE c."ownerId" = ${ownerId}::uuid AND c.id = r.id`,
  )
}

/** The rows of one list that were added, changed or taken away, each in one statement. What is added is written over what is taken away, as long as there is some: one statement less. */
function saveList(tx: Ctx, ownerId: string, vault: OwnerVault, list: ListName, writes: readonly Write[], tags: KnownTags): void {
  const inserts: object[] = []
  const updates: object[] = []
  const deletes: object[] = []
  for (const { before, after } of writes) {
    const old = new Map((before?.lists[list] ?? []).map((row) => [row.id, row]))
    const fresh: StoredRow[] = []
    for (const row of after.lists[list]) {
      const was = old.get(row.id)
      if (!was) fresh.push(stored(list, after.id, row, vault, tags))
      else if (was !== row && isDifferent(list, was, row)) updates.push({ ...stored(list, after.id, row, vault, tags), id: row.id, was: row.id })
      old.delete(row.id)
    }
    // A tag that goes and comes by another spelling must not meet itself.
    const over = fresh.some(({ id }) => old.has(id)) ? [] : [...old.keys()].slice(0, fresh.length)
    for (const [index, row] of fresh.entries()) {
      const was = over[index]
      if (was === undefined) inserts.push(row)
      else updates.push({ ...row, was })
    }
    for (const id of [...old.keys()].slice(over.length)) deletes.push({ was: id, contactId: after.id })
  }
  if (list === 'emails') noteAddressChanges(tx, changedAddresses(writes))
  if (inserts.length + updates.length + deletes.length === 0) return
  const { table } = tables[list]
  const key = list === 'tags' ? 'tagId' : 'id'
  const own = { contactId: 'uuid', position: 'integer', source: 'text', sourceIds: 'uuid[]', edited: 'boolean' }
  const values = Object.fromEntries(Object.entries(tables[list].columns).map(([name, type]) => [name, type === 'bytea' ? 'text' : type]))
  const columns = { ...own, ...values }
  const column = (name: string): Sql => raw(tables[list].columns[name] === 'bytea' ? `decode(r."${name}", 'base64')` : `r."${name}"`)
  const where = sql`t."ownerId" = ${ownerId}::uuid AND t."contactId" = r."contactId" AND t.${raw(`"${key}"`)} = r.was`
  if (deletes.length > 0) send(tx, sql`DELETE FROM ${raw(table)} AS t USING ${recordset({ was: 'uuid', contactId: 'uuid' }, deletes)} WHERE ${where}`)
  if (updates.length > 0) {
    const sets = Object.keys(columns).map((name) => sql`${raw(`"${name}"`)} = ${column(name)}`)
    send(
      tx,
      sql`UPDATE ${raw(table)} AS t SET ${raw(`"${key}"`)} = r.id, ${join(sets)} FROM ${recordset({ was: 'uuid', id: 'uuid', ...columns }, updates)} WHERE ${where}`,
    )
  }
  if (inserts.length > 0) {
    const names = Object.keys(columns)
    send(
      tx,
      sql`INSERT INTO ${raw(table)} ("ownerId", ${raw(`"${key}", ${quoted(names)}`)}) SELECT ${ownerId}::uuid, r.id, ${join(names.map(column))} FROM ${recordset({ id: 'uuid', ...columns }, inserts)}`,
    )
  }
}

/** The addresses that some contact gains or loses. */
function changedAddresses(writes: readonly Write[]): string[] {
  const canonicalOf = (state: ContactState | null): Set<string> => new Set(state?.lists.emails.map(({ value }) => String(value['canonical'])))
  return writes.flatMap(({ before, after }) => [...canonicalOf(before).symmetricDifference(canonicalOf(after))])
}

function isDifferent(list: ListName, was: Row, row: Row): boolean {
  return (
    was.position !== row.position ||
    was.edited !== row.edited ||
    was.sourceIds.join() !== row.sourceIds.join() ||
    Object.keys(list === 'customFields' ? row.value : tables[list].columns).some((column) => was.value[column] !== row.value[column])
  )
}

type StoredRow = { id: string } & Record<string, unknown>

function stored(list: ListName, contactId: string, row: Row, vault: OwnerVault, tags: KnownTags): StoredRow {
  const { id, position, source, sourceIds, edited, value } = row
  const own = { id: list === 'tags' ? (tags.get(row.key)?.id ?? id) : id, contactId, position, source, sourceIds, edited }
  if (list !== 'customFields') return { ...value, ...own }
  const seal = (column: 'name' | 'value'): string => base64(vault.seal(`ContactCustomField.${column}`, id, String(value[column])))
  return { ...own, name: seal('name'), value: seal('value') }
}

function saveRemoved(tx: Ctx, ownerId: string, writes: readonly Write[], at: string): void {
  const marks = writes.flatMap(({ before, after }) => {
    const old = before?.removed ?? new Set<string>()
    return [
      ...[...after.removed].filter((mark) => !old.has(mark)).map((mark) => ({ mark, contactId: after.id, gone: true })),
      ...[...old].filter((mark) => !after.removed.has(mark)).map((mark) => ({ mark, contactId: after.id, gone: false })),
    ]
  })
  const entries = marks.map(({ mark, contactId, gone }) => ({
    contactId,
    gone,
    field: mark.slice(0, mark.indexOf(' ')),
    hash: mark.slice(mark.indexOf(' ') + 1),
  }))
  const columns = { contactId: 'uuid', field: 'text', hash: 'text' }
  const gone = entries.filter((entry) => entry.gone)
  const back = entries.filter((entry) => !entry.gone)
  if (gone.length > 0)
    send(
      tx,
      sql`INSERT INTO contact_removed_values ("ownerId", "contactId", field, "valueHash", "removedAt")
          SELECT ${ownerId}::uuid, r."contactId", r.field, decode(r.hash, 'hex'), ${at}::timestamptz FROM ${recordset(columns, gone)} ON CONFLICT DO NOTHING`,
    )
  if (back.length > 0)
    send(
      tx,
      sql`DELETE FROM contact_removed_values AS t USING ${recordset(columns, back)}
          WHERE t."ownerId" = ${ownerId}::uuid AND t."contactId" = r."contactId" AND t.field = r.field AND t."valueHash" = decode(r.hash, 'hex')`,
    )
}

/** Rows as one JSON parameter: measured faster than an array a column, and one shape for all tables. */
function recordset(columns: Readonly<Record<string, string>>, entries: readonly object[]): Sql {
  const types = Object.entries(columns).map(([name, type]) => `"${name}" ${type}`)
  return sql`json_to_recordset(${JSON.stringify(entries)}::json) AS r(${raw(types.join(', '))})`
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ')
}
