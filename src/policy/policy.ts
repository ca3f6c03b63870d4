import type { Prisma } from '../db/generated/prisma/client.ts'
import type { KeyClass } from '../vault/keys.ts'

/** A Prisma model. */
export type Model = Prisma.ModelName
type Scalars<M extends Model> = Prisma.TypeMap['model'][M]['payload']['scalars']
/** A column of a model. */
export type Column<M extends Model> = keyof Scalars<M> & string
/** A column of a model that holds an instant: what a retention clock can start at. */
export type ClockColumn<M extends Model> = { [C in Column<M>]: Date extends Scalars<M>[C] ? C : never }[Column<M>]
/** A column of a model that holds bytes: what can be sealed. */
type BytesColumn<M extends Model> = { [C in Column<M>]: Uint8Array<ArrayBuffer> extends Scalars<M>[C] ? C : never }[Column<M>]

/** What kind of data a column holds; the names follow Fideslang's taxonomy where it has one. */
export type Category =
  | 'system.key'
  | 'system.operations'
  | 'user.account'
  | 'user.account.settings'
  | 'user.authorization'
  | 'user.behavior'
  | 'user.contact'
  | 'user.content'
  | 'user.demographic'
  | 'user.device'
  | 'user.name'
  | 'user.privacy_preferences'
  | 'user.social'
  | 'user.unique_id'
  | 'user.workplace'
/** What data is used for. */
export type Purpose = 'ACCOUNT' | 'CRM' | 'GOOGLE_IMPORT' | 'REMINDING' | 'SECURITY' | 'ACCOUNTABILITY' | 'OPERATION' | 'MARKETING'
/** GDPR Art. 6(1) b, a, f, c. */
export type LegalBasis = 'CONTRACT' | 'CONSENT' | 'LEGITIMATE_INTEREST' | 'LEGAL_OBLIGATION'
/** Whose data it is: the account's holder, a person in their address book, or nobody's. */
export type Subject = 'OWNER' | 'CONTACT_PERSON' | 'NOBODY'
/** What erasing the owner does to a column. SHRED deletes the row and destroys the key that opens it. */
export type OnErasure = 'DELETE' | 'SHRED' | 'KEEP_AS_EVIDENCE'
/** How a column appears in an export: as it is, opened, or not at all with the reason. */
export type Export = 'AS_IS' | 'OPENED' | { omitted: string }

/** How long a row is kept: until its owner leaves, or for an ISO 8601 period from an instant in one of its own columns or from the end of the account. */
export type Retention<M extends Model> = 'ACCOUNT' | { after: string; from: ClockColumn<M> | 'CLOSURE'; why: string }

/** The rule of one column; what it does not say it has from its model. */
export interface ColumnRule<M extends Model> {
  category: Category
  subject?: Subject
  purposes?: readonly Purpose[]
  legalBasis?: LegalBasis
  retention?: Retention<M>
  onErasure?: OnErasure
  export?: Export
  /** The class of key it is sealed under. */
  sealed?: KeyClass
  /** Where the value comes from, if not from the owner. */
  provenance?: 'GOOGLE' | 'IMPORT' | 'DERIVED'
}

/** By what rows are found that are about an account's holder and belong to the controller: a column that names the account, or the row of another model that they hang on. */
export type Holder<M extends Model> =
  | { column: Column<M> }
  /** `but`: rows with one of these values are about somebody else. */
  | { through: Model; by: Column<M>; but?: { column: Column<M>; values: readonly string[] } }

/** The rules of one model. */
export interface ModelPolicy<M extends Model> {
  model: M
  /** What the model is, in a sentence for the record of processing. */
  about: string
  /** Whether its rows belong to one owner, or it is a directory or an operational table found without one. */
  owned: boolean
  holder?: Holder<M>
  subject: Subject
  purposes: readonly Purpose[]
  legalBasis: LegalBasis
  retention: Retention<M>
  onErasure: OnErasure
  export: Export
  /** Whether it may hold what Google’s APIs have given, or what was derived from that: Google lets it serve features that the user sees, and nothing else. */
  limitedUse?: true
  columns: { [C in Column<M>]: C extends BytesColumn<M> ? ColumnRule<M> : Omit<ColumnRule<M>, 'sealed'> }
}

/** Declares what each column of a model is, whose it is, why it is held, how long, and what erasure and export do with it. A column without a rule does not compile. */
export function definePolicy<const M extends Model>(model: M, policy: Omit<ModelPolicy<M>, 'model'>): ModelPolicy<M> {
  return { model, ...policy }
}

/** A policy of any model, for code that walks them all. */
export interface AnyPolicy {
  model: Model
  about: string
  owned: boolean
  holder?: Holder<Model>
  subject: Subject
  purposes: readonly Purpose[]
  legalBasis: LegalBasis
  retention: AnyRetention
  onErasure: OnErasure
  export: Export
  limitedUse?: true
  columns: Readonly<Record<string, AnyColumnRule>>
}
type AnyRetention = 'ACCOUNT' | { after: string; from: string; why: string }
type AnyColumnRule = Omit<ColumnRule<Model>, 'retention'> & { retention?: AnyRetention }
