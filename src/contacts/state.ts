import { type Ctx, ownerOf } from '../core/ctx.ts'
import { join, raw, rows, send, type Sql, sql } from '../db/client.ts'
import type { OwnerVault } from '../vault/vault.ts'
import { displayNameOf } from './normalize.ts'
import { type Cell, type Keyed, keyOf, type ListName, listNames, tables, type Value } from './values.ts'

/** Where a contact or a value of it comes from. */
export type SourceKind = 'MANUAL' | 'GOOGLE' | 'IMPORT'

/** An entry of one of a contact's lists. */
export interface Row extends Keyed {
  id: string
  position: number
  source: SourceKind
  /** The sources that hold this value now. */
  sourceIds: readonly string[]
  /** Whether the user has changed it since it came: from then on no sync or import touches it. */
  edited: boolean
}

/** The columns of a contact's name, with what the API calls them. */
export const nameParts = {
  prefix: 'namePrefix',
  given: 'nameGiven',
  middle: 'nameMiddle',
  family: 'nameFamily',
  suffix: 'nameSuffix',
  nickname: 'nameNickname',
  phoneticGiven: 'namePhoneticGiven',
  phoneticFamily: 'namePhoneticFamily',
} as const
/** A part of a name, as the API calls it. */
export type NamePart = keyof typeof nameParts

/** What a contact holds once. `displayName` is null where it follows from the name. */
export interface Scalars extends Record<(typeof nameParts)[NamePart], string | null> {
  displayName: string | null
  about: string | null
  starred: boolean
  externalReference: string | null
}
/** The name of something that a contact holds once. */
export type ScalarName = keyof Scalars
/** Everything that a contact holds once. */
export const scalarNames = ['displayName', ...Object.values(nameParts), 'about', 'starred', 'externalReference'] as const satisfies readonly ScalarName[]

/** Where the value of a field comes from. `edited`: by the user's hand, also where the hand cleared it (`cleared`). */
export interface Origin {
  source: SourceKind
  sourceId?: string
  edited?: true
  cleared?: true
}

/** A contact with all that it holds, opened: what rules work on before it is written back. */
export interface ContactState {
  readonly id: string
  /** The name it is shown by at present; '' for one that is not stored yet. */
  readonly shownName: string
  readonly scalars: Readonly<Scalars>
  readonly provenance: Readonly<Partial<Record<ScalarName, Origin>>>
  readonly lists: Readonly<Record<ListName, readonly Row[]>>
  /** Sourced values that the user took away, as `field hash`. */
  readonly removed: ReadonlySet<string>
  readonly deletedAt: Date | null
  /** Since when its data may only be stored. */
  readonly restrictedAt: Date | null
}

const blank: Omit<ContactState, 'id'> = {
  shownName: '',
  scalars: {
    displayName: null,
    ...(Object.fromEntries(Object.values(nameParts).map((column) => [column, null])) as Record<(typeof nameParts)[NamePart], null>),
    about: null,
    starred: false,
    externalReference: null,
  },
  provenance: {},
  lists: Object.fromEntries(listNames.map((list) => [list, []])) as never,
  removed: new Set(),
  deletedAt: null,
  restrictedAt: null,
}

/** A contact that holds nothing yet. */
export function blankContact(id: string): ContactState {
  return { ...blank, id }
}

// Five parts of a name at their longest would make a line that no list can show.
const longestShown = 400

/** The name a contact is shown by: its own, else what follows from its name, organisation, addresses; at last what it was shown by before. */
export function shownNameOf(state: ContactState): string {
  const { scalars, lists } = state
  const first = (list: ListName): Value[] => lists[list].slice(0, 1).map((row) => row.value)
  const draft = {
    displayName: scalars.displayName ?? undefined,
    name: {
      prefix: scalars.namePrefix,
      given: scalars.nameGiven,
      middle: scalars.nameMiddle,
      family: scalars.nameFamily,
      suffix: scalars.nameSuffix,
      nickname: scalars.nameNickname,
    },
    organizations: first('organizations'),
    emails: first('emails'),
    phones: first('phones'),
    urls: first('urls'),
  }
  const [address] = lists.addresses
  const place = address && ['street', 'city', 'country', 'postalCode'].map((part) => address.value[part]).find(Boolean)
  const otherwise = [
    scalars.namePhoneticFamily,
    scalars.namePhoneticGiven,
    lists.organizations[0]?.value['department'],
    lists.relations[0]?.value['name'],
    place,
    state.shownName,
  ]
  return displayNameOf(draft as never).slice(0, longestShown) || String(otherwise.find(Boolean) ?? '')
}

/** Recognises a value that the user took away; keyed, so that the database does not tell it. */
export type RemovedMark = (field: ListName, key: string) => string

/** The owner's mark of a removed value: `field hash`, the hash in hex. */
export function removedMarkOf(vault: OwnerVault): RemovedMark {
  return (field, key) => `${field} ${Buffer.from(vault.hash('removed value', `${field}\n${key}`)).toString('hex')}`
}

/** Locks the owner's contacts in the open transaction and reads them whole, in two statements however many; absent ones are missing from the answer. */
export async function lockContacts(tx: Ctx, ids: readonly string[]): Promise<Map<string, ContactState>> {
  if (ids.length === 0) return new Map()
  // Locked first and read by a statement of its own: only that one sees what another transaction wrote while this one waited.
  send(tx, sql`SELECT id FROM contacts WHERE "ownerId" = ${ownerOf(tx)}::uuid AND id = ANY(${[...ids]}::uuid[]) ORDER BY id FOR UPDATE`)
  return readContacts(tx, ids)
}

/** Reads the owner's contacts whole, in one statement however many; absent ones are missing from the answer. */
export async function readContacts(ctx: Ctx, ids: readonly string[]): Promise<Map<string, ContactState>> {
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  const lists = listNames.map((list) => sql`(${listOf(list, ownerId)}) AS ${raw(`"${list}"`)}`)
  const found = await rows<Stored>(
    ctx,
    sql`SELECT c.*, ${join(lists)},
          (SELECT array_agg(r.field || ' ' || encode(r."valueHash", 'hex')) FROM contact_removed_values AS r WHERE r."ownerId" = ${ownerId}::uuid AND r."contactId" = c.id) AS removed
        FROM contacts AS c WHERE c."ownerId" = ${ownerId}::uuid AND c.id = ANY(${[...ids]}::uuid[])`,
  )
  return new Map(found.map((stored) => [stored.id, stateOf(stored, vault)]))
}

// The owner is said in each, not taken from the contact: only then is it known before anything is read where the rows lie.
function listOf(list: ListName, ownerId: string): Sql {
  if (list === 'tags')
    return sql`SELECT json_agg(json_build_object('id', t.id, 'name', t.name, 'position', e.position, 'source', e.source, 'sourceIds', e."sourceIds", 'edited', e.edited) ORDER BY e.position, t.id)
      FROM contact_tags AS e JOIN tags AS t ON t."ownerId" = e."ownerId" AND t.id = e."tagId" WHERE e."ownerId" = ${ownerId}::uuid AND e."contactId" = c.id`
  return sql`SELECT json_agg(e ORDER BY e.position, e.id) FROM ${raw(tables[list].table)} AS e WHERE e."ownerId" = ${ownerId}::uuid AND e."contactId" = c.id`
}

type StoredRow = { id: string; position: number; source: SourceKind; sourceIds: string[] | null; edited: boolean } & Record<string, Cell | string[]>
type Stored = { [L in ListName]: StoredRow[] | null } & Omit<Scalars, 'about' | 'displayName'> & {
    id: string
    displayName: string
    about: Uint8Array | null
    provenance: ContactState['provenance']
    removed: string[] | null
    deletedAt: Date | null
    restrictedAt: Date | null
  }

function stateOf(stored: Stored, vault: OwnerVault): ContactState {
  const { id, displayName, provenance, deletedAt, restrictedAt } = stored
  const given = provenance.displayName && !provenance.displayName.cleared ? displayName : null
  const names = Object.fromEntries(Object.values(nameParts).map((column) => [column, stored[column]])) as Record<(typeof nameParts)[NamePart], string | null>
  return {
    id,
    shownName: displayName,
    scalars: {
      displayName: given,
      ...names,
      about: vault.openMaybe('Contact.about', id, stored.about),
      starred: stored.starred,
      externalReference: stored.externalReference,
    },
    provenance,
    lists: Object.fromEntries(listNames.map((list) => [list, (stored[list] ?? []).map((row) => rowOf(list, row, vault))])) as never,
    removed: new Set(stored.removed ?? []),
    deletedAt,
    restrictedAt,
  }
}

function rowOf(list: ListName, stored: StoredRow, vault: OwnerVault): Row {
  const columns = list === 'tags' ? ['name'] : Object.keys(tables[list].columns)
  const value = Object.fromEntries(columns.map((column) => [column, stored[column]])) as Value
  const opened = list === 'customFields' ? { name: openedHex(vault, 'name', stored), value: openedHex(vault, 'value', stored) } : value
  return {
    id: stored.id,
    key: keyOf(list, opened),
    value: opened,
    position: stored.position,
    source: stored.source,
    sourceIds: stored.sourceIds ?? [],
    edited: stored.edited,
  }
}

// JSON carries bytes as \x and hexadecimal digits.
function openedHex(vault: OwnerVault, column: 'name' | 'value', stored: StoredRow): string {
  return vault.open(`ContactCustomField.${column}`, stored.id, Buffer.from(String(stored[column]).slice(2), 'hex'))
}
