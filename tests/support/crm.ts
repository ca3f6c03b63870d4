import { expect } from 'vitest'
import type { fixedClock } from '../../src/core/clock.ts'
import { decodeId } from '../../src/graphql/globalIds.ts'
import type { Person, TestApp } from './app.ts'

/** The row behind an opaque id. */
export const rowIdOf = (id: string): string => decodeId(id)?.id ?? ''

/** Fields of the two errors that results have in common. */
export const refusals = '... on Error { code message ... on InvalidInputError { issues { path message } } }'

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Result = any

const types: Readonly<Record<string, string>> = { id: 'ID!', until: 'DateTime!', every: 'String!', tag: 'String!' }
const selections = {
  Contact:
    'id displayName tags createdAt updatedAt deletedAt archivedAt lastInteractionAt lastInboundAt lastOutboundAt lastInteraction { id } followUp { every dueAt overdue lastAlertAt fromTag }',
  Note: 'id body pinned contact { id } createdAt updatedAt',
  Interaction: 'id kind direction source occurredAt endedAt subject participants { name address role contact { id } } contacts { id }',
  Reminder: 'id title details contact { id } state dueAt dueLocal timeZone allDay recurrence snoozedUntil completedAt createdAt updatedAt',
  Account: 'id timeZone sendTime weeklyDigest mailPausedAt',
  TagFollowUp: 'tag every contactCount',
} as const

/** Runs a mutation as a program would; gives the member of its result union that came back, `__typename` included. */
export async function mutate(who: Person, field: string, args: Record<string, unknown> = {}): Promise<Result> {
  const declared = Object.keys(args).map(
    (name) => `$${name}: ${name === 'input' ? `${field.charAt(0).toUpperCase()}${field.slice(1)}Input!` : (types[name] ?? 'String')}`,
  )
  const passed = Object.keys(args).map((name) => `${name}: $${name}`)
  const list = (names: string[]): string => (names.length > 0 ? `(${names.join(', ')})` : '')
  const answered = /^(tagFollowUp|contact|note|interaction|reminder|account)/.exec(field)?.[1] ?? ''
  const type = `${answered.charAt(0).toUpperCase()}${answered.slice(1)}` as keyof typeof selections
  const errors = field === 'accountMailResume' ? '' : refusals
  const { data, errors: faults } = await who.graphql(
    `mutation ${list(declared)} { ${field}${list(passed)} { __typename ... on ${type} { ${selections[type]} } ${errors} } }`,
    args,
  )
  expect(faults).toBeUndefined()
  return data[field]
}

/** The same, for what is expected to succeed. */
export async function done(who: Person, field: string, args: Record<string, unknown> = {}): Promise<Result> {
  const result = await mutate(who, field, args)
  expect(result, JSON.stringify(result)).not.toHaveProperty('code')
  return result
}

/** Makes a contact; answers its id. */
export async function befriend(who: Person, name: string, more: object = {}): Promise<string> {
  return (await done(who, 'contactCreate', { input: { displayName: name, ...more } })).id
}

/** A contact as the API shows it; null where it shows none. */
export async function contactOf(who: Person, id: string): Promise<Result> {
  return ask(who, `contact(id: $id) { ${selections.Contact} }`, { id })
}

/** Reads one root field. Its variables are ids unless their name says otherwise. */
export async function ask(who: Person, field: string, variables: Record<string, unknown> = {}, declared = ''): Promise<Result> {
  const all =
    declared ||
    Object.keys(variables)
      .map((name) => `$${name}: ${types[name] ?? 'ID!'}`)
      .join(', ')
  const { data, errors } = await who.graphql(`query ${all ? `(${all})` : ''} { it: ${field} }`, variables)
  expect(errors).toBeUndefined()
  return data.it
}

/** The text of every row of every table, bytes as text where they are text: what somebody with the database sees. */
export async function everythingStored({ app }: Pick<TestApp, 'app'>): Promise<string> {
  const client = await app.database.pool.connect()
  try {
    await client.query('SET bytea_output = escape')
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', relnamespace::regnamespace, relname) AS name FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`,
    )
    const texts: string[] = []
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} AS t`)
      texts.push(...rows.map(({ row }) => row))
    }
    return texts.join('\n')
  } finally {
    await client.query('RESET bytea_output')
    client.release()
  }
}

/** Lets time pass for a server that runs, from one thing that falls due to the next; answers the mails that somebody got meanwhile, and when. */
export async function passTime(
  kith: TestApp,
  clock: ReturnType<typeof fixedClock>,
  who: Person,
  until: string,
): Promise<{ at: string; subject: string; text: string }[]> {
  const end = Temporal.Instant.from(until)
  const got: { at: string; subject: string; text: string }[] = []
  for (;;) {
    const before = kith.mails.length
    await kith.runJobs()
    got.push(...kith.mails.slice(before).flatMap(({ to, subject, text }) => (to === who.email ? [{ at: clock.now().toString(), subject, text }] : [])))
    if (Temporal.Instant.compare(clock.now(), end) >= 0) return got
    const { rows } = await kith.app.database.pool.query<{ dueAt: Date | null }>('SELECT min("dueAt") AS "dueAt" FROM directory_due WHERE "ownerId" = $1', [
      who.ownerId,
    ])
    const due = rows[0]?.dueAt
    clock.set(
      due && Number(due) < end.epochMilliseconds ? Temporal.Instant.fromEpochMilliseconds(Math.max(Number(due), clock.now().epochMilliseconds + 1)) : end,
    )
  }
}

/** Does things at once: each begins once the one before waits for a lock, or has come to its end, and a row that is locked meanwhile lets all of them go on together. */
export async function atOnce<T>({ app }: Pick<TestApp, 'app'>, lock: { table: string; id: string }, ...works: (() => Promise<T>)[]): Promise<T[]> {
  const { pool } = app.database
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query(`SELECT 1 FROM ${lock.table} WHERE id = $1 FOR UPDATE`, [lock.id])
    let ended = 0
    const begun: Promise<T>[] = []
    for (const work of works) {
      begun.push(work().finally(() => void (ended += 1)))
      for (let round = 0; round < 200; round += 1) {
        const { rows } = await pool.query<{ waiting: number }>(
          `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        )
        if ((rows[0]?.waiting ?? 0) + ended >= begun.length) break
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    const all = Promise.all(begun)
    await client.query('COMMIT')
    return await all
  } finally {
    client.release()
  }
}
