import type { Operation } from './operation.ts'

/** (b) Twenty contacts with what hangs on each, the last in touch first. */
function nested(sealed: boolean): Operation {
  const text = (field: string): string => (sealed ? field : '')
  const said = (field: string): string => (sealed ? `, '${field}', ${field}` : '')
  return {
    key: sealed ? 'b+' : 'b',
    title: `20 contacts with e-mails, tags, 3 notes, 3 reminders, last interaction${sealed ? ', with their texts' : ''}`,
    kind: sealed ? 'sealed' : 'read',
    depth: 2,
    samples: async ({ readers }) => readers.map((reader) => ({ reader, floor: [], kith: {}, postgraphile: {} })),
    query: `query Nested { contacts(first: 20, orderBy: [{ field: LAST_INTERACTION_AT, direction: DESC }]) { nodes { id displayName ${text('about')} lastInteractionAt
      emails { address primary } tags
      notes(first: 3) { nodes { id pinned createdAt ${text('body')} } }
      reminders(first: 3) { nodes { id dueAt state ${text('title')} } }
      lastInteraction { id kind direction occurredAt ${text('subject')} } } } }`,
    postgraphile: `query Nested { contacts(first: 20, orderBy: [LAST_INTERACTION_AT_DESC, ROW_ID_DESC], condition: { archivedAt: null, deletedAt: null }) { nodes { id: rowId displayName ${text('about')} lastInteractionAt
      emails: contactEmailsByOwnerIdAndContactId(orderBy: [POSITION_ASC, ROW_ID_ASC]) { nodes { address primary } }
      tags: contactTagsByOwnerIdAndContactId(orderBy: [POSITION_ASC]) { nodes { tag: ownerTag { name } } }
      notes: notesByOwnerIdAndContactId(first: 3, orderBy: [PINNED_DESC, CREATED_AT_DESC, ROW_ID_DESC], condition: { hiddenAt: null }) { nodes { id: rowId pinned createdAt ${text('body')} } }
      reminders: remindersByOwnerIdAndContactId(first: 3, orderBy: [DUE_AT_ASC, ROW_ID_ASC], condition: { hiddenAt: null }) { nodes { id: rowId dueAt state ${text('title')} } }
      lastInteraction { id: rowId kind direction occurredAt ${text('subject')} } } } }`,
    floor: {
      sql: `SELECT json_build_object('contacts', COALESCE(json_agg(json_build_object('id', c.id, 'displayName', c."displayName"${sealed ? ", 'about', c.about" : ''}, 'lastInteractionAt', c."lastInteractionAt",
          'emails', (SELECT COALESCE(json_agg(json_build_object('address', address, 'primary', "primary") ORDER BY position, id), '[]') FROM twin.contact_emails AS e WHERE e."ownerId" = $1 AND e."contactId" = c.id),
          'tags', (SELECT COALESCE(json_agg(t.name ORDER BY ct.position), '[]') FROM twin.contact_tags AS ct JOIN twin.tags AS t ON t."ownerId" = $1 AND t.id = ct."tagId" WHERE ct."ownerId" = $1 AND ct."contactId" = c.id),
          'notes', (SELECT COALESCE(json_agg(json_build_object('id', id, 'pinned', pinned, 'createdAt', "createdAt"${said('body')})), '[]') FROM (
            SELECT * FROM twin.notes AS n WHERE n."ownerId" = $1 AND n."contactId" = c.id AND n."hiddenAt" IS NULL ORDER BY pinned DESC, "createdAt" DESC, id DESC LIMIT 3) AS n),
          'reminders', (SELECT COALESCE(json_agg(json_build_object('id', id, 'dueAt', "dueAt", 'state', state${said('title')})), '[]') FROM (
            SELECT * FROM twin.reminders AS r WHERE r."ownerId" = $1 AND r."contactId" = c.id AND r."hiddenAt" IS NULL ORDER BY "dueAt", id LIMIT 3) AS r),
          'lastInteraction', (SELECT json_build_object('id', i.id, 'kind', i.kind, 'direction', i.direction, 'occurredAt', i."occurredAt"${said('subject')}) FROM twin.interaction_contacts AS ic
            JOIN twin.interactions AS i ON i."ownerId" = $1 AND i.id = ic."interactionId" WHERE ic."ownerId" = $1 AND ic."contactId" = c.id AND ic.counted AND i."hiddenAt" IS NULL ORDER BY ic."occurredAt" DESC, ic."interactionId" DESC LIMIT 1)
        )), '[]'))::text AS answer
        FROM (SELECT * FROM twin.contacts WHERE "ownerId" = $1 AND "deletedAt" IS NULL AND "archivedAt" IS NULL ORDER BY "lastInteractionAt" DESC, id DESC LIMIT 20) AS c`,
    },
  }
}

/** (b) Without and with sealed fields. */
export const nestedPages: readonly Operation[] = [nested(false), nested(true)]
