import type pg from 'pg'

/** What the tables of a database are, whether they are partitioned or not: columns, constraints and indexes, in words. */
export async function shapeOf(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ line: string }>(
    `WITH tables AS (SELECT oid, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p'))
     SELECT format('%s column %s %s %s %s %s', relname, attname, format_type(atttypid, atttypmod), nullif(attcollation, 100)::regcollation,
       CASE WHEN attnotnull THEN 'not null' END, (SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = tables.oid AND adnum = attnum)) AS line
     FROM tables JOIN pg_attribute ON attrelid = tables.oid WHERE attnum > 0 AND NOT attisdropped
     UNION ALL SELECT format('%s constraint %s %s', relname, conname, pg_get_constraintdef(pg_constraint.oid)) FROM tables JOIN pg_constraint ON conrelid = tables.oid
       WHERE contype <> 'n' AND conparentid = 0
     UNION ALL SELECT format('%s index %s', relname, replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')) FROM tables JOIN pg_index ON indrelid = tables.oid
     UNION ALL SELECT format('%s rights %s', relname, relacl) FROM tables JOIN pg_class USING (oid, relname) WHERE relacl IS NOT NULL
     ORDER BY 1`,
  )
  return rows.map(({ line }) => line)
}
