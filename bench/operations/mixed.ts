import { type Operation, relayId, type Sample } from './operation.ts'

/** What is asked of each type, and how many of the fifty are of it. */
const kinds = [
  { type: 'Contact', table: 'contacts', many: 20, fields: ['displayName', 'starred'] },
  { type: 'Note', table: 'notes', many: 10, fields: ['pinned', 'createdAt'] },
  { type: 'Reminder', table: 'reminders', many: 10, fields: ['dueAt', 'state'] },
  { type: 'Interaction', table: 'interactions', many: 10, fields: ['kind', 'occurredAt'] },
] as const
const places = Array.from({ length: 50 }, (_, place) => place)
/** They come mixed, always in the same way, so that a document with an alias for each can be written. */
const kindAt = places.map((place) => kinds[place % 5 < 2 ? 0 : (place % 5) - 1] ?? kinds[0])

/** (h) Fifty things of four types by their ids. */
export const mixedNodes: Operation = {
  key: 'h',
  title: '50 nodes of four types by id (50 aliases in PostGraphile)',
  kind: 'read',
  depth: 1,
  samples: async ({ readers, rows }) => {
    const samples: Sample[] = []
    for (const reader of readers.slice(0, 40)) {
      const ids = new Map<string, string[]>()
      for (const { type, table, many } of kinds) {
        const found = await rows<{ id: string }>(`SELECT id FROM twin.${table} WHERE "ownerId" = $1 ORDER BY md5(id::text) LIMIT $2`, [reader.ownerId, many])
        ids.set(
          type,
          found.map(({ id }) => id),
        )
      }
      const things = kindAt.map(({ type }) => ({ type, id: ids.get(type)?.pop() ?? '' }))
      samples.push({
        reader,
        floor: [things.map(({ type }) => type), things.map(({ id }) => id)],
        kith: { ids: things.map(({ type, id }) => relayId(type, id)) },
        postgraphile: { ownerId: reader.ownerId, ...Object.fromEntries(things.map(({ id }, place) => [`i${place}`, id])) },
      })
    }
    return samples
  },
  query: `query Mixed($ids: [ID!]!) { nodes(ids: $ids) { id ${kinds.map(({ type, fields }) => `... on ${type} { ${fields.join(' ')} }`).join(' ')} } }`,
  postgraphile: `query Mixed($ownerId: UUID!, ${places.map((place) => `$i${place}: UUID!`).join(', ')}) { ${kindAt
    .map(({ type, fields }, place) => `n${place}: ${type.toLowerCase()}(ownerId: $ownerId, rowId: $i${place}) { id: rowId ${fields.join(' ')} }`)
    .join(' ')} }`,
  floor: {
    sql: `SELECT json_build_object('nodes', json_agg(COALESCE(${kinds.map((_, index) => `k${index}.node`).join(', ')}) ORDER BY place))::text AS answer FROM unnest($2::text[], $3::uuid[]) WITH ORDINALITY AS asked(type, id, place)
      ${kinds
        .map(
          ({ type, table, fields }, index) =>
            `LEFT JOIN LATERAL (SELECT json_build_object('id', t.id, ${fields.map((field) => `'${field}', t."${field}"`).join(', ')}) AS node FROM twin.${table} AS t WHERE t."ownerId" = $1 AND t.id = asked.id AND asked.type = '${type}' AND t."${type === 'Contact' ? 'deletedAt' : 'hiddenAt'}" IS NULL) AS k${index} ON true`,
        )
        .join('\n      ')}`,
  },
}
