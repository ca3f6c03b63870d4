import { type Operation, relayId } from './operation.ts'

/** (c) One contact with everything, and 25 interactions. */
function whole(sealed: boolean): Operation {
  const text = (...fields: string[]): string => (sealed ? fields.join(' ') : '')
  const said = (...fields: string[]): string => (sealed ? fields.map((field) => `, '${field}', ${field}`).join('') : '')
  const list = (table: string, fields: readonly string[]): string =>
    `(SELECT COALESCE(json_agg(json_build_object(${fields.map((field) => `'${field}', v."${field}"`).join(', ')}) ORDER BY v.position, v.id), '[]') FROM twin.${table} AS v WHERE v."ownerId" = $1 AND v."contactId" = c.id)`
  const lists = {
    emails: ['contact_emails', 'id', 'address', 'label', 'primary'],
    phones: ['contact_phones', 'id', 'number', 'label', 'primary'],
    addresses: ['contact_addresses', 'id', 'label', 'street', 'city', 'postalCode', 'country', 'countryCode'],
    urls: ['contact_urls', 'id', 'url', 'label'],
    organizations: ['contact_organizations', 'id', 'name', 'department', 'title'],
    dates: ['contact_dates', 'id', 'kind', 'year', 'month', 'day'],
    relations: ['contact_relations', 'id', 'name', 'kind'],
    ...(sealed && { customFields: ['contact_custom_fields', 'id', 'name', 'value'] }),
  }
  const selected = (fields: readonly string[], ids: string): string => fields.map((field) => (field === 'id' ? ids : field)).join(' ')
  const kithLists = Object.entries(lists).map(
    ([name, [, ...fields]]) => `${name} { ${selected(fields, 'id').replace('year month day', 'date { year month day }')} }`,
  )
  const twinLists = Object.entries(lists).map(
    ([name, [table = '', ...fields]]) =>
      `${name}: ${table.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())}ByOwnerIdAndContactId(orderBy: [POSITION_ASC, ROW_ID_ASC]) { nodes { ${selected(fields, 'id: rowId')} } }`,
  )
  return {
    key: sealed ? 'c+' : 'c',
    title: `One contact with everything and 25 interactions${sealed ? ', with their texts' : ''}`,
    kind: sealed ? 'sealed' : 'read',
    depth: 2,
    samples: async ({ readers, rows }) => {
      // Those with thirty interactions.
      const contacts = await rows<{ ownerId: string; id: string }>(
        'SELECT "ownerId", id FROM bench.book WHERE k % 20 = 0 AND k < 200 AND "ownerId" = ANY ($1) ORDER BY k, a',
        [readers.map(({ ownerId }) => ownerId)],
      )
      return contacts.flatMap(({ ownerId, id }) => {
        const reader = readers.find((each) => each.ownerId === ownerId)
        return reader ? { reader, floor: [id], kith: { id: relayId('Contact', id) }, postgraphile: { ownerId, id }, plain: { id } } : []
      })
    },
    query: `query Whole($id: ID!) { contact(id: $id) { id displayName name { given family nickname } starred externalReference archivedAt createdAt updatedAt lastInteractionAt ${text('about')} ${kithLists.join(' ')} tags sources { kind firstSeenAt }
      notes(first: 10) { nodes { id pinned createdAt ${text('body')} } } reminders(first: 10) { nodes { id dueAt state ${text('title', 'details')} } }
      interactions(first: 25) { nodes { id kind direction source occurredAt ${text('subject')} } } } }`,
    postgraphile: `query Whole($ownerId: UUID!, $id: UUID!) { contact(ownerId: $ownerId, rowId: $id) { id: rowId displayName name_given: nameGiven name_family: nameFamily name_nickname: nameNickname starred externalReference archivedAt createdAt updatedAt lastInteractionAt ${text('about')}
      ${twinLists.join(' ')} tags: contactTagsByOwnerIdAndContactId(orderBy: [POSITION_ASC]) { nodes { tag: ownerTag { name } } } sources: contactSourcesByOwnerIdAndContactId(orderBy: [FIRST_SEEN_AT_ASC, ROW_ID_ASC]) { nodes { kind firstSeenAt } }
      notes: notesByOwnerIdAndContactId(first: 10, orderBy: [PINNED_DESC, CREATED_AT_DESC, ROW_ID_DESC], condition: { hiddenAt: null }) { nodes { id: rowId pinned createdAt ${text('body')} } }
      reminders: remindersByOwnerIdAndContactId(first: 10, orderBy: [DUE_AT_ASC, ROW_ID_ASC], condition: { hiddenAt: null }) { nodes { id: rowId dueAt state ${text('title', 'details')} } }
      interactions: interactionContactsByOwnerIdAndContactId(first: 25, orderBy: [OCCURRED_AT_DESC, INTERACTION_ID_DESC]) { nodes { interaction: ownerInteraction { id: rowId kind direction source occurredAt ${text('subject')} } } } } }`,
    floor: {
      sql: `SELECT json_build_object('contact', json_build_object('id', c.id, 'displayName', c."displayName", 'name', json_build_object('given', "nameGiven", 'family', "nameFamily", 'nickname', "nameNickname"), 'starred', c.starred, 'externalReference', c."externalReference",
          'archivedAt', c."archivedAt", 'createdAt', c."createdAt", 'updatedAt', c."updatedAt", 'lastInteractionAt', c."lastInteractionAt"${said('about')},
          ${Object.entries(lists)
            .map(([name, [table = '', ...fields]]) => `'${name}', ${list(table, fields)}`)
            .join(',\n          ')},
          'tags', (SELECT COALESCE(json_agg(t.name ORDER BY ct.position), '[]') FROM twin.contact_tags AS ct JOIN twin.tags AS t ON t."ownerId" = $1 AND t.id = ct."tagId" WHERE ct."ownerId" = $1 AND ct."contactId" = c.id),
          'sources', (SELECT COALESCE(json_agg(json_build_object('kind', s.kind, 'firstSeenAt', s."firstSeenAt") ORDER BY s."firstSeenAt", s.id), '[]') FROM twin.contact_sources AS s WHERE s."ownerId" = $1 AND s."contactId" = c.id),
          'notes', (SELECT COALESCE(json_agg(json_build_object('id', id, 'pinned', pinned, 'createdAt', "createdAt"${said('body')})), '[]') FROM (
            SELECT * FROM twin.notes AS n WHERE n."ownerId" = $1 AND n."contactId" = c.id AND n."hiddenAt" IS NULL ORDER BY pinned DESC, "createdAt" DESC, id DESC LIMIT 10) AS n),
          'reminders', (SELECT COALESCE(json_agg(json_build_object('id', id, 'dueAt', "dueAt", 'state', state${said('title', 'details')})), '[]') FROM (
            SELECT * FROM twin.reminders AS r WHERE r."ownerId" = $1 AND r."contactId" = c.id AND r."hiddenAt" IS NULL ORDER BY "dueAt", id LIMIT 10) AS r),
          'interactions', (SELECT COALESCE(json_agg(json_build_object('id', id, 'kind', kind, 'direction', direction, 'source', source, 'occurredAt', "occurredAt"${said('subject')})), '[]') FROM (
            SELECT i.* FROM twin.interaction_contacts AS ic JOIN twin.interactions AS i ON i."ownerId" = $1 AND i.id = ic."interactionId" WHERE ic."ownerId" = $1 AND ic."contactId" = c.id AND i."hiddenAt" IS NULL
            ORDER BY ic."occurredAt" DESC, ic."interactionId" DESC LIMIT 25) AS i)))::text AS answer
        FROM twin.contacts AS c WHERE c."ownerId" = $1 AND c.id = $2::uuid AND c."deletedAt" IS NULL`,
    },
  }
}

/** (c) Without and with sealed fields. */
export const wholeContacts: readonly Operation[] = [whole(false), whole(true)]
