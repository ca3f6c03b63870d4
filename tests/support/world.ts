import { newId } from '../../src/core/ids.ts'
import { exchangeRoutes } from '../../src/exchange/routes.ts'
import { encodeId } from '../../src/graphql/globalIds.ts'
import { addScheduling } from '../calendar/scheduled.ts'
import type { Person, TestApp } from './app.ts'

/** The global id of one thing of each kind, children included, that an account has. */
export type World = Readonly<Record<string, string>>

/** Stands in every text of a world. */
export const marker = 'Sesame'

/** Gives somebody one of everything; every text of it contains the marker. */
export async function makeWorld(kith: TestApp, who: Person): Promise<World> {
  const send = async (field: string, type: string, input: object, selection = 'id') => {
    const result = `${field[0]?.toUpperCase()}${field.slice(1)}`
    const { data, errors } = await who.graphql(
      `mutation ($input: ${result}Input!) { it: ${field}(input: $input) { __typename ... on ${type} { ${selection} } ... on Error { message } } }`,
      { input },
    )
    if (errors || data.it.__typename !== type) throw new Error(JSON.stringify(errors ?? data.it))
    return data.it
  }
  const contact = (input: object, selection = 'id') => send('contactCreate', 'Contact', input, selection)
  const other = (await contact({ displayName: `${marker} Other`, about: marker })).id as string
  const child = '{ id }'
  const full = await contact(
    {
      name: { given: marker, family: 'Full' },
      about: `${marker} about`,
      externalReference: `${marker}-1`,
      tags: [`${marker} tag`],
      emails: [{ address: `${marker}@example.test` }],
      phones: [{ number: '+49 30 5550177' }],
      addresses: [{ city: marker }],
      urls: [{ url: `https://${marker}.example.test/` }],
      organizations: [{ name: marker }],
      dates: [{ kind: 'BIRTHDAY', date: { month: 2, day: 3 } }],
      relations: [{ contactId: other, kind: 'friend' }],
      customFields: [{ name: marker, value: marker }],
    },
    `id emails ${child} phones ${child} addresses ${child} urls ${child} organizations ${child} dates ${child} relations ${child} customFields ${child}`,
  )
  const children = Object.fromEntries(
    ['emails', 'phones', 'addresses', 'urls', 'organizations', 'dates', 'relations', 'customFields'].map((name) => [name, full[name][0].id as string]),
  )
  const contactId = full.id as string
  const binned = (await contact({ displayName: `${marker} Binned` })).id as string
  await who.graphql('mutation ($id: ID!) { contactDelete(id: $id) { __typename } }', { id: binned })
  const survivor = (await contact({ displayName: `${marker} Survivor` })).id as string
  const merged = (await contact({ displayName: `${marker} Merged` })).id as string
  const { id: merge } = await send('contactMerge', 'ContactMerged', { survivorId: survivor, mergedIds: [merged] })
  const note = await send('noteCreate', 'Note', { contactId, body: marker })
  const reminder = await send('reminderCreate', 'Reminder', { contactId, title: marker, details: marker, dueAt: '2037-03-04T05:06', timeZone: 'UTC' })
  const interaction = await send('interactionLog', 'Interaction', {
    contactIds: [contactId],
    kind: 'CALL',
    direction: 'MUTUAL',
    occurredAt: '2025-03-04T05:06:00Z',
    subject: marker,
  })
  const upload = await exchangeRoutes(kith.app).request('/contacts/import', {
    method: 'POST',
    headers: { authorization: `Bearer ${await who.token()}`, 'content-type': 'text/vcard' },
    body: `BEGIN:VCARD\r\nVERSION:4.0\r\nFN:${marker} Imported\r\nEND:VCARD\r\n`,
  })
  const { id: run } = (await upload.json()) as { id: string }
  const request = await send('privacyRequestSubmit', 'PrivacyRequest', { type: 'COMPLAINT', details: marker })
  const delivery = newId(kith.app.clock)
  await kith.app.database.pool.query(
    `INSERT INTO deliveries ("ownerId", id, kind, "entityId", "occurrenceAt", state, "messageId", "createdAt") SELECT $1, $2, 'REMINDER', $2, now(), 'SENT', 'x', now()`,
    [who.ownerId, delivery],
  )
  await who.graphql('mutation { consentGive(purpose: "GOOGLE_CALENDAR") { __typename } }')
  const consent = await kith.app.database.prisma.consentRecord.findFirstOrThrow({ where: { ownerId: who.ownerId } })
  await kith.runJobs()
  const { data } = await who.graphql('{ tags { id } }')
  const viewer = (await kith.graphql('{ viewer { id sessions { id } apiTokens { id } } }', {}, { headers: who.browser })).data.viewer
  return {
    ...children,
    Account: viewer.id,
    ConsentRecord: encodeId('ConsentRecord', consent.id),
    ApiToken: viewer.apiTokens[0].id,
    Session: viewer.sessions[0].id,
    Contact: contactId,
    otherContact: other,
    binnedContact: binned,
    mergedContact: merged,
    reference: `ref:${marker}-1`,
    ContactMerge: merge,
    Note: note.id,
    Reminder: reminder.id,
    Interaction: interaction.id,
    ContactsImportRun: run,
    CalendarEvent: encodeId('CalendarEvent', await addScheduling(who.ctx, marker)),
    Delivery: encodeId('Delivery', delivery),
    PrivacyRequest: request.id,
    Tag: data.tags[0].id,
  }
}
