import { people, type people_v1 } from 'googleapis/build/src/apis/people/index.js'
import { createHash } from 'node:crypto'
import type { Ctx } from '../../core/ctx.ts'
import { callGoogle, clientOptions } from '../call.ts'

/** A person as the People API writes it. */
export type Person = people_v1.Schema$Person

/** Every field of a person that a connected application may read. */
const personFields = [
  'addresses', 'ageRanges', 'biographies', 'birthdays', 'calendarUrls', 'clientData', 'coverPhotos', 'emailAddresses', 'events', 'externalIds', 'genders', 'imClients', 'interests', 'locales',
  'locations', 'memberships', 'metadata', 'miscKeywords', 'names', 'nicknames', 'occupations', 'organizations', 'phoneNumbers', 'photos', 'relations', 'sipAddresses', 'skills', 'urls', 'userDefined',
].join(',') // prettier-ignore

/** The most people that one people:batchGet takes. */
export const maxBatch = 200
/** A list carries no more addresses or numbers of one person than this. */
const maxListedValues = 100

/** One page of an address book. */
export interface ConnectionsPage {
  people: Person[]
  /** Absent on the last page. */
  nextPageToken: string | null
  /** On the last page only: with it, later calls say only what has changed. */
  nextSyncToken: string | null
  total: number | null
}

/** Which parameters page and sync tokens are good for: Google takes them back only with the same ones. */
export function paramsHashOf(pageSize: number): string {
  return createHash('sha256').update(`${personFields} ${pageSize}`).digest('base64url').slice(0, 16)
}

/** One page of the owner's contacts: of all of them, or with a sync token of those that have changed since. Values beyond what a list carries are fetched as well. @throws GoogleFailure */
export async function listConnections(
  ctx: Ctx,
  { pageToken, syncToken, pageSize }: { pageToken: string | null; syncToken: string | null; pageSize: number },
): Promise<ConnectionsPage> {
  const page = await callPeople(ctx, (api) =>
    api.people.connections.list({
      resourceName: 'people/me',
      personFields,
      pageSize,
      requestSyncToken: true,
      ...(pageToken === null ? {} : { pageToken }),
      ...(syncToken === null ? {} : { syncToken }),
    }),
  )
  const listed = (page.connections ?? []).filter(({ resourceName }) => resourceName)
  const cut = listed.filter(({ emailAddresses, phoneNumbers }) => emailAddresses?.length === maxListedValues || phoneNumbers?.length === maxListedValues)
  const whole = new Map<string, Person>()
  for (let at = 0; at < cut.length; at += maxBatch) {
    const names = cut.slice(at, at + maxBatch).map(({ resourceName }) => resourceName ?? '')
    for (const [name, person] of await getPeople(ctx, names)) if (person) whole.set(name, person)
  }
  return {
    // What a list says of deletions and earlier names, a single person's record does not.
    people: listed.map((person) => {
      const all = whole.get(person.resourceName ?? '')
      return all ? { ...all, metadata: { ...all.metadata, ...person.metadata } } : person
    }),
    nextPageToken: page.nextPageToken || null,
    nextSyncToken: page.nextSyncToken || null,
    total: page.totalItems ?? page.totalPeople ?? null,
  }
}

/** People by the names that were asked for, at most `maxBatch`; null for those who are not there any more. Of whom Google says nothing at the moment is missing. @throws GoogleFailure */
export async function getPeople(ctx: Ctx, resourceNames: readonly string[]): Promise<Map<string, Person | null>> {
  const { responses } = await callPeople(ctx, (api) => api.people.getBatchGet({ resourceNames: [...resourceNames], personFields }))
  const found = new Map<string, Person | null>()
  for (const { requestedResourceName, person, httpStatusCode, status } of responses ?? []) {
    if (!requestedResourceName) continue
    if (person) found.set(requestedResourceName, person)
    else if (httpStatusCode === 404 || status?.code === notFound) found.set(requestedResourceName, null)
  }
  return found
}

/** NOT_FOUND in google.rpc.Code. */
const notFound = 5

/** One page of the owner's labels. */
export interface GroupsPage {
  /** `name` is null for what is deleted, and for Google's own groups that nobody uses as labels. */
  groups: { resourceName: string; name: string | null }[]
  nextPageToken: string | null
  nextSyncToken: string | null
}

/** One page of the owner's labels: of all of them, or with a sync token of those that have changed since. @throws GoogleFailure */
export async function listGroups(ctx: Ctx, { pageToken, syncToken }: { pageToken: string | null; syncToken: string | null }): Promise<GroupsPage> {
  const page = await callPeople(ctx, (api) =>
    api.contactGroups.list({
      pageSize: 1000,
      groupFields: 'name,groupType,metadata',
      ...(pageToken === null ? {} : { pageToken }),
      ...(syncToken === null ? {} : { syncToken }),
    }),
  )
  return {
    groups: (page.contactGroups ?? []).flatMap((group) =>
      group.resourceName ? [{ resourceName: group.resourceName, name: group.metadata?.deleted ? null : labelOf(group) }] : [],
    ),
    nextPageToken: page.nextPageToken || null,
    nextSyncToken: page.nextSyncToken || null,
  }
}

/** Groups of Google's own that people once used as labels; the others (everybody, the starred, the blocked) are none. */
const systemLabels = new Set(['contactGroups/friends', 'contactGroups/family', 'contactGroups/coworkers'])

function labelOf({ resourceName, groupType, formattedName, name }: people_v1.Schema$ContactGroup): string | null {
  if (groupType === 'SYSTEM_CONTACT_GROUP' && !systemLabels.has(resourceName ?? '')) return null
  return (formattedName ?? name)?.trim() || null
}

function callPeople<Data extends object>(ctx: Ctx, call: (api: people_v1.People) => Promise<{ data: Data }>): Promise<Data> {
  return callGoogle(ctx, { api: 'people', units: 1 }, (accessToken) => call(people({ version: 'v1', ...clientOptions(ctx, accessToken) })))
}
