import type { App } from '../app.ts'
import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { execute, raw, rows, type Sql, sql } from '../db/client.ts'
import { eraseContact } from '../contacts/service.ts'
import { forgetTexts } from '../deliveries/service.ts'
import { findPlaces, type Identifier, identifierHashes, suppress, syncPersons } from '../directory/persons.ts'
import { inTransaction } from '../events/service.ts'
import { forgetParticipants, ownersWithParticipants, participantAddresses } from '../interactions/service.ts'
import { systemCtx } from '../jobs/relay.ts'
import { tablesOf } from '../policy/tables.ts'
import { addressesOf, controllerId, identifiersOf, type Place, type RequestSubject } from '../privacy/service.ts'
import { certify } from './certificate.ts'
import type { CheckReport } from './check.ts'
import { keep, type Watcher } from './eraseAccount.ts'
import { walHorizon } from './horizon.ts'
import * as ledger from './ledger.ts'
import { outcomes } from './outcome.ts'
import { versionOf } from './plan.ts'
import { forgetStatistics } from './statistics.ts'

/** Writes the entry that keeps somebody out of every address book, before anything of them is destroyed; answers the open one if there is one. */
export async function entombPerson(
  app: App,
  requestId: string,
  { places, hashes }: Extract<RequestSubject, { kind: 'PERSON' }>,
  named: readonly string[],
): Promise<ledger.LedgerEntry> {
  const known = await knownAddresses(app, places)
  const own = identifiersOf([...named, ...(await addressesOf(app, requestId))])
  const proven = await among(app, own, hashes)
  // Of a place that was named to us and not found by an address, as a child's is, all that stands there is theirs.
  const theirs = hashes.length === 0 ? known : [...proven, ...(await among(app, known, hashes))]
  const addresses = [...new Set(theirs.map(({ value }) => value))]
  return ledger.open(app, {
    requestId,
    scope: 'PERSON',
    subjectId: null,
    places,
    hashes: hashes.map((hash) => Buffer.from(hash)),
    planHash: Buffer.from(versionOf(outcomes(app.policies, tablesOf(app))), 'hex'),
    before: { ...(await countPlaces(app, places)), 'address books': new Set(places.map(({ ownerId }) => ownerId)).size },
    needles: { own: addresses, shared: [] },
  })
}

/** Erases somebody from every address book that has them, and keeps them out. Of the owners nothing is told. @throws Error when something is left: then the entry is not closed */
export async function erasePerson(app: App, entry: ledger.LedgerEntry, watch: Watcher = () => {}): Promise<string> {
  const { own: addresses } = await ledger.needlesOf(app, entry.seq)
  await watch('before places')
  const places = await erasePlaces(app, entry, addresses, watch)
  await watch('after places')
  const report = await checkPerson(app, entry, addresses)
  await watch('before certificate')
  const id = newId(app.clock)
  const jws = await certify(app, {
    id,
    entry,
    erased: Object.entries(entry.before).map(([name, before]) => ({ name, before, after: 0 })),
    keysDestroyed: [],
    recipients: [],
    report,
    retained: retainedOf(entry.hashes.length, places),
    wal: await walHorizon(app),
  })
  await keep(app, entry, id, jws)
  await watch('after certificate')
  return jws
}

/** Does to a database that knows nothing of it what an entry says: after a restore. The addresses are known by their hashes alone by then, and are found again by them. */
export async function erasePersonAgain(app: App, entry: ledger.LedgerEntry): Promise<void> {
  const controller = systemCtx(app, controllerId, 'erasure again')
  const known = await knownAddresses(app, [...entry.places, ...(await findPlaces(controller, entry.hashes))])
  const taken = await participantAddresses(controller, async (canonical) => {
    const found = await among(
      app,
      canonical.map((value) => ({ kind: 'email', value })),
      entry.hashes,
    )
    return found.map(({ value }) => value)
  })
  const theirs = entry.hashes.length === 0 ? known : await among(app, known, entry.hashes)
  await erasePlaces(app, entry, [...new Set([...theirs.map(({ value }) => value), ...taken])], () => {})
}

async function erasePlaces(app: App, entry: ledger.LedgerEntry, addresses: readonly string[], watch: Watcher): Promise<number> {
  const controller = systemCtx(app, controllerId, 'erasure')
  // First of all, so that no sync or import brings back what goes.
  await suppress(controller, entry.requestId, entry.hashes, toDate(app.clock.now()))
  const places = [...entry.places, ...(await findPlaces(controller, entry.hashes))]
  const others = (await ownersWithParticipants(controller, addresses)).map((ownerId) => ({ ownerId, contactId: null }))
  const books = Map.groupBy<string, { ownerId: string; contactId: string | null }>([...places, ...others], ({ ownerId }) => ownerId)
  for (const [ownerId, found] of [...books].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    await eraseIn(systemCtx(app, ownerId, 'erasure of a person'), [...new Set(found.flatMap(({ contactId }) => contactId ?? []))], addresses)
    await watch('within places')
  }
  const sampled = outcomes(app.policies, tablesOf(app)).flatMap(({ what, table }) => (what === 'DELETE' ? [`public.${table.table}`] : []))
  if (books.size > 0) await forgetStatistics(app, sampled)
  return places.length
}

/** Erases somebody from one address book: the contacts that are them, and what else names their addresses. */
async function eraseIn(ctx: Ctx, contactIds: readonly string[], addresses: readonly string[]): Promise<void> {
  const pictures = await inTransaction(ctx, async (tx) => {
    const names = await namesOf(tx, contactIds)
    const keys: string[] = []
    for (const id of contactIds) keys.push(...((await eraseContact(tx, id)) ?? []))
    await forgetParticipants(tx, addresses)
    await forgetTexts(tx, [...names, ...addresses])
    // Answers that may be asked for once more within a day can hold anything that was answered.
    await execute(tx, sql`DELETE FROM idempotent_answers WHERE "ownerId" = ${ownerOf(tx)}::uuid`)
    return keys
  })
  for (const key of pictures) await ctx.app.blobs.delete(key)
  await syncPersons(ctx, ownerOf(ctx), contactIds)
}

async function namesOf(tx: Ctx, contactIds: readonly string[]): Promise<string[]> {
  const found = await rows<{ name: string }>(
    tx,
    sql`SELECT "displayName" AS name FROM contacts WHERE "ownerId" = ${ownerOf(tx)}::uuid AND id = ANY(${[...contactIds]}::uuid[])`,
  )
  return found.map(({ name }) => name)
}

/** Looks for what is left: at the places, by the addresses' hashes, and for the addresses in every text of the directories and of jobs. */
async function checkPerson(app: App, entry: ledger.LedgerEntry, addresses: readonly string[]): Promise<CheckReport> {
  const ctx = systemCtx(app, controllerId, 'check')
  const leftovers: CheckReport['leftovers'] = []
  const note = (place: string, count: number): void => void (count > 0 && leftovers.push({ place, count }))
  note('directory of people', (await findPlaces(ctx, entry.hashes)).length)
  note('participants', (await ownersWithParticipants(ctx, addresses)).length)
  for (const [name, count] of Object.entries(await countPlaces(app, entry.places))) note(name, count)
  return { tables: tablesOf(app).length, leftovers }
}

/** How many rows of each model are about the contacts at some places. Generic: a model that names a contact counts. */
async function countPlaces(app: App, places: readonly Place[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { model, table, columns } of tablesOf(app)) {
    const named = model === 'Contact' ? 'id' : columns.find(({ name }) => name === 'contactId')?.name
    if (!named) continue
    const [row] = await rows<{ count: number }>(
      { app, db: app.database.prisma },
      sql`SELECT count(*)::int AS count FROM ${raw(table)} AS t JOIN ${at(places)} ON t."ownerId" = p."ownerId" AND t.${raw(`"${named}"`)} = p."contactId"`,
      { prepared: false },
    )
    const count = row?.count ?? 0
    if (count > 0) counts[model] = count
  }
  return counts
}

function knownAddresses(app: App, places: readonly Place[]): Promise<Identifier[]> {
  return rows<Identifier>(
    { app, db: app.database.prisma },
    sql`SELECT 'email' AS kind, e.canonical AS value FROM contact_emails AS e JOIN ${at(places)} ON e."ownerId" = p."ownerId" AND e."contactId" = p."contactId"
        UNION SELECT 'phone', n.e164 FROM contact_phones AS n JOIN ${at(places)} ON n."ownerId" = p."ownerId" AND n."contactId" = p."contactId" WHERE n.e164 IS NOT NULL`,
  )
}

/** Places as the rows of `p`. */
function at(places: readonly Place[]): Sql {
  return sql`unnest(${places.map(({ ownerId }) => ownerId)}::uuid[], ${places.map(({ contactId }) => contactId)}::uuid[]) AS p("ownerId", "contactId")`
}

/** Those whose hashes are among the given ones. */
async function among(app: App, identifiers: readonly Identifier[], hashes: readonly Uint8Array[]): Promise<Identifier[]> {
  const wanted = new Set(hashes.map((hash) => Buffer.from(hash).toString('hex')))
  const given = await identifierHashes(app, identifiers)
  return identifiers.filter((_, index) => wanted.has(Buffer.from(given[index] ?? []).toString('hex')))
}

function retainedOf(hashes: number, places: number): { name: string; count: number; what: string; ground: string; until: string }[] {
  return [
    {
      name: 'suppression',
      count: hashes,
      what: 'keyed hashes of your addresses and numbers, so that no address book here takes them in again',
      ground: 'LEGAL_OBLIGATION',
      until: 'P10Y',
    },
    {
      name: 'ledger of erasures',
      count: 1,
      what: 'the same hashes, and the random ids of what was erased',
      ground: 'LEGAL_OBLIGATION',
      until: 'as long as a backup exists that could bring it back, and a year more',
    },
    ...(places > 0
      ? [
          {
            name: 'logs of events',
            count: places,
            what: 'that something with a random id was deleted, and when; no value',
            ground: 'LEGITIMATE_INTEREST',
            until: 'while the address book exists',
          },
          {
            name: 'what other people wrote about others',
            count: 0,
            what: 'notes on other contacts were not searched for your name: they are their author’s own words',
            ground: 'rights of others (Article 15(4))',
            until: 'while their author keeps them',
          },
        ]
      : []),
  ]
}
