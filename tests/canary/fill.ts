import { createHash, randomUUID } from 'node:crypto'
import { getDatamodel } from '../../src/db/generated/pothos.ts'
import type { App } from '../../src/app.ts'
import type { Model } from '../../src/policy/policy.ts'

/** A column as the database has it: its type in SQL, and the values it is closed to, if it is. */
export interface SqlColumn {
  type: string
  allowed: readonly string[] | null
}

/** What a planted value looks like where it is read as text; null when it cannot be told from another's. */
export interface Value {
  value: unknown
  token: string | null
}

/** Texts that must be of a form to be read at all. Each still holds the word, unless it says why it cannot. */
const forms: Readonly<Record<string, (word: string) => string>> = {
  'ContactEmail.address': (word) => `${word}@example.test`,
  'ContactEmail.normalized': (word) => `${word}@example.test`,
  'ContactEmail.canonical': (word) => `${word}@example.test`,
  'InteractionParticipant.address': (word) => `${word}@example.test`,
  'InteractionParticipant.canonical': (word) => `${word}@example.test`,
  'ContactAddressChange.canonical': (word) => `${word}@example.test`,
  'Account.email': (word) => `${word}@example.test`,
  'GoogleGrant.email': (word) => `${word}@example.test`,
  'ContactUrl.url': (word) => `https://${word}.example.test/`,
  'GoogleAvatarFetch.url': (word) => `https://${word}.example.test/`,
  'Delivery.message': (word) => JSON.stringify({ subject: word, text: word }),
  'ContactSource.raw': (word) => JSON.stringify({ word }),
  'PrivacyLetter.message': (word) => JSON.stringify({ to: `${word}@example.test`, subject: word, text: word }),
}

/** Values that mean something to Kith, and are one of few: they cannot tell two people apart. */
const fixed: Readonly<Record<string, unknown>> = {
  'Account.locale': 'en-GB',
  'Account.timeZone': 'UTC',
  'Account.region': 'DE',
  'Account.sendTime': '08:00',
  'Contact.followUpEvery': 'P1M',
  'Contact.followUpInForce': 'P1M',
  'Tag.followUpEvery': 'P1M',
  'ContactAddress.countryCode': 'DE',
  'ContactPhone.e164': null,
  'Reminder.timeZone': 'UTC',
  'Reminder.startLocal': '2401-01-01T09:00:00',
  'Reminder.dueLocal': '2401-01-01T09:00:00',
  'Reminder.recurrence': 'FREQ=DAILY',
  'ContactSource.kind': 'GOOGLE',
  'GoogleSyncState.feature': 'CONTACTS',
  'GoogleSyncState.status': 'SCOPE_MISSING',
  'GoogleSyncState.phase': 'LISTING',
  'ContactDate.year': 1990,
  'ContactDate.month': 2,
  'ContactDate.day': 3,
  'Avatar.contentType': 'image/png',
  'ImportRun.format': 'VCARD',
  'ImportRun.state': 'DONE',
  'ImportRow.outcome': 'SKIPPED',
  'OutboxRow.notBefore': '2400-01-01T00:00:00Z',
}

/** Instants that change what is done with a row: left empty, since a row that is hidden, restricted or locked is another case. */
const states: ReadonlySet<string> = new Set([
  'Account.mailPausedAt',
  'Account.mailRetryAt',
  'Account.restrictedAt',
  'Account.quarantinedAt',
  'Contact.archivedAt',
  'Contact.deletedAt',
  'Contact.restrictedAt',
  'ContactMerge.undoneAt',
  'ContactSource.goneAt',
  'Interaction.hiddenAt',
  'Note.hiddenAt',
  'Reminder.hiddenAt',
  'Reminder.completedAt',
  'Reminder.snoozedUntil',
])

const { models } = getDatamodel().datamodel

/** The column that a foreign key of a model takes its value from, by the model that it points at. */
export function pointersOf(model: Model): { column: string; to: Model }[] {
  return (models[model]?.fields ?? []).flatMap((field) => {
    const column = field.kind === 'object' ? field.relationFromFields?.find((name) => name !== 'ownerId') : undefined
    return column === undefined ? [] : [{ column, to: field.type as Model }]
  })
}

/** What SQL says of every column: its type, and the closed set of values of its check, if it has one. */
export async function sqlColumns(app: App): Promise<Map<string, SqlColumn>> {
  const { rows } = await app.database.pool.query<{ table: string; column: string; type: string; checks: string[] | null }>(
    `SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type,
       (SELECT array_agg(pg_get_constraintdef(k.oid)) FROM pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]) AS checks
     FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped`,
  )
  return new Map(
    rows.map(({ table, column, type, checks }) => {
      const allowed = (checks ?? []).flatMap((check) => [...check.matchAll(/'([^']+)'::text/g)].map(([, value = '']) => value))
      return [`${table}.${column}`, { type, allowed: allowed.length > 0 ? allowed : null }]
    }),
  )
}

let counted = 0

/** A value for a column that nothing else in the world has, of the type that it takes. A type that is not known here fails: a new column is covered or named. */
export function unique(place: string, word: string, { type, allowed }: SqlColumn, sealed: ((text: string) => Uint8Array) | null): Value {
  if (states.has(place)) return { value: null, token: null }
  if (place in fixed) return { value: fixed[place], token: null }
  if (allowed) return { value: type.endsWith('[]') ? [allowed[0]] : allowed[0], token: null }
  const text = (forms[place] ?? String)(word)
  if (sealed) return { value: sealed(text), token: null }
  counted += 1
  const id = randomUUID()
  const instant = Temporal.Instant.from('2401-01-01T00:00:00Z').add({ milliseconds: counted * 86_461_001 })
  const hash = createHash('sha256').update(word).digest()
  switch (type) {
    case 'text':
      return { value: text, token: text }
    case 'text[]':
      return { value: [text], token: text }
    case 'uuid':
      return { value: id, token: id }
    case 'uuid[]':
      return { value: [id], token: id }
    case 'timestamp(3) with time zone':
      return { value: instant.toString(), token: instant.toString().replace('T', ' ').replace('Z', '') }
    case 'bytea':
      return { value: hash, token: hash.toString('hex') }
    case 'jsonb':
      return { value: JSON.stringify({ [word]: word }), token: word }
    case 'date': {
      const day = instant.toString().slice(0, 10)
      return { value: day, token: day }
    }
    case 'numeric(30,0)':
    case 'integer':
    case 'bigint':
    case 'double precision':
      return { value: counted, token: null }
    case 'boolean':
      return { value: false, token: null }
    default:
      throw new Error(`The canary kit does not know how to fill ${place}, which is a ${type}: say so in tests/canary/fill.ts.`)
  }
}
