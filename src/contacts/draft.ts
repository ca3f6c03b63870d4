import type { PartialDate } from '../core/partialDate.ts'

/** The parts of a person's name, each as typed. */
export interface DraftName {
  prefix?: string | undefined
  given?: string | undefined
  middle?: string | undefined
  family?: string | undefined
  suffix?: string | undefined
  nickname?: string | undefined
  phoneticGiven?: string | undefined
  phoneticFamily?: string | undefined
}

/** An e-mail address as typed; at most one of a contact is primary. */
export interface DraftEmail {
  address: string
  label?: string | undefined
  primary?: boolean | undefined
}

/** A phone number as typed; at most one of a contact is primary. */
export interface DraftPhone {
  number: string
  label?: string | undefined
  primary?: boolean | undefined
}

/** A postal address. `countryCode` is ISO 3166-1 alpha-2 in upper case. */
export interface DraftAddress {
  label?: string | undefined
  street?: string | undefined
  extended?: string | undefined
  poBox?: string | undefined
  city?: string | undefined
  region?: string | undefined
  postalCode?: string | undefined
  country?: string | undefined
  countryCode?: string | undefined
}

/** A web address as typed. */
export interface DraftUrl {
  url: string
  label?: string | undefined
}

/** A place of work; at least one part is given. */
export interface DraftOrganization {
  name?: string | undefined
  department?: string | undefined
  title?: string | undefined
}

/** What a contact's date stands for. */
export type DraftDateKind = 'BIRTHDAY' | 'ANNIVERSARY' | 'OTHER'

/** A date of a contact's life; `label` says what an OTHER is. */
export interface DraftDate {
  kind: DraftDateKind
  label?: string | undefined
  date: PartialDate
}

/** Somebody the contact is related to; `kind` is a word such as `spouse` or `manager`. */
export interface DraftRelation {
  name: string
  kind?: string | undefined
}

/** A field that the user named. */
export interface DraftCustomField {
  name: string
  value: string
}

/** A picture: its bytes, or the http(s) address it can be had from. */
export type DraftPhoto = { bytes: Uint8Array; contentType?: string | undefined } | { url: string }

/** A contact before it is stored: the one shape that vCard, CSV, Google and the API are turned into. */
export interface ContactDraft {
  displayName?: string | undefined
  name?: DraftName | undefined
  about?: string | undefined
  starred?: boolean | undefined
  emails: DraftEmail[]
  phones: DraftPhone[]
  addresses: DraftAddress[]
  urls: DraftUrl[]
  organizations: DraftOrganization[]
  dates: DraftDate[]
  relations: DraftRelation[]
  customFields: DraftCustomField[]
  tags: string[]
  photo?: DraftPhoto | undefined
  /** The card's own identifier, whatever its form. */
  uid?: string | undefined
  /** What the model has no place for: unfolded vCard 4.0 content lines, written back on export. */
  unmodelled: string[]
}

/** A draft that says nothing yet. */
export function emptyDraft(): ContactDraft {
  return {
    emails: [],
    phones: [],
    addresses: [],
    urls: [],
    organizations: [],
    dates: [],
    relations: [],
    customFields: [],
    tags: [],
    unmodelled: [],
  }
}

/** Whether nobody would miss the draft: no part of it is given. */
export function isEmptyDraft(draft: ContactDraft): boolean {
  return Object.values(draft).every((part) => part === undefined || part === '' || part === false || (Array.isArray(part) && part.length === 0))
}

/** A part that is there only if it says something: what is undefined or empty is left out rather than set. */
export function given<Key extends string, Value>(key: Key, value: Value | undefined | ''): { [name in Key]?: Value } {
  return value === undefined || value === '' ? {} : ({ [key]: value } as { [name in Key]: Value })
}
