import { randomBytes } from 'node:crypto'
import type { App } from '../../src/app.ts'
import { newId } from '../../src/core/ids.ts'
import type { Model } from '../../src/policy/policy.ts'
import { type Table, tablesOf } from '../../src/policy/tables.ts'
import { identifierHashes } from '../../src/directory/persons.ts'
import type { Person } from '../support/app.ts'
import { pointersOf, sqlColumns, type SqlColumn, unique } from './fill.ts'

/** Something that stands nowhere else in the world. */
export interface Canary {
  /** What it looks like where it can be read; of a sealed column, once it is opened. */
  token: string
  place: `${Model}.${string}`
  sealed: boolean
  /** Whose account it is in. */
  ownerId: string
  /** The contact it is about; null for what is about the account as a whole. */
  contactId: string | null
}

/** What was planted for one account. */
export interface Planted {
  who: Person
  canaries: Canary[]
  contacts: { id: string; email: string }[]
  /** Personal columns of which no value can be told from another's: states, numbers and flags, which are one of few, and what points at a row that holds a canary. */
  untold: Set<string>
}

/** Models whose rows only Kith itself can make, since a made-up one would be a defect: chains of hashes, and the requests and their proof that the certificate lists as kept. */
export const madeByKith: ReadonlySet<string> = new Set([
  'Event',
  'EventHead',
  'PrivacyRequest',
  'PrivacyRequestEvent',
  'PrivacyCode',
  'PrivacyLetter',
  'ErasureCertificate',
  'AppliedErasure',
])
/** Models that are nobody's account's. */
const nobodys: ReadonlySet<string> = new Set(['AuthFlow', 'RateLimit', 'DirectorySuppression'])
/** Models of which an account has one row, made as it was: canaries go into it. */
const single: ReadonlySet<string> = new Set(['Account'])
/** Models that are about a contact though no column of theirs says so. */
const abouts: ReadonlySet<string> = new Set(['Contact', 'Interaction'])

/** Plants a canary in every personal column of every model: for an account, and for each of two contacts in it that have the given addresses. */
export async function plant(app: App, who: Person, emails: readonly string[]): Promise<Planted> {
  const planted: Planted = { who, canaries: [], contacts: emails.map((email) => ({ id: newId(app.clock), email })), untold: new Set() }
  planted.canaries.push({ token: who.accountId, place: 'Account.id', sealed: false, ownerId: who.ownerId, contactId: null })
  const columns = await sqlColumns(app)
  for (const table of tablesOf(app).toReversed()) {
    if (madeByKith.has(table.model) || nobodys.has(table.model)) continue
    const isAboutContact = abouts.has(table.model) || table.columns.some(({ name }) => name === 'contactId' || name === 'survivorId')
    for (const contact of isAboutContact ? planted.contacts : [null]) await plantRow(app, planted, table, columns, contact)
  }
  for (const { id, email } of planted.contacts) {
    const [addressHash] = await identifierHashes(app, [{ kind: 'email', value: email }])
    await app.database.pool.query(`INSERT INTO directory_persons ("addressHash", "ownerId", "contactId") VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, [
      addressHash,
      who.ownerId,
      id,
    ])
  }
  return planted
}

const made = new WeakMap<Planted, Map<string, string>>()

async function plantRow(
  app: App,
  planted: Planted,
  table: Table,
  columns: ReadonlyMap<string, SqlColumn>,
  contact: Planted['contacts'][number] | null,
): Promise<void> {
  const { ownerId } = planted.who
  const policy = app.policies[table.model]
  const vault = await app.vault.of(ownerId)
  const ids = made.get(planted) ?? made.set(planted, new Map()).get(planted)!
  const id = table.model === 'Contact' ? contact!.id : newId(app.clock)
  ids.set(`${table.model} ${contact?.id ?? ''}`, id)
  const row: Record<string, unknown> = {}
  for (const { name } of table.columns) {
    const place = `${table.model}.${name}` as const
    const rule = policy?.columns[name]
    const sql = columns.get(`${table.table}.${name}`)
    if (!rule || !sql) throw new Error(`${place} is in one of the policies, the data model and the database, and not in all.`)
    const to = pointersOf(table.model).find(({ column }) => column === name)?.to ?? (name === 'contactId' || name === 'survivorId' ? 'Contact' : null)
    const known = to === 'Contact' ? (contact ?? planted.contacts[0])?.id : to && (ids.get(`${to} ${contact?.id ?? ''}`) ?? ids.get(`${to} `))
    if (known || place === 'ContactEmail.canonical') planted.untold.add(place)
    if (name === 'ownerId') row[name] = ownerId
    else if (name === 'id') {
      row[name] = id
      if (!single.has(table.model)) planted.canaries.push({ token: id, place, sealed: false, ownerId, contactId: contact?.id ?? null })
    } else if (known) row[name] = known
    // The same address in every account: by it a person is found.
    else if (place === 'ContactEmail.canonical' && contact) row[name] = contact.email
    else if (name === 'key' && table.model === 'Avatar') row[name] = `avatars/${ownerId}/${id}`
    else {
      const word = `cn${randomBytes(6).toString('hex')}`
      const seal = rule.sealed ? (text: string) => vault.seal(place, sealIdOf(table, row), text) : null
      const { value, token } = unique(place, word, sql, seal)
      row[name] = value
      if (seal) planted.canaries.push({ token: word, place, sealed: true, ownerId, contactId: contact?.id ?? null })
      else if (token !== null) planted.canaries.push({ token, place, sealed: false, ownerId, contactId: contact?.id ?? null })
      else if (rule.category.startsWith('user.')) planted.untold.add(place)
    }
  }
  if (table.model === 'Avatar') await app.blobs.put(String(row['key']), vault.sealBlob(String(row['key']), Buffer.from(`picture ${id}`)))
  await write(app, table, row, ownerId)
}

/** What a sealed value of a row is bound to: its id. */
function sealIdOf(table: Table, row: Record<string, unknown>): string {
  return table.key.includes('id') ? String(row['id']) : table.key.filter((name) => name !== 'ownerId').map((name) => String(row[name])).join('/') // prettier-ignore
}

async function write(app: App, { model, table }: Table, row: Record<string, unknown>, ownerId: string): Promise<void> {
  const { pool } = app.database
  const names = Object.keys(row)
  if (!single.has(model)) {
    await pool.query(
      `INSERT INTO ${table} (${names.map((name) => `"${name}"`).join(', ')}) VALUES (${names.map((_, index) => `$${index + 1}`).join(', ')})`,
      Object.values(row),
    )
    return
  }
  const changed = names.filter((name) => name !== 'ownerId' && name !== 'id')
  await pool.query(`UPDATE ${table} SET ${changed.map((name, index) => `"${name}" = $${index + 2}`).join(', ')} WHERE "ownerId" = $1`, [
    ownerId,
    ...changed.map((name) => row[name]),
  ])
}
