import type pg from 'pg'

/**
 * Stands in for Citus: the functions and catalogs that `kith distribute` uses, under the names and signatures of version 13, which record what they are told and refuse
 * what Citus refuses. A session finds them where Citus has its own, by name alone.
 */
const functions = `
  CREATE SCHEMA citus;
  CREATE TABLE citus.calls (id bigint GENERATED ALWAYS AS IDENTITY, call text NOT NULL);
  CREATE TABLE citus.pg_dist_partition (logicalrelid regclass PRIMARY KEY, partmethod "char" NOT NULL, colocationid int NOT NULL, truncated boolean NOT NULL DEFAULT false);
  CREATE TABLE citus.pg_dist_shard (logicalrelid regclass NOT NULL, shardid bigint GENERATED ALWAYS AS IDENTITY);
  CREATE FUNCTION citus.create_distributed_table(table_name regclass, distribution_column text, distribution_type text DEFAULT 'hash', colocate_with text DEFAULT 'default', shard_count int DEFAULT NULL)
  RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    colocation int := 1 + (SELECT coalesce(max(colocationid), 0) FROM citus.pg_dist_partition);
    shards int := coalesce(shard_count, 32);
    apart text;
  BEGIN
    IF EXISTS (SELECT 1 FROM citus.pg_dist_partition WHERE logicalrelid = table_name) THEN RAISE 'table % is already distributed', table_name; END IF;
    IF colocate_with NOT IN ('default', 'none') THEN
      IF shard_count IS NOT NULL THEN RAISE 'Cannot use colocate_with with a table and shard_count at the same time'; END IF;
      SELECT colocationid, (SELECT count(*) FROM citus.pg_dist_shard AS s WHERE s.logicalrelid = p.logicalrelid) INTO colocation, shards
        FROM citus.pg_dist_partition AS p WHERE logicalrelid = colocate_with::regclass;
      IF colocation IS NULL THEN RAISE 'relation % is not distributed', colocate_with; END IF;
    END IF;
    SELECT confrelid::regclass::text INTO apart FROM pg_constraint WHERE conrelid = table_name AND contype = 'f' AND confrelid <> conrelid
      AND NOT EXISTS (SELECT 1 FROM citus.pg_dist_partition WHERE logicalrelid = confrelid AND colocationid = colocation) LIMIT 1;
    IF apart IS NOT NULL THEN RAISE 'referenced table "%" must be a distributed table or a reference table', apart; END IF;
    INSERT INTO citus.pg_dist_partition VALUES (table_name, 'h', colocation);
    INSERT INTO citus.pg_dist_shard (logicalrelid) SELECT table_name FROM generate_series(1, shards);
    INSERT INTO citus.calls (call) VALUES (format('distribute %s by %s with %s, %s', table_name, distribution_column, colocate_with, shard_count));
  END $$;
  CREATE FUNCTION citus.truncate_local_data_after_distributing_table(function_relation_id regclass) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE apart text;
  BEGIN
    IF NOT EXISTS (SELECT 1 FROM citus.pg_dist_partition WHERE logicalrelid = function_relation_id) THEN RAISE 'supplied parameter is not a distributed relation'; END IF;
    SELECT conrelid::regclass::text INTO apart FROM pg_constraint WHERE confrelid = function_relation_id AND contype = 'f'
      AND NOT EXISTS (SELECT 1 FROM citus.pg_dist_partition WHERE logicalrelid = conrelid) LIMIT 1;
    IF apart IS NOT NULL THEN RAISE 'cannot truncate a table referenced in a foreign key constraint by a local table'; END IF;
    INSERT INTO citus.calls (call) VALUES (format('truncate %s', function_relation_id));
  END $$;`

/** Puts the stand-in into a database; sessions that begin after it find it. */
export async function pretendCitus(pool: pg.Pool): Promise<void> {
  await pool.query(functions)
  await pool.query(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, citus', current_database()); END $$`)
}

/** What it was told, in order. */
export async function callsOf(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ call: string }>('SELECT call FROM citus.calls ORDER BY id')
  return rows.map(({ call }) => call)
}
