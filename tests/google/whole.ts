import { expectedPeople } from '../../dev/google/oracle/people.ts'
import { createWorld } from '../../dev/google/world.ts'
import { createAccount } from '../../src/accounts/service.ts'
import type { App } from '../../src/app.ts'
import { calendarSync } from '../../src/calendar/sync.ts'
import { type Clock, fixedClock, toDate } from '../../src/core/clock.ts'
import type { Ctx } from '../../src/core/ctx.ts'
import { policies } from '../../src/domains.ts'
import { contactsSync } from '../../src/google/contacts/sync.ts'
import { resources } from '../../src/google/features.ts'
import { rematchAddresses } from '../../src/google/rematch.ts'
import { runSync } from '../../src/google/runSync.ts'
import { connectWithTokens } from '../../src/google/service.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import type { TestAppOptions } from '../support/app.ts'
import type { Place } from '../../src/vault/vault.ts'
import { tableOf } from '../support/tables.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { type CalendarApp, expectedMeetings } from '../calendar/support.ts'

/** All that Kith asks for. */
export const allScopes = [
  'openid',
  ...['contacts.readonly', 'gmail.metadata', 'calendar.events.owned'].map((name) => `https://www.googleapis.com/auth/${name}`),
]

/** Small pages, so that little data makes many steps. */
export const smallPages = { contacts: contactsSync({ pageSize: 4 }), calendar: calendarSync({ pageSize: 3 }) }

/** The application and a Google by one clock that stands still until it is moved. */
export async function wholeApp(options: TestAppOptions = {}): Promise<WebApp & { clock: ReturnType<typeof fixedClock> }> {
  const clock = fixedClock('2026-03-02T12:00:00Z')
  const kith = await webApp({ clock, simulator: { clock, world: createWorld({ seed: 'whole', clock }) }, ...options })
  Object.assign(kith.app, { syncs: { ...kith.app.syncs, ...smallPages } })
  return Object.assign(kith, { clock })
}

/** An owner of whom everything is connected. */
export interface WholeOwner {
  email: string
  ownerId: string
  ctx: Ctx
}

let owners = 0

/** An owner with contacts, mail and calendar connected. Several may have the same account at Google: what they know must be the same. */
export async function wholeOwner(kith: WebApp, email: string): Promise<WholeOwner> {
  const account = { email, name: 'Test', locale: 'en-GB', timeZone: 'Europe/Berlin', region: 'US' }
  const { ownerId } = await createAccount(kith.app, { ...account, subject: `whole ${(owners += 1)}` })
  await connectWithTokens(kith.app, ownerId, { ...kith.google.issueTokens({ account: email, scopes: allScopes }), scopes: allScopes }, [
    'CONTACTS',
    'GMAIL',
    'CALENDAR',
  ])
  return { email, ownerId, ctx: systemCtx(kith.app, ownerId, 'test') }
}

/** Does all that is due of an owner, turn after turn, and what it set off. */
export async function syncWhole(app: App, ownerId: string): Promise<void> {
  const ctx = systemCtx(app, ownerId, 'test')
  const states = await app.database.prisma.googleSyncState.findMany({ where: { ownerId } })
  for (const resource of resources) {
    const state = states.find((each) => each.resource === resource)
    if (state) await runSync(ctx, state.id)
  }
  await app.relay.drain(ownerId)
}

/** Makes everything of an owner due now. */
export async function makeDue({ ctx, ownerId }: WholeOwner, { full = false }: { full?: boolean } = {}): Promise<void> {
  const at = toDate(ctx.clock.now())
  await ctx.db.googleSyncState.updateMany({ where: { ownerId }, data: { nextRunAt: at, notBefore: null, ...(full ? { fullWanted: true } : {}) } })
}

/** Runs all that waits, whatever it waits for, until all rests, within minutes. @throws Error when it does not come to rest */
export async function settle(
  kith: { app: App; clock: { advance(by: Temporal.DurationLike): void } },
  owner: WholeOwner,
  { rounds = 2 }: { rounds?: number } = {},
): Promise<void> {
  const { ctx, ownerId } = owner
  // The lease of a worker that died has ended by then.
  kith.clock.advance({ minutes: 3 })
  for (let round = 0; round < 12; round += 1) {
    kith.clock.advance({ minutes: 1 })
    const now = kith.app.clock.now()
    await ctx.db.googleSyncState.updateMany({ where: { ownerId, lastFullAt: { not: null } }, data: { lastFullAt: toDate(now.subtract({ hours: 24 })) } })
    await ctx.db.gmailFetch.updateMany({ where: { ownerId }, data: { notBefore: toDate(now) } })
    await makeDue(owner)
    await syncWhole(kith.app, ownerId)
    await rematchAddresses(ctx)
    const waiting = await ctx.db.gmailFetch.count({ where: { ownerId } })
    const states = await ctx.db.googleSyncState.findMany({ where: { ownerId } })
    if (round + 1 >= rounds && waiting === 0 && states.every(({ status, errorCode }) => status === 'IDLE' && errorCode === null)) return
  }
  throw new Error('The sync does not come to rest.')
}

/** What an owner must know of their account at Google, by the simulator's oracles alone. */
export function expected(kith: WebApp, email: string, clock: Clock) {
  const account = kith.google.world.account(email)
  const { people, groups } = expectedPeople(account)
  return {
    people: people.map(({ resourceName }) => resourceName ?? '').toSorted(),
    emails: people.flatMap(({ resourceName, emailAddresses }) => [...new Set((emailAddresses ?? []).map(({ value }) => `${resourceName} ${value?.toLowerCase()}`))]).toSorted(), // prettier-ignore
    groups: groups.map(({ resourceName, name }) => `${resourceName} ${name}`).toSorted(),
    mail: kith.google.world.mailToKnow(email).map(({ id }) => id).toSorted(), // prettier-ignore
    meetings: expectedMeetings(kith as CalendarApp, { email } as never, clock),
  }
}

/** The same of what they know. */
export async function known(owner: WholeOwner): Promise<ReturnType<typeof expected>> {
  const { ctx, ownerId } = owner
  const vault = await ctx.app.vault.of(ownerId)
  const where = { ownerId }
  const sources = await ctx.db.contactSource.findMany({
    where: { ...where, kind: 'GOOGLE', goneAt: null },
    include: { contact: { include: { emails: true } } },
    relationLoadStrategy: 'query',
  })
  const meetings = await ctx.db.calendarMeeting.findMany({ where, include: { attendees: true }, relationLoadStrategy: 'query' })
  return {
    people: (await ctx.db.googlePerson.findMany({ where })).map(({ resourceName }) => resourceName).toSorted(),
    emails: sources.flatMap(({ externalId, contact }) => contact.emails.map(({ address }) => `${externalId} ${address.toLowerCase()}`)).toSorted(),
    groups: (await ctx.db.googleGroup.findMany({ where })).flatMap(({ resourceName, name }) => (/\/(friends|family|coworkers)$/.test(resourceName) ? [] : [`${resourceName} ${name}`])).toSorted(), // prettier-ignore
    mail: (await ctx.db.gmailMessage.findMany({ where: { ...where, state: 'KNOWN' } })).map(({ id }) => id).toSorted(),
    meetings: meetings
      .map(({ id, eventId, startsAt, summary, attendees }) => ({
        id: eventId,
        at: startsAt.toISOString(),
        summary: vault.openMaybe('CalendarMeeting.summary', id, summary),
        attendees: attendees.map(({ address }) => address).toSorted(),
      }))
      .toSorted((one, other) => (one.id < other.id ? -1 : 1)),
  }
}

// What differs from one run to the next and means nothing: when it was, and which listing saw it.
const passing = new Set([
  'ownerId',
  'createdAt',
  'updatedAt',
  'seenRun',
  'missed',
  'sortRun',
  'runId',
  'seenAt',
  'checkedAt',
  'expandAt',
  'place',
  'firstSeenAt',
  'lastSeenAt',
  'importedAt',
  'etag',
  'historyId',
  'urlHash',
  'fingerprint',
])
const unlike = new Set(['events', 'google_identities', 'event_heads', 'google_grants', 'google_sync_runs', 'google_sync_states', 'accounts', 'api_tokens', 'sessions', 'outbox', 'gmail_mailboxes', 'deliveries', 'consent_records', 'consent_heads', 'consent_refusals']) // prettier-ignore

/** Everything in the database that is an owner's, table by table, with names in place of ids, so that it can be held against that of another run or another owner. */
export async function wholeOf({ ctx, ownerId }: WholeOwner, { without = [] }: { without?: readonly string[] } = {}): Promise<Record<string, string[]>> {
  const vault = await ctx.app.vault.of(ownerId)
  const read = async (table: string) =>
    (await ctx.app.database.pool.query<Record<string, unknown>>(`SELECT * FROM ${table} WHERE "ownerId" = $1`, [ownerId])).rows
  const names = new Map<string, string>([[ownerId, 'owner']])
  for (const { contactId, externalId } of (await read('contact_sources')).toSorted(byText('externalId')))
    names.set(String(contactId), `contact of ${String(externalId)}`)
  for (const { id, displayName } of await read('contacts')) if (!names.has(String(id))) names.set(String(id), `contact ${String(displayName)}`)
  for (const { id, externalId } of await read('contact_sources')) names.set(String(id), `source ${String(externalId)}`)
  for (const { id, name } of await read('tags')) names.set(String(id), `tag ${String(name)}`)
  for (const { id, externalId } of await read('interactions')) names.set(String(id), `interaction ${String(externalId)}`)
  for (const { id, eventId } of await read('calendar_meetings')) names.set(String(id), `meeting ${String(eventId)}`)
  const whole: Record<string, string[]> = {}
  for (const { model, owned, columns } of Object.values(policies)) {
    const table = tableOf(model)
    if (!owned || unlike.has(table) || without.includes(table)) continue
    const sealed = new Set(Object.entries(columns).flatMap(([column, rule]) => (rule.sealed ? [column] : [])))
    const written = (column: string, value: unknown, id: string): unknown => {
      if (Buffer.isBuffer(value)) return sealed.has(column) ? vault.open(`${model}.${column}` as Place, id, value) : 'bytes'
      if (typeof value === 'string') return names.get(value) ?? value
      if (value === null || typeof value !== 'object' || value instanceof Date) return value
      return JSON.stringify(value).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (found) => names.get(found) ?? 'some id')
    }
    whole[table] = (await read(table))
      .filter((row) => living(table, row))
      .map((row) => {
        const id = String(row['id'])
        const kept = Object.entries(row).flatMap(([column, value]): [string, unknown][] => {
          // Rows that have no name of their own are told apart by what is in them.
          if (column === 'goneAt') return [[column, value !== null]]
          if (passing.has(column) || (column === 'id' && !names.has(id) && /^[0-9a-f]{8}-/.test(id))) return []
          // Which of several contacts with one address stands for it is left to their ids; all of them are in interaction_contacts.
          if (table === 'interaction_participants' && column === 'contactId') return [[column, value !== null]]
          return [[column, written(column, value, id)]]
        })
        return JSON.stringify(Object.fromEntries(kept))
      })
      .toSorted()
  }
  return whole
}

function byText(column: string) {
  return (one: Record<string, unknown>, other: Record<string, unknown>): number => (String(one[column]) < String(other[column]) ? -1 : 1)
}

/** What is gone at Google leaves its id behind, and only with those who knew it. */
function living(table: string, row: Record<string, unknown>): boolean {
  if (table === 'gmail_messages') return row['state'] === 'KNOWN'
  return table !== 'calendar_entries' || row['deletedAt'] === null
}
