import type { Ctx } from '../core/ctx.ts'
import type { Model } from '../policy/policy.ts'

/** A file of an archive in a form that other programs read, beside the records. It holds what the ctx's owner has. */
export interface Rendering {
  /** Its place below `data/`, such as `contacts/contacts.vcf`. */
  path: string
  mediaType: string
  /** What it is, for the archive's own index. */
  about: string
  /** Its text, a piece at a time and never all of it at once. */
  write: (ctx: Ctx) => AsyncIterable<string>
}

/** Bytes that a record names by their SHA-256 in hexadecimal: in an archive they lie under `data/attachments/`. */
export interface Attachment {
  sha256: string
  read: () => Promise<Uint8Array>
}

/** How one domain's attachments leave an account, and come back into one. */
export interface Attachments {
  model: Model
  /** Of the ctx's owner, or of these contacts of theirs. */
  list: (ctx: Ctx, contactIds?: readonly string[]) => AsyncIterable<Attachment>
  /** What a record needs of its attachment to become a row again; stores the bytes. Null: they are not what they are said to be, and the record is left out. */
  keep: (ctx: Ctx, record: ArchivedRecord, bytes: Uint8Array) => Promise<ArchivedRecord | null>
  /** Where a record names its attachment. */
  column: string
}

/** A row as an archive holds it: by column, in JSON's types. */
export type ArchivedRecord = Readonly<Record<string, unknown>>

/** How records of a model become rows of an account again. */
export interface Restoring {
  model: Model
  /** The type of event that is recorded for each row, where rows are things of their own. */
  event?: `${string}.${string}`
  /** Columns that follow from others, and stand in no archive. */
  complete?: (record: ArchivedRecord, means: { region: string | undefined }) => ArchivedRecord
  /** Takes a record into what the account has already, in place of a row of its own. */
  adopt?: (tx: Ctx, record: ArchivedRecord) => Promise<void>
  /** What follows from rows once all models are there, such as what they are found by; the keys of 500 rows at a time. */
  settle?: (tx: Ctx, keys: readonly ArchivedRecord[]) => Promise<void>
}
