import type { Config } from '../config.ts'
import { dataMap } from './dataMap.ts'
import type { AnyPolicy, LegalBasis, Purpose, Subject } from './policy.ts'
import { type Recipient, recipientsOf } from './recipients.ts'

/** One purpose for which personal data are processed, as the record of processing lists it (GDPR, Article 30(1)). */
export interface ProcessingActivity {
  purpose: Purpose
  /** What that means, in a sentence. */
  about: string
  legalBases: LegalBasis[]
  subjects: Subject[]
  categories: string[]
  models: string[]
  /** Where data come from that their holder did not give. */
  sources: string[]
  /** How long they are kept; each period once. */
  kept: string[]
}

/** The record of processing of an installation (GDPR, Article 30). */
export interface ProcessingRecord {
  controller: Config['controller']
  activities: ProcessingActivity[]
  recipients: Recipient[]
  /** Transfers to third countries and what allows them. */
  transfers: string[]
  /** Technical and organisational measures (Article 32). */
  measures: string[]
}

const abouts: Readonly<Record<string, string>> = {
  ACCOUNT: 'To have an account and keep its settings.',
  CRM: 'To keep an address book with what its owner notes about people and when they were last in touch.',
  GOOGLE_IMPORT: 'To bring in contacts, mail and meetings from Google, where the account’s holder connected it.',
  REMINDING: 'To remind the account’s holder by mail of what they asked to be reminded of.',
  SECURITY: 'To know who asks, and to keep others out.',
  ACCOUNTABILITY: 'To be able to show that the law and people’s choices were kept.',
  OPERATION: 'To run the service.',
  MARKETING: 'To tell of news of the service, to those who said that they want it.',
}

/** What is processed for each purpose, from the policies themselves. Columns that are nobody's are left out. */
export function processingActivities(policies: Readonly<Record<string, AnyPolicy>>, concerning?: Subject): ProcessingActivity[] {
  const columns = dataMap(policies).flatMap(({ model, columns: all }) =>
    all.filter(({ subject }) => subject !== 'NOBODY' && (concerning === undefined || subject === concerning)).map((column) => ({ model, ...column })),
  )
  const purposes = [...new Set(columns.flatMap((column) => column.purposes))].toSorted()
  return purposes.map((purpose) => {
    const held = columns.filter((column) => column.purposes.includes(purpose))
    return {
      purpose,
      about: abouts[purpose] ?? purpose,
      legalBases: distinct(held.map(({ legalBasis }) => legalBasis)),
      subjects: distinct(held.map(({ subject }) => subject)),
      categories: distinct(held.map(({ category }) => category).filter((category) => !category.startsWith('system.'))),
      models: distinct(held.map(({ model }) => model)),
      sources: distinct(held.flatMap(({ provenance }) => provenance ?? [])),
      kept: distinct(held.map(({ retention }) => retention)),
    }
  })
}

/** The record of processing of this installation. */
export function processingRecord(policies: Readonly<Record<string, AnyPolicy>>, config: Pick<Config, 'controller' | 'smtpUrl' | 'blobs'>): ProcessingRecord {
  const { controller } = config
  return {
    controller,
    activities: processingActivities(policies),
    recipients: recipientsOf(config),
    transfers: [
      'To Google, as far as an account’s holder has connected it: under its data processing terms, with the European Commission’s standard contractual clauses.',
    ],
    measures: [
      'Contents (notes, reminders, subjects, custom fields, source records, messages) are sealed with AES-256-GCM under keys of each owner, which lie in a database of their own.',
      'Every row belongs to one owner, and every statement says whose rows it means.',
      'What happens to data is written into logs that are only added to and chained by hashes.',
      'Sign-in goes through Google; sessions and tokens are stored as keyed hashes only.',
      'HTTPS is required in production, with strict security headers.',
    ],
  }
}

/** Values once each, in order. */
function distinct<Value extends string>(values: readonly Value[]): Value[] {
  return [...new Set(values)].toSorted()
}
