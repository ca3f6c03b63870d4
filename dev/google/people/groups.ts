import { invalidArgument } from '../errors.ts'
import { openToken, sealToken } from '../sealed-token.ts'
import type { Simulation } from '../simulation.ts'
import type { Account } from '../world.ts'
import type { GroupEntry } from './address-book.ts'
import { expiredSyncToken, readPageSize, syncTokenDays } from './connections.ts'

const groupFields = ['clientData', 'groupType', 'memberCount', 'metadata', 'name']

interface GroupToken {
  sub: string
  change: number
  since: number
  after: number
  fullSyncAtMs: number
}

/** contactGroups.list: one page of an account's labels and system groups, all or what changed since a sync token. @throws ApiError */
export function listContactGroups({ seed, clock }: Simulation, account: Account, query: URLSearchParams, emptyPage = false): object {
  const pageSize = readPageSize(query, 30)
  const fields = query.get('groupFields')?.split(',').filter(Boolean) ?? ['metadata', 'groupType', 'memberCount', 'name']
  const unknown = fields.find((name) => !groupFields.includes(name))
  if (unknown) throw invalidArgument(`Invalid groupFields mask path: "${unknown}".`)
  const book = account.addressBook
  const now = clock.now().epochMilliseconds
  const open = (kind: 'page' | 'sync', value: string | null) => {
    if (!value) return undefined
    const token = openToken<GroupToken>(seed, `groups.${kind}`, value)
    if (token?.sub !== account.sub) throw invalidArgument(kind === 'page' ? 'Page token is invalid.' : 'Sync token is invalid.')
    const expired = token.change < book.expiredBefore() || token.change > book.lastChange()
    if (kind === 'sync' && (expired || now >= token.fullSyncAtMs + syncTokenDays * 86_400_000)) throw expiredSyncToken()
    return token
  }
  const sync = open('sync', query.get('syncToken'))
  const start = open('page', query.get('pageToken')) ?? {
    sub: account.sub,
    change: book.lastChange(),
    since: sync?.change ?? 0,
    after: 0,
    fullSyncAtMs: sync?.fullSyncAtMs ?? now,
  }
  const matching = book.groups().filter((group) => group.change > start.since && (sync ? true : !group.deleted))
  const rest = matching.filter((group) => group.change > start.after)
  const listed = rest.slice(0, emptyPage ? 0 : pageSize)
  const more = emptyPage || rest.length > listed.length
  return {
    ...(listed.length > 0 && { contactGroups: listed.map((group) => showGroup(group, fields, book.memberCount(group.resourceName))) }),
    ...(more
      ? { nextPageToken: sealToken(seed, 'groups.page', { ...start, after: listed.at(-1)?.change ?? start.after }) }
      : { nextSyncToken: sealToken(seed, 'groups.sync', { ...start, after: 0 }) }),
    ...(!sync && { totalItems: matching.length }),
  }
}

function showGroup(group: GroupEntry, fields: string[], memberCount: number): object {
  const formattedName = group.system ? (systemNames[group.name] ?? group.name) : group.name
  return {
    resourceName: group.resourceName,
    etag: `etag${group.change}`,
    ...(fields.includes('metadata') && { metadata: { updateTime: group.updatedAt.toString(), ...(group.deleted && { deleted: true }) } }),
    ...(fields.includes('groupType') && { groupType: group.system ? 'SYSTEM_CONTACT_GROUP' : 'USER_CONTACT_GROUP' }),
    ...(fields.includes('name') && { name: group.name, formattedName }),
    ...(fields.includes('memberCount') && memberCount > 0 && { memberCount }),
  }
}

const systemNames: Record<string, string> = {
  myContacts: 'My Contacts',
  starred: 'Starred',
  friends: 'Friends',
  family: 'Family',
  coworkers: 'Coworkers',
  blocked: 'Blocked',
  chatBuddies: 'Chat contacts',
  all: 'All Contacts',
}
