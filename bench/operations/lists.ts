import type { Operation, Sample } from './operation.ts'
import { today } from '../world/rows.ts'

const dayMs = 86_400_000
const dayOf = (days: number): string => new Date(Date.parse(today) + days * dayMs).toISOString()

/** (f) What is due this week, with whom it is about. */
function dueReminders(sealed: boolean): Operation {
  const text = sealed ? 'title details' : ''
  return {
    key: sealed ? 'f+' : 'f',
    title: `Reminders due this week with their contacts${sealed ? ', with their texts' : ''}`,
    kind: sealed ? 'sealed' : 'read',
    depth: 2,
    samples: async ({ readers }) =>
      readers.map((reader, index): Sample => {
        const [from, to] = [dayOf(index % 7), dayOf((index % 7) + 7)]
        return { reader, floor: [from, to], kith: { from, to }, postgraphile: { from, to } }
      }),
    query: `query Due($from: DateTime, $to: DateTime) { reminders(first: 50, filter: { state: OPEN, dueAt: { gte: $from, lt: $to } }) { nodes { id dueAt dueLocal timeZone state ${text} contact { id displayName } } } }`,
    postgraphile: `query Due($from: Datetime, $to: Datetime) { reminders(first: 50, condition: { state: "OPEN", hiddenAt: null }, filter: { dueAt: { greaterThanOrEqualTo: $from, lessThan: $to } }, orderBy: [DUE_AT_ASC, ROW_ID_ASC]) {
      nodes { id: rowId dueAt dueLocal timeZone state ${text} contact: ownerContact { id: rowId displayName } } } }`,
    floor: {
      sql: `SELECT json_build_object('reminders', COALESCE(json_agg(json_build_object('id', r.id, 'dueAt', r."dueAt", 'dueLocal', r."dueLocal", 'timeZone', r."timeZone", 'state', r.state${sealed ? ", 'title', r.title, 'details', r.details" : ''},
          'contact', CASE WHEN c.id IS NOT NULL THEN json_build_object('id', c.id, 'displayName', c."displayName") END) ORDER BY r."dueAt", r.id), '[]'))::text AS answer
        FROM (SELECT * FROM twin.reminders WHERE "ownerId" = $1 AND state = 'OPEN' AND "dueAt" >= $2::timestamptz AND "dueAt" < $3::timestamptz AND "hiddenAt" IS NULL ORDER BY "dueAt", id LIMIT 50) AS r
        LEFT JOIN twin.contacts AS c ON c."ownerId" = $1 AND c.id = r."contactId" AND c."deletedAt" IS NULL`,
    },
  }
}

/** (g) The interactions of a month, with who took part. */
function monthOfInteractions(sealed: boolean): Operation {
  const text = sealed ? 'subject' : ''
  return {
    key: sealed ? 'g+' : 'g',
    title: `50 interactions of a month with participants${sealed ? ', with their subjects' : ''}`,
    kind: sealed ? 'sealed' : 'read',
    depth: 3,
    samples: async ({ readers }) =>
      readers.map((reader, index): Sample => {
        const [from, to] = [dayOf(-30 * (1 + (index % 6))), dayOf(-30 * (index % 6))]
        return { reader, floor: [from, to], kith: { from, to }, postgraphile: { from, to } }
      }),
    query: `query Month($from: DateTime, $to: DateTime) { interactions(first: 50, filter: { occurredAt: { gte: $from, lt: $to } }) { nodes { id kind direction source occurredAt ${text} participants { role address name contact { id displayName } } } } }`,
    postgraphile: `query Month($from: Datetime, $to: Datetime) { interactions(first: 50, condition: { hiddenAt: null }, filter: { occurredAt: { greaterThanOrEqualTo: $from, lessThan: $to } }, orderBy: [OCCURRED_AT_DESC, ROW_ID_DESC]) {
      nodes { id: rowId kind direction source occurredAt ${text} participants: interactionParticipantsByOwnerIdAndInteractionId(orderBy: [POSITION_ASC, ROW_ID_ASC]) { nodes { role address name contact: ownerContact { id: rowId displayName } } } } } }`,
    floor: {
      sql: `SELECT json_build_object('interactions', COALESCE(json_agg(json_build_object('id', i.id, 'kind', i.kind, 'direction', i.direction, 'source', i.source, 'occurredAt', i."occurredAt"${sealed ? ", 'subject', i.subject" : ''},
          'participants', (SELECT COALESCE(json_agg(json_build_object('role', p.role, 'address', p.address, 'name', p.name, 'contact', CASE WHEN c.id IS NOT NULL THEN json_build_object('id', c.id, 'displayName', c."displayName") END) ORDER BY p.position, p.id), '[]')
            FROM twin.interaction_participants AS p LEFT JOIN twin.contacts AS c ON c."ownerId" = $1 AND c.id = p."contactId" AND c."deletedAt" IS NULL WHERE p."ownerId" = $1 AND p."interactionId" = i.id)) ORDER BY i."occurredAt" DESC, i.id DESC), '[]'))::text AS answer
        FROM (SELECT * FROM twin.interactions WHERE "ownerId" = $1 AND "occurredAt" >= $2::timestamptz AND "occurredAt" < $3::timestamptz AND "hiddenAt" IS NULL ORDER BY "occurredAt" DESC, id DESC LIMIT 50) AS i`,
    },
  }
}

/** (f) and (g), without and with sealed fields. */
export const datedLists: readonly Operation[] = [dueReminders(false), dueReminders(true), monthOfInteractions(false), monthOfInteractions(true)]
