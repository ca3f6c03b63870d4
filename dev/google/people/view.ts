import { invalidArgument } from '../errors.ts'
import { personFields, type Person, type PersonField } from './person.ts'

/** How a request wants people shown. */
export interface View {
  fields: ReadonlySet<PersonField>
  /** Source types to read from. */
  sources: ReadonlySet<SourceType>
}

/** Where a value of a person comes from. */
export type SourceType = 'CONTACT' | 'PROFILE' | 'OTHER_CONTACT'

const known: ReadonlySet<string> = new Set(personFields)

/** Lists carry at most this many addresses and numbers of one person (reference of people.connections.list). */
const maxListedValues = 100

/** Reads `personFields` (or its old writing, `requestMask.includeField`) and `sources`. @throws ApiError 400 */
export function readView(query: URLSearchParams): View {
  const mask =
    query.get('personFields')?.split(',') ??
    query
      .get('requestMask.includeField')
      ?.split(',')
      .map((path) => path.trim().replace(/^person\./, ''))
  const names = mask?.map((name) => name.trim()).filter(Boolean) ?? []
  if (names.length === 0) throw invalidArgument('personFields mask is required. Please specify one or more valid paths.')
  const unknown = names.find((name) => !known.has(name))
  if (unknown)
    throw invalidArgument(`Invalid personFields mask path: "${unknown}". Valid paths are documented at https://developers.google.com/people/api/rest.`)
  const asked = query.getAll('sources')
  const invalid = asked.find((source) => !/^READ_SOURCE_TYPE_(CONTACT|PROFILE|DOMAIN_CONTACT)$/.test(source))
  if (invalid) throw invalidArgument(`Invalid value at 'sources': "${invalid}"`)
  const sources = (['CONTACT', 'PROFILE'] as const).filter((type) => asked.length === 0 || asked.includes(`READ_SOURCE_TYPE_${type}`))
  return { fields: new Set(names as PersonField[]), sources: new Set(sources) }
}

/** What `readMask` of otherContacts.list may name where no profile is read (API reference). */
const otherFields: ReadonlySet<string> = new Set(['emailAddresses', 'metadata', 'names', 'phoneNumbers', 'photos'])

/** Reads `readMask` and `sources` of otherContacts.list. @throws ApiError 400 */
export function readOtherView(query: URLSearchParams): View {
  const names =
    query
      .get('readMask')
      ?.split(',')
      .map((name) => name.trim())
      .filter(Boolean) ?? []
  if (names.length === 0) throw invalidArgument('readMask is required. Please specify one or more valid paths.')
  const withProfile = query.getAll('sources').includes('READ_SOURCE_TYPE_PROFILE')
  const unknown = names.find((name) => !(withProfile ? known : otherFields).has(name))
  if (unknown) throw invalidArgument(`Invalid readMask path: "${unknown}".`)
  return { fields: new Set(names as PersonField[]), sources: new Set<SourceType>(withProfile ? ['OTHER_CONTACT', 'PROFILE'] : ['OTHER_CONTACT']) }
}

/** Whether any of a person's sources is read. */
export function isVisible(person: Person, view: View): boolean {
  return person.metadata?.sources?.some((source) => view.sources.has(source.type as SourceType)) ?? false
}

/** The person with nothing but what the view asks for. Photos get this origin. */
export function showPerson(person: Person, view: View, origin: string, { listed }: { listed: boolean }): Person {
  const shown: Record<string, unknown> = { resourceName: person.resourceName, etag: person.etag }
  for (const field of personFields) {
    if (!view.fields.has(field) || person[field] === undefined) continue
    if (field === 'metadata') {
      shown.metadata = { ...person.metadata, sources: person.metadata?.sources?.filter((source) => view.sources.has(source.type as SourceType)) }
      continue
    }
    let items = (person[field] as { metadata: { source: { type: string } }; url?: string }[]).filter((item) =>
      view.sources.has(item.metadata.source.type as SourceType),
    )
    if (listed && (field === 'emailAddresses' || field === 'phoneNumbers')) items = items.slice(0, maxListedValues)
    if (field === 'photos') items = items.map((photo) => ({ ...photo, ...(photo.url?.startsWith('/') && { url: origin + photo.url }) }))
    if (items.length > 0) shown[field] = items
  }
  return shown as Person
}
