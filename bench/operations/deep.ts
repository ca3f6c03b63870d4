import type { Operation, Sample } from './operation.ts'

const tagSets = [
  ['family', 'friends', 'choir', 'climbing', 'school', 'neighbours'],
  ['family', 'friends', 'choir', 'climbing', 'work', 'customers'],
]
const days = ['2024-10-01T00:00:00.000Z', '2024-12-01T00:00:00.000Z']
const matching = `FROM twin.contacts AS c WHERE c."ownerId" = $1 AND c."deletedAt" IS NULL AND c."archivedAt" IS NULL AND c."lastInteractionAt" >= $2::timestamptz
  AND EXISTS (SELECT FROM twin.contact_tags AS ct JOIN twin.tags AS t ON t."ownerId" = $1 AND t.id = ct."tagId" WHERE ct."ownerId" = $1 AND ct."contactId" = c.id AND t."nameFolded" = ANY ($3::text[]))`
const query = `query Deep($tags: [String!], $since: DateTime, $first: Int, $after: String) {
  contacts(first: $first, after: $after, filter: { tag: { in: $tags }, lastInteractionAt: { gte: $since } }, orderBy: [{ field: LAST_INTERACTION_AT, direction: DESC }]) { nodes { id displayName lastInteractionAt } pageInfo { hasNextPage endCursor } } }`
const twinArguments = `condition: { archivedAt: null, deletedAt: null }, filter: { lastInteractionAt: { greaterThanOrEqualTo: $since }, contactTagsByOwnerIdAndContactId: { some: { ownerTag: { nameFolded: { in: $tags } } } } }, orderBy: [LAST_INTERACTION_AT_DESC, ROW_ID_DESC]`

/** (d) The fortieth page of a filtered and ordered list, or the middle one where the book is smaller. */
export const deepPage: Operation = {
  key: 'd',
  title: 'Page 40 of a large book, filtered and ordered, 50 contacts',
  kind: 'read',
  depth: 1,
  samples: async ({ book, rows, ask }) => {
    const samples: Sample[] = []
    for (const tags of tagSets) {
      for (const since of days) {
        const found = await rows<{ id: string; at: Date }>(
          `SELECT c.id, c."lastInteractionAt" AS at ${matching} ORDER BY c."lastInteractionAt" DESC, c.id DESC`,
          [book.ownerId, since, tags],
        )
        const before = Math.min(39 * 50, Math.floor(found.length / 2))
        const last = found[before - 1]
        if (!last) throw new Error('The book is too small to be read deeply.')
        let after: string | undefined
        for (let left = before; left > 0; left -= 100)
          after = await endCursor(ask('kith', book, { query, variables: { tags, since, first: Math.min(100, left), after } }))
        const skipped = `query Skip($tags: [String!], $since: Datetime) { contacts(first: 1, offset: ${before - 1}, ${twinArguments}) { pageInfo { endCursor } } }`
        const twinAfter = await endCursor(ask('postgraphile', book, { query: skipped, variables: { tags, since } }))
        samples.push({
          reader: book,
          floor: [since, tags, last.at.toISOString(), last.id],
          kith: { tags, since, first: 50, after },
          postgraphile: { tags, since, after: twinAfter },
          plain: { tags, since, first: 50, after: last.id },
        })
      }
    }
    return samples
  },
  query,
  postgraphile: `query Deep($tags: [String!], $since: Datetime, $after: Cursor) { contacts(first: 50, after: $after, ${twinArguments}) { nodes { id: rowId displayName lastInteractionAt } pageInfo { hasNextPage endCursor } } }`,
  floor: {
    sql: `SELECT json_build_object('contacts', json_build_object('nodes', json_agg(json_build_object('id', id, 'displayName', "displayName", 'lastInteractionAt', "lastInteractionAt")) FILTER (WHERE place <= 50),
        'pageInfo', json_build_object('hasNextPage', count(*) > 50, 'endCursor', max("lastInteractionAt"::text || id) FILTER (WHERE place = 50))))::text AS answer
      FROM (SELECT c.*, row_number() OVER () AS place FROM (SELECT c.id, c."displayName", c."lastInteractionAt" ${matching} AND (c."lastInteractionAt", c.id) < ($4::timestamptz, $5::uuid) ORDER BY c."lastInteractionAt" DESC, c.id DESC LIMIT 51) AS c) AS page`,
  },
}

async function endCursor(answer: Promise<Record<string, unknown> | undefined>): Promise<string | undefined> {
  const data = (await answer) as { contacts: { pageInfo: { endCursor: string } } } | undefined
  return data?.contacts.pageInfo.endCursor
}
