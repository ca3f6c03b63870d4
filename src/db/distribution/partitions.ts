import pg from 'pg'
import { DistributionError, type Step } from './step.ts'

/** The schema in which partitions lie, so that the tables that are spoken to stay among themselves. */
const partitionsSchema = 'partitions'

/** Makes an owned table one of hash partitions by "ownerId", with its rows, keys, indexes, checks and rights, in one transaction. */
export function partitionStep(table: string, parts: number): Step {
  return {
    table,
    text: `into ${parts} hash partitions by "ownerId"`,
    run: (client) => transaction(client, () => partition(client, table, parts)),
  }
}

async function partition(client: pg.ClientBase, table: string, parts: number): Promise<void> {
  const name = pg.escapeIdentifier(table)
  const old = `${partitionsSchema}.${name}`
  const found = await describe(client, table)
  for (const { child } of found.pointing) await client.query(`LOCK TABLE ${child} IN ACCESS EXCLUSIVE MODE`)
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${partitionsSchema}`)
  for (const { child, constraint } of found.pointing) await client.query(`ALTER TABLE ${child} DROP CONSTRAINT ${constraint}`)
  // Names of indexes and constraints belong to the schema: in another one the old table leaves them to the new.
  await client.query(`ALTER TABLE public.${name} SET SCHEMA ${partitionsSchema}`)
  await client.query(`CREATE TABLE public.${name} (LIKE ${old} INCLUDING ALL EXCLUDING INDEXES) PARTITION BY HASH ("ownerId")`)
  const made = Array.from({ length: parts }, (_, index) => ({ index, part: partitionOf(table, index, parts) }))
  for (const { index, part } of made) {
    await client.query(
      `CREATE ${found.unlogged ? 'UNLOGGED ' : ''}TABLE ${part} PARTITION OF public.${name} FOR VALUES WITH (MODULUS ${parts}, REMAINDER ${index})${found.options}`,
    )
  }
  const { rows: columns } = await client.query<{ names: string }>(
    `SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS names FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`,
    [old],
  )
  const names = columns[0]?.names ?? ''
  const { rowCount: moved } = await client.query(`INSERT INTO public.${name} (${names}) OVERRIDING SYSTEM VALUE SELECT ${names} FROM ${old}`)
  const { rows: counted } = await client.query<{ there: string; was: string }>(
    `SELECT (SELECT count(*) FROM public.${name})::text AS there, (SELECT count(*) FROM ${old})::text AS was`,
  )
  const [counts] = counted
  if (!counts || counts.there !== counts.was || counts.was !== String(moved))
    throw new DistributionError(`Of ${table} ${counts?.there} rows arrived where there were ${counts?.was}; nothing was changed.`)
  await client.query(`DROP TABLE ${old}`)
  for (const statement of [...found.indexes, ...found.constraints]) await client.query(statement)
  for (const { child, constraint, definition } of found.pointing) await client.query(`ALTER TABLE ${child} ADD CONSTRAINT ${constraint} ${definition}`)
  for (const statement of found.rights) await client.query(statement)
  await client.query(`ANALYZE public.${name}`)
}

/** What a partition is called: the number of its remainder behind the name, as wide as the largest. */
function partitionOf(table: string, index: number, parts: number): string {
  return `${partitionsSchema}.${pg.escapeIdentifier(`${table}_${String(index).padStart(String(parts - 1).length, '0')}`)}`
}

interface Described {
  indexes: string[]
  constraints: string[]
  rights: string[]
  /** Foreign keys of others that point at it. */
  pointing: { child: string; constraint: string; definition: string }[]
  unlogged: boolean
  /** Storage parameters, which a partitioned table leaves to its partitions. */
  options: string
}

/** Everything about a table that is made again around its partitions. @throws DistributionError for what would be lost */
async function describe(client: pg.ClientBase, table: string): Promise<Described> {
  const name = `public.${pg.escapeIdentifier(table)}`
  await client.query(`LOCK TABLE ${name} IN ACCESS EXCLUSIVE MODE`)
  const { rows: lost } = await client.query<{ what: string }>(
    `SELECT format('the rule %s', rulename) AS what FROM pg_rules WHERE schemaname = 'public' AND tablename = $1
     UNION ALL SELECT format('the policy %s', policyname) FROM pg_policies WHERE schemaname = 'public' AND tablename = $1
     UNION ALL SELECT format('rights on the column %s', attname) FROM pg_attribute WHERE attrelid = $2::regclass AND attacl IS NOT NULL
     UNION ALL SELECT format('the publication %s', pubname) FROM pg_publication_tables WHERE schemaname = 'public' AND tablename = $1
     UNION ALL SELECT format('its owner %s, which is another role than this', tableowner) FROM pg_tables WHERE schemaname = 'public' AND tablename = $1 AND tableowner <> current_user`,
    [table, name],
  )
  if (lost.length > 0) throw new DistributionError(`${table} has what would be lost: ${lost.map(({ what }) => what).join(', ')}. Take it away first.`)
  const lines = async (statement: string): Promise<string[]> =>
    (await client.query<{ line: string }>(`${statement} ORDER BY 1`, [name])).rows.map(({ line }) => line)
  const { rows: pointing } = await client.query<Described['pointing'][number]>(
    `SELECT conrelid::regclass::text AS child, quote_ident(conname) AS constraint, pg_get_constraintdef(oid) AS definition
     FROM pg_constraint WHERE contype = 'f' AND confrelid = $1::regclass AND conrelid <> confrelid AND conparentid = 0 ORDER BY 1, 2`,
    [name],
  )
  const { rows: kept } = await client.query<{ unlogged: boolean; options: string | null }>(
    `SELECT relpersistence = 'u' AS unlogged, array_to_string(reloptions, ', ') AS options FROM pg_class WHERE oid = $1::regclass`,
    [name],
  )
  const keys = (types: string): Promise<string[]> =>
    lines(`SELECT format('ALTER TABLE ${name} ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)) AS line
           FROM pg_constraint WHERE conrelid = $1::regclass AND contype IN (${types}) AND conparentid = 0`)
  return {
    indexes: await lines(`SELECT pg_get_indexdef(indexrelid) AS line FROM pg_index
      WHERE indrelid = $1::regclass AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND conrelid = indrelid)`),
    // What a foreign key points at comes before it.
    constraints: [...(await keys(`'p', 'u', 'x'`)), ...(await keys(`'f'`))],
    // Rights that were never changed are those of any new table.
    rights: [
      ...(await lines(
        `SELECT format('REVOKE ALL ON ${name} FROM PUBLIC, %I', current_user) AS line FROM pg_class WHERE oid = $1::regclass AND relacl IS NOT NULL`,
      )),
      ...(await lines(`SELECT format('GRANT %s ON ${name} TO %s %s', privilege_type, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,
          CASE WHEN is_grantable THEN 'WITH GRANT OPTION' END) AS line FROM pg_class AS c, aclexplode(relacl) WHERE c.oid = $1::regclass`)),
    ],
    pointing,
    unlogged: kept[0]?.unlogged ?? false,
    options: kept[0]?.options ? ` WITH (${kept[0].options})` : '',
  }
}

async function transaction(client: pg.ClientBase, work: () => Promise<void>): Promise<void> {
  await client.query('BEGIN')
  try {
    await work()
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {}) // a broken connection has rolled back already
    throw error
  }
}
