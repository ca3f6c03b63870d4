import { ApiError, invalidArgument } from '../errors.ts'
import { openToken, sealToken } from '../sealed-token.ts'
import type { Simulation } from '../simulation.ts'
import type { Account } from '../world.ts'
import type { AddressBook, PersonEntry } from './address-book.ts'
import type { Person } from './person.ts'
import { isVisible, showPerson, type View } from './view.ts'

/** Sync tokens live this long from the full sync that began their line; incremental ones do not extend it (reference of people.connections.list). */
export const syncTokenDays = 7

interface SyncToken {
  sub: string
  /** The first request's parameters, which every later one must repeat. */
  parameters: string
  /** Changes up to this one are known. */
  change: number
  fullSyncAtMs: number
}

interface PageToken extends SyncToken {
  /** Where the first page began; 0 for a full sync. */
  since: number
  /** The last change listed (default order), or the number of people listed (the other orders). */
  after: number
}

const sortOrders = ['LAST_MODIFIED_ASCENDING', 'LAST_MODIFIED_DESCENDING', 'FIRST_NAME_ASCENDING', 'LAST_NAME_ASCENDING']

/** One of the two lists of people an account has. */
export interface PeopleList {
  name: 'connections' | 'otherContacts'
  book: AddressBook
  view: View
  /** A fault wants an empty page. */
  emptyPage: boolean
}

/** people.connections.list and otherContacts.list: one page, of all people or of what changed since a sync token. @throws ApiError */
export function listPeople({ seed, clock, origin }: Simulation, account: Account, query: URLSearchParams, { name, book, view, emptyPage }: PeopleList): object {
  const pageSize = readPageSize(query, 100)
  const sortOrder = query.get('sortOrder') || 'LAST_MODIFIED_ASCENDING'
  if (!sortOrders.includes(sortOrder)) throw invalidArgument(`Invalid value at 'sort_order': "${sortOrder}"`)
  const wantsToken = query.get('requestSyncToken') === 'true'
  const parameters = JSON.stringify([[...view.fields].sort(), [...view.sources], pageSize, sortOrder, wantsToken])
  const now = clock.now().epochMilliseconds

  const open = <Token extends SyncToken>(kind: 'page' | 'sync', value: string | null): Token | undefined => {
    if (!value) return undefined
    const token = openToken<Token>(seed, `${name}.${kind}`, value)
    if (token?.sub !== account.sub) throw invalidArgument(kind === 'page' ? 'Page token is invalid.' : 'Sync token is invalid.')
    if (token.parameters !== parameters) throw invalidArgument(`Request parameters must match those of the call that returned the ${kind} token.`)
    // A change that has not happened: the token is from before a restart.
    const expired = token.change < book.expiredBefore() || token.change > book.lastChange()
    if (kind === 'sync' && (expired || now >= token.fullSyncAtMs + syncTokenDays * 86_400_000)) throw expiredSyncToken()
    return token
  }
  const sync = open<SyncToken>('sync', query.get('syncToken'))
  const page = open<PageToken>('page', query.get('pageToken'))
  if (page && page.since !== (sync?.change ?? 0)) throw invalidArgument('Request parameters must match those of the call that returned the page token.')

  const start = page ?? { sub: account.sub, parameters, change: book.lastChange(), fullSyncAtMs: sync?.fullSyncAtMs ?? now, since: sync?.change ?? 0, after: 0 }
  const matching = book.people().filter((entry) => (sync ? entry.change > sync.change : !entry.deleted) && isVisible(entry.person, view))
  const byChange = sortOrder === 'LAST_MODIFIED_ASCENDING'
  const rest = byChange ? matching.filter((entry) => entry.change > start.after) : sorted(matching, sortOrder).slice(start.after)
  const listed = rest.slice(0, emptyPage ? 0 : pageSize)
  const more = emptyPage || rest.length > listed.length
  const after = byChange ? (listed.at(-1)?.change ?? start.after) : start.after + listed.length
  const { since: _, after: __, ...line } = start
  const people = listed.map((entry) => showPerson(described(entry, sync !== undefined), view, origin(), { listed: true }))
  return {
    ...(people.length > 0 && { [name]: people }),
    ...(more && { nextPageToken: sealToken(seed, `${name}.page`, { ...start, after } satisfies PageToken) }),
    // The token knows what the first page knew, so that changes made while pages were read come again.
    ...(!more && wantsToken && { nextSyncToken: sealToken(seed, `${name}.sync`, line satisfies SyncToken) }),
    ...(!sync && (name === 'connections' ? { totalPeople: matching.length, totalItems: matching.length } : { totalSize: matching.length })),
  }
}

/** Reads `pageSize`: 1 to 1000, a default for 0 or nothing. @throws ApiError 400 */
export function readPageSize(query: URLSearchParams, byDefault: number): number {
  const text = query.get('pageSize')
  if (!text || text === '0') return byDefault
  const size = Number(text)
  if (!Number.isInteger(size) || size < 1 || size > 1000) throw invalidArgument('Page size must be within [1, 1000].')
  return size
}

function described(entry: PersonEntry, syncing: boolean): Person {
  if (!syncing) return entry.person
  const { deleted, previousNames } = entry
  return {
    ...entry.person,
    metadata: { ...entry.person.metadata, ...(previousNames.length > 0 && { previousResourceNames: previousNames }), ...(deleted && { deleted: true }) },
  }
}

function sorted(entries: PersonEntry[], sortOrder: string): PersonEntry[] {
  if (sortOrder === 'LAST_MODIFIED_DESCENDING') return entries.toReversed()
  const part = sortOrder === 'FIRST_NAME_ASCENDING' ? 'displayName' : 'displayNameLastFirst'
  const collator = new Intl.Collator('en')
  return entries.toSorted((one, other) => collator.compare(one.person.names?.[0]?.[part] ?? '', other.person.names?.[0]?.[part] ?? ''))
}

/** 400: the list must be read from the start again. */
export function expiredSyncToken(): ApiError {
  return new ApiError(400, 'FAILED_PRECONDITION', 'Sync token is expired. Clear local cache and retry call without the sync token.', {
    reason: 'EXPIRED_SYNC_TOKEN',
  })
}
