import { z } from 'zod'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { InvalidInputError } from '../core/errors.ts'
import { parse } from '../core/parse.ts'
import { type Applied, applyDrafts, fingerprintOf } from '../contacts/drafts.ts'
import type { SourcedDraft } from '../contacts/sources.ts'
import { storePhotos } from '../avatars/service.ts'
import type { ContactDraft } from '../contacts/draft.ts'
import { discard, inTransaction } from '../events/service.ts'
import type { OwnerVault } from '../vault/vault.ts'
import { matchContacts } from './match.ts'
import { type FileRow, formats, readFile } from './read.ts'

/** What became of one card or line of a file. */
export interface ImportedRow {
  index: number
  outcome: 'CREATED' | 'UPDATED' | 'UNCHANGED' | 'SKIPPED'
  contactId: string | null
  /** Why it was skipped, or what of it could not be taken. */
  message: string | null
}

/** What an import did, or in a dry run would do. */
export interface Imported {
  created: number
  updated: number
  unchanged: number
  skipped: number
  rows: ImportedRow[]
}

const ContactsImport = z.object({ format: z.enum(formats), content: z.string(), dryRun: z.boolean().nullish() })

/** Imports an address book that fits into a request, all of it in one transaction. @throws InvalidInputError when the content holds nothing of the format */
export async function importContacts(ctx: Ctx, input: z.input<typeof ContactsImport>): Promise<Imported> {
  const { format, content, dryRun } = parse(ContactsImport, input)
  const rows = await Array.fromAsync(readFile(format, [Buffer.from(content)]))
  if (rows.length === 0)
    throw new InvalidInputError({
      path: ['content'],
      message: format === 'VCARD' ? 'There is no vCard in it.' : 'There is no line of a known kind of CSV in it.',
    })
  return inTransaction(ctx, async (tx) => {
    const imported = summaryOf(await applyRows(tx, rows))
    if (dryRun) discard(tx)
    return imported
  })
}

/** Brings rows of a file in, in the open transaction. What cannot be taken is a row with a reason; the rest go in. */
export async function applyRows(tx: Ctx, rows: readonly FileRow[]): Promise<ImportedRow[]> {
  const vault = await tx.app.vault.of(ownerOf(tx))
  const readable = rows.filter(isReadable)
  const drafts = readable.map((row): SourcedDraft => sourced(vault, row))
  const matched = await matchContacts(tx, drafts)
  const applied = await applyDrafts(tx, matched)
  const results = new Map<FileRow, Applied | undefined>(readable.map((row, place) => [row, applied[place]]))
  const changed = readable.flatMap((row) => {
    const result = results.get(row)
    const photo = row.draft?.photo
    return photo && 'bytes' in photo && result && result.outcome !== 'SKIPPED' && result.outcome !== 'UNCHANGED'
      ? [{ contactId: result.contactId, bytes: photo.bytes }]
      : []
  })
  const refusedPhotos = new Map((await storePhotos(tx, changed, 'IMPORT')).map((refused) => [refused.contactId, refused.reason]))
  return rows.map((row): ImportedRow => {
    const result = results.get(row)
    if (!result) return { index: row.index, outcome: 'SKIPPED', contactId: null, message: row.reason ?? 'It could not be read.' }
    if (result.outcome === 'SKIPPED') {
      const message =
        result.reason === 'INVALID'
          ? result.issues.map((issue) => [issue.path.join('.'), issue.message].filter(Boolean).join(': ')).join('; ')
          : skippedBecause[result.reason]
      return { index: row.index, outcome: 'SKIPPED', contactId: null, message }
    }
    const refused = refusedPhotos.get(result.contactId)
    return { index: row.index, outcome: result.outcome, contactId: result.contactId, message: refused ? `Its photo was left out: ${refused}` : null }
  })
}

/** The counts of an import's rows. */
export function summaryOf(rows: ImportedRow[]): Imported {
  const count = (outcome: ImportedRow['outcome']): number => rows.filter((row) => row.outcome === outcome).length
  return { created: count('CREATED'), updated: count('UPDATED'), unchanged: count('UNCHANGED'), skipped: count('SKIPPED'), rows }
}

const skippedBecause = {
  IN_BIN: 'Its contact lies in the bin; restore it first.',
  DELETED: 'You deleted the contact that came from it.',
  ABSENT: 'Its contact is gone.',
  SUPPRESSED: 'Its person has asked not to be kept in address books here.',
  RESTRICTED: 'What is held of its person may only be stored for now.',
} as const

type Readable = Extract<FileRow, { draft: ContactDraft }>

function isReadable(row: FileRow): row is Readable {
  return row.draft !== undefined
}

/** A row with where it is from: a card's UID names it, else what it says does, so that the same file brought in twice changes nothing. */
function sourced(vault: OwnerVault, row: Readable): SourcedDraft {
  const fingerprint = fingerprintOf(vault, row.text)
  const uid = row.draft.uid?.trim()
  return {
    contactId: null,
    draft: row.draft,
    source: {
      kind: 'IMPORT',
      externalId: uid ? `uid:${uid.slice(0, 500)}` : `card:${Buffer.from(fingerprint).toString('base64url')}`,
      raw: JSON.stringify({ text: row.text, unmodelled: row.draft.unmodelled }),
      fingerprint,
    },
  }
}

export { escapeCell } from './csv/cells.ts'
