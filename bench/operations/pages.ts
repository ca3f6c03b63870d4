import type { Operation, Sample } from './operation.ts'

const flat = 'id displayName starred externalReference createdAt updatedAt lastInteractionAt'
const orders = [
  { field: 'DISPLAY_NAME', direction: 'ASC', postgraphile: ['SORT_NAME_ASC', 'ROW_ID_ASC'] },
  { field: 'CREATED_AT', direction: 'DESC', postgraphile: ['CREATED_AT_DESC', 'ROW_ID_DESC'] },
] as const

/** (a) A page of 50 contacts, flat. */
export const page: Operation = {
  key: 'a',
  title: '50 contacts, flat',
  kind: 'read',
  depth: 1,
  samples: async ({ readers }) =>
    readers.map((reader, index): Sample => {
      const { field, direction, postgraphile } = orders[index % orders.length] ?? orders[0]
      return { reader, floor: [field], kith: { orderBy: [{ field, direction }] }, postgraphile: { orderBy: postgraphile } }
    }),
  query: `query Page($orderBy: [ContactOrder!]) { contacts(first: 50, orderBy: $orderBy) { nodes { ${flat} } pageInfo { hasNextPage endCursor } } }`,
  postgraphile: `query Page($orderBy: [ContactOrderBy!]) { contacts(first: 50, orderBy: $orderBy, condition: { archivedAt: null, deletedAt: null }) { nodes { id: rowId displayName starred externalReference createdAt updatedAt lastInteractionAt } pageInfo { hasNextPage endCursor } } }`,
  floor: {
    sql: `SELECT json_build_object('contacts', json_build_object('nodes', COALESCE(json_agg(node) FILTER (WHERE place <= 50), '[]'), 'pageInfo', json_build_object('hasNextPage', count(*) > 50, 'endCursor', max("endCursor") FILTER (WHERE place = 50))))::text AS answer
      FROM (SELECT json_build_object('id', id, 'displayName', "displayName", 'starred', starred, 'externalReference', "externalReference", 'createdAt', "createdAt", 'updatedAt', "updatedAt", 'lastInteractionAt', "lastInteractionAt") AS node,
          "sortName" || id AS "endCursor", row_number() OVER () AS place
        FROM ((SELECT * FROM twin.contacts WHERE $2 = 'DISPLAY_NAME' AND "ownerId" = $1 AND "deletedAt" IS NULL AND "archivedAt" IS NULL ORDER BY "sortName", id LIMIT 51)
          UNION ALL (SELECT * FROM twin.contacts WHERE $2 = 'CREATED_AT' AND "ownerId" = $1 AND "deletedAt" IS NULL AND "archivedAt" IS NULL ORDER BY "createdAt" DESC, id DESC LIMIT 51)) AS c) AS page`,
  },
}
