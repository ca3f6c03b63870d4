import { type Ctx, ownerOf } from '../core/ctx.ts'
import { empty, send, sql } from '../db/client.ts'
import { type Found, insertTerms, sealedTermsOf, termRows } from './termRows.ts'
import { type Indexed, sealedWords, spelledWords, type Term, termsOf } from './terms.ts'
import { forgetVariants, keepVariants } from './variants.ts'

/** All of a contact that is indexed. */
export interface IndexedWhole extends Indexed {
  about: string | null
}

/** What a contact held before a change, which is what its terms were made from (null: it is new in this transaction), and what it holds now. */
export interface IndexChange {
  contactId: string
  before: IndexedWhole | null
  after: IndexedWhole
}

/**
 * Makes contacts findable by what they hold after a change, without reading it: only the terms in which it differs from what they held before are written.
 * Called in the transaction that changes them, their rows locked.
 */
export async function reindexContacts(tx: Ctx, changes: readonly IndexChange[]): Promise<void> {
  if (changes.length === 0) return
  const ownerId = ownerOf(tx)
  const hashOf = sealedTermsOf(await tx.app.vault.of(ownerId))
  const added = changes.filter(({ before }) => before === null)
  const changed = changes.flatMap(({ contactId, before, after }) => (before ? [{ contactId, before, after }] : []))
  insertTerms(
    tx,
    ownerId,
    added.map(({ contactId, after }) => foundBy(contactId, [...termsOf(after), ...hashOf(sealedOf(after))])),
    empty,
  )
  const come = changed.map(({ contactId, before, after }) => foundBy(contactId, beyond(after, before, hashOf)))
  const gone = changed.map(({ contactId, before, after }) => foundBy(contactId, beyond(before, after, hashOf)))
  insertTerms(tx, ownerId, come)
  deleteTerms(tx, ownerId, gone)
  const words = new Set(changes.flatMap(({ after }) => spelledWords(after)))
  const known = new Set(changed.flatMap(({ before }) => spelledWords(before)))
  // Of words that some contact had before too: whoever else had them last may have taken their variants away meanwhile.
  await keepVariants(tx, [...words])
  forgetVariants(tx, [...known.difference(words)])
}

function foundBy(contactId: string, terms: readonly Term[]): Found {
  return { contactId, entityId: contactId, terms }
}

/** The terms of one that the other has not. */
function beyond(one: IndexedWhole, other: IndexedWhole, hashOf: (words: readonly string[]) => Term[]): Term[] {
  const had = new Set(termsOf(other).map(({ kind, term }) => `${kind} ${term}`))
  const plain = termsOf(one).filter(({ kind, term }) => !had.has(`${kind} ${term}`))
  if (one.about === other.about) return plain
  const words = new Set(sealedOf(other))
  return [...plain, ...hashOf(sealedOf(one).filter((word) => !words.has(word)))]
}

function sealedOf({ about }: IndexedWhole): string[] {
  return about === null ? [] : sealedWords(about)
}

function deleteTerms(tx: Ctx, ownerId: string, gone: readonly Found[]): void {
  if (gone.every(({ terms }) => terms.length === 0)) return
  send(
    tx,
    sql`DELETE FROM search_terms AS t USING (${termRows(gone)}) AS g
        WHERE t."ownerId" = ${ownerId}::uuid AND t.kind = g.kind AND t.term = g.term AND t."contactId" = g."contactId" AND t."entityId" = g."entityId"`,
  )
}
