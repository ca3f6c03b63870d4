import {
  getNamedType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isCompositeType,
  isInterfaceType,
  isRequiredArgument,
  isUnionType,
} from 'graphql'
import { expect } from 'vitest'
import { giveConsent } from '../../src/consent/service.ts'
import { type Ctx, ownerOf } from '../../src/core/ctx.ts'
import { newId } from '../../src/core/ids.ts'
import { schema } from '../../src/schema.ts'
import { startImport } from '../../src/exchange/run.ts'
import { encodeId } from '../../src/graphql/globalIds.ts'
import { startSession } from '../../src/accounts/sessions.ts'
import type { fixedClock } from '../../src/core/clock.ts'
import type { Answer, Person, TestApp } from '../support/app.ts'
import { addScheduling } from '../calendar/scheduled.ts'

/** What a world has one of. Each name ends in a number where several of a type are needed, one for each call that uses it up. */
export const things = [
  'Account',
  'ApiToken',
  'CalendarEvent',
  'ContactSuggestion',
  'ConsentRecord',
  'Contact',
  'Contact1',
  'Contact2',
  'Contact3',
  'Contact4',
  'Contact5',
  'Contact6',
  'ContactMerge',
  'ContactsImportRun',
  'Delivery',
  'Interaction',
  'Interaction1',
  'Note',
  'Note1',
  'PrivacyRequest',
  'PrivacyRequest1',
  'Reminder',
  'Reminder1',
  'Reminder2',
  'Session',
  'Tag',
] as const
/** The name of something in a world. */
export type Thing = (typeof things)[number]

/** An account with one of everything. Every text in it contains its mark. */
export interface World {
  who: Person
  mark: string
  ids: Record<Thing, string>
}

/** The type of a thing. */
export const typeOf = (thing: Thing): string => thing.replace(/\d$/, '')

/** The arguments of a root field, given how its ids come to be; `fresh` makes a text of the caller's own. Several where ids go into several places. */
export type Arguments = (of: (thing: Thing) => string, own: (thing: Thing) => string, fresh: (what: string) => string) => Record<string, unknown>[]

const paging = () => [{ first: 20 }]
const none = () => [{}]
const day = '2026-06-01T09:00'

/** How every root field is called. Those that use something up come last, and each uses up a thing of its own. A new field without an entry fails the tests by name. */
export const calls: Readonly<Record<string, Arguments>> = {
  'Query.contact': (of) => [{ id: of('Contact') }],
  'Query.contacts': (of, _own, fresh) => [
    { first: 20 },
    { first: 20, includeArchived: true, search: fresh('') },
    { first: 20, orderBy: [{ field: 'LAST_INTERACTION_AT', direction: 'DESC' }], filter: { tag: { contains: 'a' } } },
  ],
  'Query.contactsInBin': paging,
  'Query.dataMap': none,
  'Query.controller': none,
  'Query.policyVersions': none,
  'Query.policyDiff': () => [{ from: 1, to: 2 }],
  'Query.retentionSchedule': none,
  'Query.cookies': none,
  'Query.purposes': none,
  'Query.consentReceipt': (of) => [{ id: of('ConsentRecord') }],
  'Query.processingRecord': none,
  'Query.erasurePlan': none,
  'Query.signingKeys': none,
  'Query.deliveries': paging,
  'Query.interactions': (of) => [{ first: 20 }, { first: 20, filter: { contactId: of('Contact') } }],
  'Query.node': (of) =>
    ['Account', 'ApiToken', 'CalendarEvent', 'Contact', 'ContactsImportRun', 'Delivery', 'Interaction', 'Note', 'PrivacyRequest', 'Reminder', 'Session'].map(
      (type) => ({
        id: of(type as Thing),
      }),
    ),
  'Query.nodes': (of) => [{ ids: (['Contact', 'Note', 'Reminder', 'Interaction', 'Delivery'] as const).map(of) }],
  'Query.notes': (_of, _own, fresh) => [{ first: 20 }, { first: 20, search: fresh('') }],
  'Query.privacyCase': (of) => [{ id: of('PrivacyRequest') }],
  'Query.privacyRequestByToken': () => [{ token: 'none' }],
  'Query.privacyRequestQueue': paging,
  'Query.reminders': (of) => [{ first: 20 }, { first: 20, filter: { contactId: of('Contact') } }],
  'Query.tags': none,
  'Query.viewer': none,
  'Mutation.accountMailResume': none,
  'Mutation.accountUpdate': (_of, _own, fresh) => [{ input: { name: fresh('name'), sendTime: '08:00', timeZone: 'Europe/Paris' } }],
  'Mutation.apiTokenCreate': (_of, _own, fresh) => [{ input: { name: fresh('token'), scopes: ['CONTACTS_READ'] } }],
  'Mutation.calendarEventSchedule': (of, own, fresh) => [
    { input: { contactIds: [of('Contact'), own('Contact1')], summary: fresh('summary'), startsAt: day, endsAt: '2026-06-01T10:00' } },
    { input: { interactionId: of('Interaction'), summary: fresh('summary'), startsAt: day, endsAt: '2026-06-01T10:00' } },
  ],
  'Mutation.consentGive': () => [{ purpose: 'MARKETING' }],
  'Mutation.consentWithdraw': () => [{ purpose: 'MARKETING' }],
  'Mutation.policyAcknowledge': () => [{ hash: '00' }],
  'Mutation.contactCreate': (of, _own, fresh) => [
    { input: { name: { given: fresh('given') }, emails: [{ address: `${fresh('mail')}@example.test` }], relations: [{ contactId: of('Contact') }] } },
  ],
  'Mutation.contactsCreate': (of, _own, fresh) => [
    { inputs: [{ name: { given: fresh('given') }, relations: [{ contactId: of('Contact') }] }], onError: 'SKIP_INVALID' },
  ],
  'Mutation.contactsImport': (_of, _own, fresh) => [
    { input: { format: 'VCARD', content: `BEGIN:VCARD\nVERSION:4.0\nUID:shared\nFN:${fresh('card')}\nNOTE:${fresh('about')}\nEND:VCARD\n` } },
    { input: { format: 'CSV', dryRun: true, content: `Name,E-mail 1 - Value\n${fresh('line')},line@example.test\n` } },
  ],
  'Mutation.contactUpdate': (of, own, fresh) => [
    { id: of('Contact'), input: { about: fresh('about'), tags: [fresh('tag'), 'Other'] } },
    { id: own('Contact'), input: { relations: [{ contactId: of('Contact1') }] } },
  ],
  'Mutation.contactArchive': (of) => [{ id: of('Contact1') }],
  'Mutation.contactUnarchive': (of) => [{ id: of('Contact1') }],
  'Mutation.contactFollowUpSet': (of) => [{ id: of('Contact'), every: 'P2W' }],
  'Mutation.contactFollowUpClear': (of) => [{ id: of('Contact') }],
  'Mutation.contactMerge': (of, own) => [
    { input: { survivorId: of('Contact2'), mergedIds: [own('Contact3')], dryRun: true } },
    { input: { survivorId: own('Contact2'), mergedIds: [of('Contact3')] } },
  ],
  'Mutation.contactMergeUndo': (of) => [{ id: of('ContactMerge') }],
  'Mutation.contactDelete': (of) => [{ id: of('Contact1') }],
  'Mutation.contactRestore': (of) => [{ id: of('Contact1') }, { id: of('Contact6') }],
  'Mutation.googleConnect': () => [{ features: ['CONTACTS'] }],
  'Mutation.contactSuggestionAccept': (of) => [{ id: of('ContactSuggestion') }],
  'Mutation.contactSuggestionsStop': () => [{}],
  'Query.contactSuggestions': () => [{}],
  'Mutation.googleSync': () => [{ feature: 'CONTACTS', full: true }],
  'Mutation.googleDisconnect': () => [{ features: ['GMAIL'], importedData: 'KEEP' }, { importedData: 'PURGE' }],
  'Mutation.interactionLog': (of, own, fresh) => [
    {
      input: { kind: 'CALL', contactIds: [of('Contact'), own('Contact1')], occurredAt: '2026-05-01T10:00:00Z', subject: fresh('subject'), note: fresh('note') },
    },
  ],
  'Mutation.interactionDelete': (of) => [{ id: of('Interaction1') }],
  'Mutation.noteCreate': (of, _own, fresh) => [{ input: { contactId: of('Contact'), body: fresh('body') } }],
  'Mutation.noteUpdate': (of, _own, fresh) => [{ id: of('Note'), input: { body: fresh('body'), pinned: true } }],
  'Mutation.noteDelete': (of) => [{ id: of('Note1') }],
  'Mutation.minorReport': (of) => [{ contactId: of('Contact2') }],
  'Mutation.privacyCaseDecide': (of) => [{ id: of('PrivacyRequest'), parts: [{ part: 'everything', granted: true }] }],
  'Mutation.privacyCaseExtend': (of) => [{ id: of('PrivacyRequest'), reason: 'A reason.' }],
  'Mutation.privacyCaseLift': (of) => [{ id: of('PrivacyRequest') }],
  'Mutation.privacyCaseLiftAnnounce': (of) => [{ id: of('PrivacyRequest'), reason: 'A reason.' }],
  'Mutation.privacyCaseNote': (of) => [{ id: of('PrivacyRequest'), reason: 'A reason.' }],
  'Mutation.privacyCaseProve': (of) => [{ id: of('PrivacyRequest'), level: 4, method: 'SIGNED_DECLARATION' }],
  'Mutation.privacyCaseReopen': (of) => [{ id: of('PrivacyRequest'), reason: 'A reason.' }],
  'Mutation.privacyIntakeRecord': (_of, _own, fresh) => [
    { input: { type: 'ACCESS', address: 'intake@example.test', channel: 'POST', receivedAt: '2026-05-01T10:00:00Z', details: fresh('intake') } },
  ],
  'Mutation.privacyRequestCodeSend': () => [{ token: 'none' }],
  'Mutation.privacyArchiveLink': (of) => [{ id: of('PrivacyRequest') }],
  'Mutation.privacyRequestConfirm': (of) => [{ id: of('PrivacyRequest') }],
  'Mutation.privacyRequestFile': (_of, _own, fresh) => [{ input: { type: 'ERASURE', address: 'filed@example.test', details: fresh('filed') } }],
  'Mutation.privacyRequestRecall': () => [{ token: 'none' }],
  'Mutation.privacyRequestSubmit': (of, _own, fresh) => [
    { input: { type: 'COMPLAINT', details: fresh('complaint') } },
    { input: { type: 'RECTIFICATION', corrections: [{ id: of('Contact'), field: 'nameFamily', value: fresh('right') }] } },
  ],
  'Mutation.privacyRequestVerify': () => [{ token: 'none', code: '00000000' }],
  'Mutation.privacyRequestWithdraw': (of) => [{ id: of('PrivacyRequest1') }],
  'Mutation.reminderCreate': (of, _own, fresh) => [{ input: { contactId: of('Contact'), title: fresh('title'), details: fresh('details'), dueAt: day } }],
  'Mutation.reminderUpdate': (of, _own, fresh) => [{ id: of('Reminder'), input: { title: fresh('title'), dueAt: day, recurrence: 'FREQ=WEEKLY' } }],
  'Mutation.reminderSnooze': (of) => [{ id: of('Reminder'), until: '2026-07-01T09:00:00Z' }],
  'Mutation.reminderComplete': (of) => [{ id: of('Reminder1') }],
  'Mutation.reminderDelete': (of) => [{ id: of('Reminder2') }],
  'Mutation.tagFollowUpSet': (_of, own) => [{ tag: own('Tag'), every: 'P1M' }],
  'Mutation.tagFollowUpClear': (of) => [{ tag: of('Tag') }],
  'Mutation.tagRename': (of) => [{ tag: of('Tag'), name: 'Renamed' }],
  'Mutation.tagDelete': (of) => [{ tag: of('Tag') }],
  'Mutation.apiTokenRevoke': (of) => [{ id: of('ApiToken') }],
  'Mutation.sessionRevoke': (of) => [{ id: of('Session') }],
  'Mutation.sessionsRevokeAll': () => [{ includeCurrent: false }],
}

/** Every root field of the schema, as `calls` names them. */
export const rootFields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
  Object.keys(type?.getFields() ?? {}).map((name) => `${type?.name}.${name}`),
)

/** The document that calls a root field and selects nearly all that it can answer. */
export function documentOf(name: string): string {
  const [operation = '', field = ''] = name.split('.')
  const declared = fieldOf(name)
  const variables = declared.args.map((arg) => `$${arg.name}: ${String(arg.type)}`)
  const passed = declared.args.map((arg) => `${arg.name}: $${arg.name}`)
  const list = (parts: string[]): string => (parts.length > 0 ? `(${parts.join(', ')})` : '')
  return `${operation.toLowerCase()} ${list(variables)} { ${field}${list(passed)} ${selection(declared.type)} }`
}

/** The declaration of a root field. */
export function fieldOf(name: string): GraphQLField<unknown, unknown> {
  const [type = '', field = ''] = name.split('.')
  return (schema.getType(type) as GraphQLObjectType).getFields()[field] ?? expect.fail(`There is no ${name}.`)
}

/** Calls a root field as the signed-in browser. */
export function call(kith: TestApp, who: Person, name: string, args: Record<string, unknown>): Promise<Answer> {
  return kith.graphql(documentOf(name), args, { headers: who.browser })
}

/** All of a type, and of what it holds; of a type that was read already its plain fields alone. */
function selection(type: GraphQLOutputType, read = new Set<string>()): string {
  const named = getNamedType(type)
  if (!isCompositeType(named)) return ''
  // Of nodes the id alone is common. Members of a union may give one name to fields of different types, so errors are read by their interface.
  if (isInterfaceType(named)) return `{ __typename ${Object.keys(named.getFields()).join(' ')} }`
  if (isUnionType(named)) {
    const picked = named.getTypes().filter((member) => !member.name.endsWith('Error'))
    const errors = named.getTypes().length > picked.length ? '... on Error { code message }' : ''
    return `{ __typename ${errors} ${picked.map((member) => `... on ${member.name} ${selection(member, read)}`).join(' ')} }`
  }
  const known = read.has(named.name)
  read.add(named.name)
  const fields = Object.values(named.getFields()).flatMap((field) => {
    if (!isCompositeType(getNamedType(field.type))) return [field.name]
    if (known || field.args.some(isRequiredArgument) || ['pageInfo', 'edges'].includes(field.name)) return []
    return [`${field.name}${field.args.some((arg) => arg.name === 'first') ? '(first: 2)' : ''} ${selection(field.type, read)}`]
  })
  return `{ __typename ${fields.join(' ')} }`
}

/** The entry of the ledger that a consent makes. */
async function consentTo(ctx: Person['ctx']): Promise<string> {
  await giveConsent(ctx, 'GOOGLE_CALENDAR')
  const { id } = await ctx.db.consentRecord.findFirstOrThrow({ where: { ownerId: ownerOf(ctx) } })
  return encodeId('ConsentRecord', id)
}

/** Makes an account with one of everything. */
export async function makeWorld(kith: TestApp & { clock: ReturnType<typeof fixedClock> }, mark: string): Promise<World> {
  const who = await kith.signUp({ email: `${mark}@example.test`, name: mark })
  const fresh = (what: string) => `${mark} ${what}`
  const ids: Partial<Record<Thing, string>> = { Account: encodeId('Account', who.accountId), Tag: fresh('tag') }
  const make = async (name: string, args: Record<string, unknown>): Promise<string> => {
    const { data, errors } = await call(kith, who, name, args)
    const made = data?.[name.split('.')[1] ?? '']
    return made?.id ?? made?.apiToken?.id ?? expect.fail(`${name}: ${JSON.stringify(errors ?? made)}`)
  }
  for (const [index, thing] of (['Contact', 'Contact1', 'Contact2', 'Contact3', 'Contact4', 'Contact5', 'Contact6'] as const).entries()) {
    ids[thing] = await make('Mutation.contactCreate', {
      input: {
        name: { given: `${mark}${index}`, family: fresh('family'), nickname: fresh('nick') },
        about: fresh('about'),
        externalReference: fresh(`reference ${index}`),
        emails: [{ address: `${mark}${index}@example.test`, label: fresh('label') }],
        phones: [{ number: '030 1234567', label: fresh('label') }],
        addresses: [{ street: fresh('street'), city: fresh('city') }],
        urls: [{ url: `https://${mark}.example` }],
        organizations: [{ name: fresh('organisation'), title: fresh('title') }],
        dates: [{ kind: 'OTHER', label: fresh('date'), date: { year: 1990 } }],
        customFields: [{ name: fresh('field'), value: fresh('value') }],
        relations: [{ name: fresh('relation') }],
        tags: [fresh('tag')],
      },
    })
  }
  ids.ConsentRecord = await consentTo(who.ctx)
  const contactId = ids.Contact
  for (const thing of ['Note', 'Note1'] as const) ids[thing] = await make('Mutation.noteCreate', { input: { contactId, body: fresh('body') } })
  for (const thing of ['Interaction', 'Interaction1'] as const)
    ids[thing] = await make('Mutation.interactionLog', {
      input: { kind: 'CALL', contactIds: [contactId], occurredAt: '2026-05-01T10:00:00Z', subject: fresh('subject') },
    })
  for (const thing of ['Reminder', 'Reminder1', 'Reminder2'] as const)
    ids[thing] = await make('Mutation.reminderCreate', {
      input: { contactId, title: fresh('title'), details: fresh('details'), dueAt: '2026-05-04T12:30', timeZone: 'UTC' },
    })
  for (const thing of ['PrivacyRequest', 'PrivacyRequest1'] as const)
    ids[thing] = await make('Mutation.privacyRequestSubmit', { input: { type: 'COMPLAINT', details: fresh(thing) } })
  await call(kith, who, 'Mutation.contactFollowUpSet', { id: contactId, every: 'P1W' })
  ids.ContactSuggestion = encodeId('ContactSuggestion', await addSuggestion(who.ctx, fresh('suggested')))
  ids.CalendarEvent = encodeId('CalendarEvent', await addScheduling(who.ctx, fresh('summary')))
  ids.ContactMerge = await make('Mutation.contactMerge', { input: { survivorId: ids.Contact4, mergedIds: [ids.Contact5] } })
  await call(kith, who, 'Mutation.contactDelete', { id: ids.Contact6 })
  ids.ApiToken = await make('Mutation.apiTokenCreate', { input: { name: fresh('token'), scopes: ['CONTACTS_READ'] } })
  ids.Session = encodeId('Session', (await startSession(kith.app, who.ownerId, { userAgent: fresh('browser') })).sessionId)
  const card = `BEGIN:VCARD\nVERSION:4.0\nUID:${mark}\nFN:${fresh('card')}\nX-KITH:${fresh('unmodelled')}\nEND:VCARD\n`
  const run = await startImport(who.ctx, 'VCARD', new Blob([card, 'BEGIN:VCARD\nVERSION:4.0\nEND:VCARD\n']).stream() as ReadableStream<Uint8Array>)
  ids.ContactsImportRun = encodeId('ContactsImportRun', run.id)
  kith.clock.advance({ hours: 3 })
  await kith.runJobs()
  const { data } = await call(kith, who, 'Query.deliveries', { first: 1 })
  ids.Delivery = data.deliveries.nodes[0]?.id ?? expect.fail('Nothing was delivered.')
  return { who, mark, ids: ids as Record<Thing, string> }
}

/** Somebody whom Google suggests. */
async function addSuggestion(ctx: Ctx, name: string): Promise<string> {
  const id = newId(ctx.clock)
  await ctx.db.googleOtherContact.create({
    data: {
      ownerId: ownerOf(ctx),
      id,
      resourceName: `otherContacts/${id}`,
      name,
      sortName: name,
      emails: [],
      phones: ['+49305550100'],
      canonical: [],
      seenRun: 1,
    },
  })
  return id
}
