import { people, type people_v1 } from 'googleapis/build/src/apis/people/index.js'
import { createHash } from 'node:crypto'
import type { App } from '../app.ts'
import { failureOf, GoogleFailure } from './failure.ts'

/** A person as the People API writes it. */
export type Person = people_v1.Schema$Person

/** Every field of a person that a connected application may read. */
const personFields = [
  'addresses', 'ageRanges', 'biographies', 'birthdays', 'calendarUrls', 'clientData', 'coverPhotos', 'emailAddresses', 'events', 'externalIds', 'genders', 'imClients', 'interests', 'locales',
  'locations', 'memberships', 'metadata', 'miscKeywords', 'names', 'nicknames', 'occupations', 'organizations', 'phoneNumbers', 'photos', 'relations', 'sipAddresses', 'skills', 'urls', 'userDefined',
].join(',') // prettier-ignore

/** How long Google may take to answer, milliseconds. */
const timeoutMs = 30_000
/** The most people that one people:batchGet takes. */
const maxBatch = 200
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

/** One page of all of the owner's contacts. Values beyond what a list carries are fetched as well. @throws GoogleFailure */
export async function listConnections(
  app: App,
  accessToken: string,
  { pageToken, pageSize }: { pageToken: string | null; pageSize: number },
): Promise<ConnectionsPage> {
  const api = apiOf(app, accessToken)
  const page = await asked(app, () =>
    api.people.connections.list({ resourceName: 'people/me', personFields, pageSize, requestSyncToken: true, ...(pageToken === null ? {} : { pageToken }) }),
  )
  const listed = (page.connections ?? []).filter(({ resourceName }) => resourceName)
  const cut = listed.filter(({ emailAddresses, phoneNumbers }) => emailAddresses?.length === maxListedValues || phoneNumbers?.length === maxListedValues)
  const whole = new Map<string, Person>()
  for (let at = 0; at < cut.length; at += maxBatch) {
    const resourceNames = cut.slice(at, at + maxBatch).map(({ resourceName }) => resourceName ?? '')
    const { responses } = await asked(app, () => api.people.getBatchGet({ resourceNames, personFields }))
    for (const { requestedResourceName, person } of responses ?? []) if (requestedResourceName && person) whole.set(requestedResourceName, person)
  }
  return {
    people: listed.map((person) => whole.get(person.resourceName ?? '') ?? person),
    nextPageToken: page.nextPageToken || null,
    nextSyncToken: page.nextSyncToken || null,
    total: page.totalItems ?? page.totalPeople ?? null,
  }
}

/** The owner's labels: the names of contact groups by their resource names. @throws GoogleFailure */
export async function listLabels(app: App, accessToken: string): Promise<Map<string, string>> {
  const api = apiOf(app, accessToken)
  const labels = new Map<string, string>()
  let pageToken: string | null = null
  do {
    const page: people_v1.Schema$ListContactGroupsResponse = await asked(app, () =>
      api.contactGroups.list({ pageSize: 1000, groupFields: 'name,groupType,metadata', ...(pageToken === null ? {} : { pageToken }) }),
    )
    for (const group of page.contactGroups ?? []) {
      const name = labelOf(group)
      if (group.resourceName && name && !group.metadata?.deleted) labels.set(group.resourceName, name)
    }
    pageToken = page.nextPageToken || null
  } while (pageToken !== null)
  return labels
}

/** Groups of Google's own that people once used as labels; the others (everybody, the starred, the blocked) are none. */
const systemLabels = new Set(['contactGroups/friends', 'contactGroups/family', 'contactGroups/coworkers'])

function labelOf({ resourceName, groupType, formattedName, name }: people_v1.Schema$ContactGroup): string | null {
  if (groupType === 'SYSTEM_CONTACT_GROUP' && !systemLabels.has(resourceName ?? '')) return null
  return (formattedName ?? name)?.trim() || null
}

function apiOf(app: App, accessToken: string): people_v1.People {
  const auth = app.google.oauth()
  auth.setCredentials({ access_token: accessToken })
  const { origin } = app.google
  // Two versions of the library's own types meet here.
  return people({ version: 'v1', auth: auth as never, retry: false, timeout: timeoutMs, ...(origin === null ? {} : { rootUrl: `${origin}/` }) })
}

async function asked<Data extends object>(app: App, call: () => Promise<{ data: Data }>): Promise<Data> {
  let data: unknown
  try {
    ;({ data } = await call())
  } catch (error) {
    throw failureOf(error, app.clock.now())
  }
  // A page of a proxy's comes as text.
  if (typeof data !== 'object' || data === null) throw new GoogleFailure('unavailable', 'an answer that is no JSON')
  return data as Data
}
