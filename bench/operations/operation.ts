import type { Reader } from '../world/data.ts'

/** The servers, in the order in which they are loaded. */
export const serverNames = ['kith', 'postgraphile', 'floor', 'mercurius', 'apollo'] as const
/** One of the servers. */
export type ServerName = (typeof serverNames)[number]

/** A GraphQL request. */
export interface Document {
  query: string
  variables?: Record<string, unknown>
}

/** One thing asked, by one reader: what the floor's statement gets besides the owner, and the GraphQL variables of the others. */
export interface Sample {
  reader: Reader
  /** Parameters from `$2` on; ids are plain. */
  floor: readonly unknown[]
  /** Variables of Kith's document; ids are Relay's. */
  kith: Record<string, unknown>
  /** Variables of PostGraphile's document; ids are plain. */
  postgraphile: Record<string, unknown>
  /** Variables of Kith's document where ids are plain; Kith's where nothing is said. */
  plain?: Record<string, unknown>
}

/** Looks at the data to find what can be asked for. */
export interface Catalogue {
  readers: readonly Reader[]
  /** The account with the large book. */
  book: Reader
  /** Accounts that search finds something in, the large book's first. */
  searched: readonly Reader[]
  /** Accounts that are written to, and read by nobody. */
  writers: readonly Reader[]
  /** Asks a server; undefined when it does not run. */
  ask(server: ServerName, reader: Reader, document: Document): Promise<Record<string, unknown> | undefined>
  rows<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>
}

/** Something that all servers are asked for. The floor's answer has the shape of Kith's, with lists where Kith has connections. */
export interface Operation {
  /** A letter of the list in docs/performance.md, and `+` where sealed fields are asked for. */
  key: string
  title: string
  kind: 'read' | 'sealed' | 'write'
  /** Levels of lists and objects that its query nests, a statement each at most. */
  depth: number
  /** The most connections it is loaded over, where each request is much. */
  connections?: number
  samples(catalogue: Catalogue): Promise<Sample[]>
  /** Kith's document; Apollo's and Mercurius's too, whose schema is a part of Kith's. */
  query: string
  /** Where the two need another document: writes, whose rows come ready made. */
  peers?: string
  /** The document in PostGraphile's schema, with aliases that give Kith's names. */
  postgraphile: string
  floor: { sql: string }
}

/** The opaque id that Kith gives a row. */
export function relayId(type: string, id: string): string {
  return Buffer.from(`${type}:${id}`).toString('base64url')
}
