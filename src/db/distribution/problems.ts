import type pg from 'pg'

/** The table in which migrations are recorded; it is Prisma's, and nobody's. */
const migrationsTable = '_prisma_migrations'

/**
 * What stands in the way of distributing the tables by "ownerId", in sentences: a table whose policy nobody wrote, and among the owned ones a key, a unique index
 * or a foreign key that does not contain the owner, a foreign key to what is not owned or one that changes the owner, a trigger, and types that Citus refuses.
 */
export async function problemsOf(client: pg.ClientBase, tables: readonly { name: string; owned: boolean }[]): Promise<string[]> {
  const known = tables.map(({ name }) => name)
  const owned = tables.filter((table) => table.owned).map(({ name }) => name)
  const checks: { statement: string; values: string[][] }[] = [
    {
      statement: `SELECT format('The table %s has no policy that says whether its rows have an owner; tables of your own belong into another schema.', relname) AS problem
        FROM pg_class AS c WHERE ${ours} AND relkind IN ('r', 'p') AND relname <> ALL ($1) AND relname <> '${migrationsTable}'
          AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = c.oid AND deptype = 'e')`,
      values: [known],
    },
    {
      statement: `SELECT format('The owned table %s has no column "ownerId" that is a uuid and never null.', name) AS problem
        FROM unnest($1::text[]) AS name WHERE NOT EXISTS (SELECT 1 FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
          WHERE ${ours} AND c.relname = name AND a.attname = 'ownerId' AND a.atttypid = 'uuid'::regtype AND a.attnotnull)`,
      values: [owned],
    },
    {
      statement: `SELECT format('The unique index %s of the owned table %s does not contain "ownerId".', indexrelid::regclass, c.relname) AS problem
        FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
        WHERE ${ours} AND c.relname = ANY ($1) AND i.indisunique AND NOT EXISTS (SELECT 1 FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'ownerId' AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]))`,
      values: [owned],
    },
    {
      statement: `SELECT format('The owned table %s has no primary key.', c.relname) AS problem FROM pg_class AS c
        WHERE ${ours} AND c.relname = ANY ($1) AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conrelid = c.oid AND contype = 'p')`,
      values: [owned],
    },
    {
      statement: `SELECT format('The foreign key %s of %s does not keep to rows of the same owner.', k.conname, c.relname) AS problem
        FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_class AS other ON other.oid = k.confrelid
        WHERE k.contype = 'f' AND k.conparentid = 0 AND ${ours} AND (c.relname = ANY ($1) OR other.relname = ANY ($1))
          AND NOT (c.relname = ANY ($1) AND other.relname = ANY ($1) AND EXISTS (
            SELECT 1 FROM unnest(k.conkey, k.confkey) AS pair(one, two)
            JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = one JOIN pg_attribute AS b ON b.attrelid = k.confrelid AND b.attnum = two
            WHERE a.attname = 'ownerId' AND b.attname = 'ownerId'))`,
      values: [owned],
    },
    {
      // c: cascade, n: set null, d: set default. What deletes a row may take along what hangs on it; nothing may change an owner.
      statement: `SELECT format('The foreign key %s of %s would change "ownerId" of rows that point at what changes or goes.', k.conname, c.relname) AS problem
        FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
        WHERE k.contype = 'f' AND k.conparentid = 0 AND ${ours} AND c.relname = ANY ($1) AND (k.confupdtype IN ('c', 'n', 'd') OR k.confdeltype IN ('n', 'd'))`,
      values: [owned],
    },
    {
      statement: `SELECT format('The trigger %s of the owned table %s would not fire everywhere.', t.tgname, c.relname) AS problem
        FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND ${ours} AND c.relname = ANY ($1)`,
      values: [owned],
    },
    {
      statement: `SELECT format('The column "%s" of the owned table %s is of an enum type: text with a CHECK is what can be distributed.', a.attname, c.relname) AS problem
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_type AS t ON t.oid = a.atttypid
        WHERE ${ours} AND c.relname = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped AND t.typtype = 'e'`,
      values: [owned],
    },
  ]
  const problems: string[] = []
  for (const { statement, values } of checks) {
    const { rows } = await client.query<{ problem: string }>(`${statement} ORDER BY 1`, values)
    problems.push(...rows.map(({ problem }) => problem))
  }
  return problems
}

const ours = `c.relnamespace = 'public'::regnamespace`
