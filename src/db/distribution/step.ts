import type pg from 'pg'

/** A table as its model's policy has it. */
export interface DistributableTable {
  name: string
  /** Whether its rows belong to one owner each, so that they lie together by "ownerId". */
  owned: boolean
}

/** The database cannot be distributed; the message says what to do. */
export class DistributionError extends Error {
  override name = 'DistributionError'
}

/** How the owned tables of a database lie. */
export interface Distribution {
  /** `citus` where its functions are there, else hash partitions, or nothing yet. */
  by: 'citus' | 'partitions' | 'nothing'
  /** How many partitions, or shards with Citus, each table has; null while there is nothing. */
  parts: number | null
  /** Which owned tables are distributed, and which are not. */
  distributed: string[]
  plain: string[]
}

/** One thing to do, and what it is in words. */
export interface Step {
  table: string
  text: string
  run(client: pg.ClientBase): Promise<void>
}
