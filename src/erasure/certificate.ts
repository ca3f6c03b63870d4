import type { App } from '../app.ts'
import { toInstant } from '../core/clock.ts'
import { controllerVault } from '../privacy/service.ts'
import type { CheckReport } from './check.ts'
import { backupDays, type WalHorizon } from './horizon.ts'
import type { LedgerEntry } from './ledger.ts'

/** The media type of a certificate's payload, as its header names it. */
export const certificateType = 'kith-erasure-certificate+jwt'

/** What a certificate says. No name, address or id of the person: who has these can have them hashed by the controller and compared. */
export interface CertificateBody {
  version: 1
  id: string
  request: string
  controller: string
  /** ACCOUNT: an account with all that was in it. PERSON: somebody without one, in every address book that had them. */
  scope: 'ACCOUNT' | 'PERSON'
  /** Keyed hash of whom it is about. */
  subject: string
  /** The number of the entry in the ledger, by which a restored dump is made to forget again. */
  ledgerEntry: string
  begunAt: string
  completedAt: string
  /** SHA-256 of the plan that was carried out. */
  plan: string
  /** What went, by name: how much there was, and how much there is. */
  erased: { name: string; before: number; after: number }[]
  /** The classes of the data keys that were destroyed. */
  keysDestroyed: string[]
  recipients: { name: string; outcome: string }[]
  /** What looked for it afterwards, in how many tables of both databases, and found nothing. */
  check: { tables: number; found: 0; at: string }
  retained: { name: string; count: number; what: string; ground: string; until: string }[]
  residual: { backupsUntil: string; backups: string; wal: WalHorizon | null }
}

/** What a certificate is made of. */
export interface Findings {
  id: string
  entry: LedgerEntry
  erased: CertificateBody['erased']
  keysDestroyed: readonly string[]
  recipients: CertificateBody['recipients']
  report: CheckReport
  retained: CertificateBody['retained']
  wal: WalHorizon | null
}

/** Signs what was found, as a JWS (Ed25519). @throws Error while something is left: no certificate says that it is gone */
export async function certify(app: App, { id, entry, erased, keysDestroyed, recipients, report, retained, wal }: Findings): Promise<string> {
  if (report.leftovers.length > 0)
    throw new Error(`Something is left of entry ${entry.seq}: ${report.leftovers.map(({ place, count }) => `${place} (${count})`).join(', ')}.`)
  const now = app.clock.now()
  const body: CertificateBody = {
    version: 1,
    id,
    request: entry.requestId,
    controller: app.config.controller.name,
    scope: entry.scope,
    subject: await subjectHash(app, entry),
    ledgerEntry: String(entry.seq),
    begunAt: toInstant(entry.at).toString(),
    completedAt: now.toString(),
    plan: Buffer.from(entry.planHash).toString('hex'),
    erased,
    keysDestroyed: [...keysDestroyed],
    recipients,
    check: { tables: report.tables, found: 0, at: now.toString() },
    retained,
    residual: {
      backupsUntil: now.add({ hours: 24 * backupDays }).toString(),
      backups:
        keysDestroyed.length > 0
          ? 'Copies may lie in backups until then. What is sealed cannot be read there, since its keys are gone; a restored backup has the erasure applied again before it serves anybody.'
          : 'Copies may lie in backups until then; a restored backup has the erasure applied again before it serves anybody.',
      wal,
    },
  }
  return app.signing.jws(JSON.stringify(body), certificateType)
}

/** The keyed hash that stands for whom an entry is about. */
export async function subjectHash(app: App, { subjectId, hashes, places }: Pick<LedgerEntry, 'subjectId' | 'hashes' | 'places'>): Promise<string> {
  const said = subjectId ?? JSON.stringify([hashes.map((hash) => Buffer.from(hash).toString('hex')).toSorted(), hashes.length > 0 ? [] : places])
  return Buffer.from((await controllerVault(app)).hash('erasure subject', said)).toString('hex')
}
