import type { CursorValues } from '../db/cursor.ts'
import { empty, type Sql, sql } from '../db/client.ts'
import { literal } from '../db/keyset.ts'
import type { Matches } from '../search/service.ts'

/**
 * Of a weight that this many contacts have at most, all are fetched and put in order, some 5 µs each. Those of a commoner one are met by walking an index
 * of the names, 0.2 µs each, until there are enough: 26 of 500 among 100,000 after some 5,000 names.
 */
const few = literal(500)

/**
 * A page of what a search finds, the best first and by name among equals, without fetching all that it finds: the contacts that fit best by their names,
 * then those of each weight in turn until the page is full. Where the former fill it, nothing else is looked for. `where` says which contacts `c` are shown.
 */
export function foundOnward(ownerId: string, { statement, best }: Matches, where: Sql, columns: Sql): (beyond: CursorValues | null, limit: Sql) => Sql {
  return (beyond, limit) => {
    const place = placeOf(beyond)
    const inBest = place === null || place.score >= best.least
    const byName = sql`ORDER BY c."sortName", c.id LIMIT ${limit}`
    const firsts = sql`SELECT ${columns}, ${best.score} AS score FROM contacts AS c
      WHERE ${where} AND ${best.where} ${place ? sql`AND (c."sortName", c.id) > (${place.name}, ${place.id}::uuid)` : empty} ${byName}`
    // A list of one weight begins behind the place only where the place has that weight.
    const begin = inBest
      ? empty
      : sql`AND (c."sortName", c.id) > (CASE WHEN level.weight < ${place.score} THEN '' ELSE ${place.name} END, CASE WHEN level.weight < ${place.score} THEN ${zeroId}::uuid ELSE ${place.id}::uuid END)`
    const others = sql`c."ownerId" = ${ownerId}::uuid AND NOT (${best.where}) ${begin}`
    // OFFSET 0 has the weights counted before they are ordered, which takes one look at each match instead of sorting them all.
    const levels = sql`SELECT * FROM (SELECT weight, count(*) AS size FROM found ${inBest ? empty : sql`WHERE weight <= ${place.score}`} GROUP BY weight OFFSET 0) AS counted ORDER BY weight DESC`
    const fetched = sql`SELECT ${columns} FROM found AS m JOIN contacts AS c ON c.id = m."contactId"
      WHERE level.size <= ${few} AND m.weight = level.weight AND ${others} AND ${where} ${byName}`
    // IS TRUE keeps the planner from a join, which would lose the order; the first OFFSET 0 leaves it to the index alone to say whom to fetch, and the second
    // has them fetched one by one until the page is full: one plan serves all owners, and to the average one their whole book would seem small.
    const walked = sql`SELECT ${columns} FROM (
        SELECT c.id, c."sortName" FROM contacts AS c
        WHERE level.size > ${few} AND ${others} AND ((c.id, level.weight) IN (SELECT "contactId", weight FROM found)) IS TRUE ORDER BY c."sortName", c.id OFFSET 0
      ) AS named CROSS JOIN LATERAL (SELECT c.* FROM contacts AS c WHERE c."ownerId" = ${ownerId}::uuid AND c.id = named.id AND ${where} OFFSET 0) AS c
      ORDER BY named."sortName", named.id LIMIT ${limit}`
    const rest = sql`SELECT ${columns}, level.weight AS score FROM (${levels}) AS level CROSS JOIN LATERAL ((${fetched}) UNION ALL (${walked})) AS c
      ORDER BY level.weight DESC, c."sortName", c.id LIMIT ${limit}`
    const [before, both, wanted] = inBest
      ? [sql`best AS MATERIALIZED (${firsts}),`, sql`SELECT * FROM best UNION ALL (${rest})`, sql`WHERE (SELECT count(*) FROM best) < ${limit}`]
      : [empty, rest, empty]
    return sql`WITH ${before} found AS MATERIALIZED (SELECT * FROM (${statement}) AS s ${wanted})
      SELECT ${columns}, jsonb_build_array(c.score, c."sortName", c.id) AS "keysetValues" FROM (${both}) AS c ORDER BY c.score DESC, c."sortName", c.id LIMIT ${limit}`
  }
}

/** Counts what a search finds without fetching it: all matches but the contacts that an index knows not to be shown. */
export function foundCount(ownerId: string, { statement }: Matches, archived: boolean): Sql {
  const hidden = sql`c."deletedAt" IS NOT NULL OR c."restrictedAt" IS NOT NULL ${archived ? empty : sql`OR c."archivedAt" IS NOT NULL`}`
  return sql`SELECT count(*)::int AS count FROM (
    SELECT "contactId" FROM (${statement}) AS m EXCEPT SELECT c.id FROM contacts AS c WHERE c."ownerId" = ${ownerId}::uuid AND (${hidden})) AS shown`
}

/** The least of all ids. */
const zeroId = '00000000-0000-0000-0000-000000000000'

/** Where a page begins: the values of a search's keys. */
function placeOf(beyond: CursorValues | null): { score: number; name: string; id: string } | null {
  if (!beyond) return null
  const [score, name, id] = beyond
  return { score: Number(score), name: String(name), id: String(id) }
}
