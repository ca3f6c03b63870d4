import { Hono } from 'hono'
import { authorize } from '../bearer.ts'
import { ApiError, invalidArgument, notFound } from '../errors.ts'
import { scopes } from '../oauth/scopes.ts'
import type { Simulation, SimulatorEnv } from '../simulation.ts'
import type { Account } from '../world.ts'
import { listPeople } from './connections.ts'
import { listContactGroups } from './groups.ts'
import { completePerson, type Person } from './person.ts'
import { drawPhoto, oversizedPhoto } from './photos.ts'
import { createFirstPageQuota } from './quota.ts'
import { readOtherView, readView, showPerson, type View } from './view.ts'

const contacts = [scopes.contactsReadonly, scopes.contacts]
const anyProfile = [...contacts, scopes.profile, scopes.email]

/** The most names one people:batchGet takes (API reference). */
const maxBatch = 200
const maxPhotoPixels = 512

/** The People API, and the photos it links to. */
export function peopleRoutes(simulation: Simulation): Hono<SimulatorEnv> {
  const { origin } = simulation
  const routes = new Hono<SimulatorEnv>()
  const quota = createFirstPageQuota(simulation)

  const find = (account: Account, name: string): Person | undefined => {
    if (name === 'people/me' || name === `people/${account.sub}`) return ownProfile(account)
    const entry = account.addressBook.person(name)
    return entry && !entry.deleted ? entry.person : undefined
  }
  const show = (person: Person, view: View) => showPerson(person, view, origin(), { listed: false })

  routes.get('/v1/people/:id/connections', (c) => {
    const account = authorize(simulation, c, 'people.connections.list', 'google.people.v1.PeopleService.ListConnections', contacts)
    if (c.req.param('id') !== 'me') throw invalidArgument('Resource name must be "people/me".')
    const query = new URL(c.req.url).searchParams
    if (!query.get('syncToken') && !query.get('pageToken')) quota.take(account)
    const list = { name: 'connections', book: account.addressBook, view: readView(query), emptyPage: c.get('emptyPage') } as const
    return c.json(listPeople(simulation, account, query, list))
  })
  routes.get('/v1/otherContacts', (c) => {
    const method = 'google.people.v1.OtherContactsService.ListOtherContacts'
    const account = authorize(simulation, c, 'otherContacts.list', method, [scopes.otherContactsReadonly])
    const query = new URL(c.req.url).searchParams
    if (!query.get('syncToken') && !query.get('pageToken')) quota.take(account)
    const list = { name: 'otherContacts', book: account.otherContacts, view: readOtherView(query), emptyPage: c.get('emptyPage') } as const
    return c.json(listPeople(simulation, account, query, list))
  })
  routes.get('/v1/people:batchGet', (c) => {
    const account = authorize(simulation, c, 'people.getBatchGet', 'google.people.v1.PeopleService.GetBatchGet', contacts)
    const query = new URL(c.req.url).searchParams
    const names = query.getAll('resourceNames')
    if (names.length === 0 || names.length > maxBatch) throw invalidArgument(`Between 1 and ${maxBatch} resource names are needed.`)
    const view = readView(query)
    return c.json({
      responses: names.map((name) => {
        const person = find(account, name)
        if (!person) return { httpStatusCode: 404, requestedResourceName: name, status: { code: 5, message: notFound().message } }
        return { httpStatusCode: 200, person: show(person, view), requestedResourceName: name, status: {} }
      }),
    })
  })
  routes.get('/v1/people/:id', (c) => {
    const name = `people/${c.req.param('id')}`
    const account = authorize(simulation, c, 'people.get', 'google.people.v1.PeopleService.GetPerson', name.startsWith('people/c') ? contacts : anyProfile)
    const person = find(account, name)
    if (!person) throw notFound()
    return c.json(show(person, readView(new URL(c.req.url).searchParams)))
  })
  routes.get('/v1/contactGroups', (c) => {
    const account = authorize(simulation, c, 'contactGroups.list', 'google.people.v1.ContactGroupsService.ListContactGroups', contacts)
    return c.json(listContactGroups(simulation, account, new URL(c.req.url).searchParams, c.get('emptyPage')))
  })

  // As Google's photo host: no credentials, the size in `=s…` at the end of the name or in `sz`.
  routes.get('/photos/:name', (c) => {
    c.set('operation', 'photo')
    // Two photos that a careful client refuses.
    if (c.req.param('name').startsWith('elsewhere')) return c.redirect(simulation.settings.photoRedirect)
    if (c.req.param('name').startsWith('oversized'))
      return c.body(oversizedPhoto(simulation.settings.oversizedPhotoBytes), 200, { 'content-type': 'image/png' })
    const [, id, suffix] = /^([a-z]\d+)(?:=s(\d{1,4}))?$/.exec(c.req.param('name')) ?? []
    if (!id) throw new ApiError(404, 'NOT_FOUND', 'No such photo.')
    const size = Math.min(Number(c.req.query('sz') ?? suffix ?? 100) || 100, maxPhotoPixels)
    return c.body(drawPhoto(id, size), 200, { 'content-type': 'image/png', 'cache-control': 'public, max-age=86400, no-transform', etag: `"${id}-${size}"` })
  })
  return routes
}

function ownProfile(account: Account): Person {
  const source = { type: 'PROFILE', id: account.sub }
  const verified = { source, verified: account.emailVerified }
  const person = completePerson(
    {
      names: [{ givenName: account.givenName, familyName: account.familyName, metadata: { source } }],
      emailAddresses: [{ value: account.email, metadata: verified }],
      photos: [{ url: `/photos/${account.pictureId}=s100`, metadata: { source } }],
      locales: [{ value: account.locale, metadata: { source } }],
    },
    { number: 0n, sourceNumber: 0n, updatedAt: Temporal.Instant.from('2020-01-01T00:00:00Z'), revision: 0, region: account.region },
  )
  const sources = person.metadata?.sources?.filter((one) => one.type === 'PROFILE') ?? []
  return { ...person, resourceName: `people/${account.sub}`, metadata: { ...person.metadata, sources } }
}
