import { type Ctx, ownerOf } from '../core/ctx.ts'
import { send, sql } from '../db/client.ts'
import type { OwnerVault } from '../vault/vault.ts'
import { sealedTerm } from './matches.ts'
import { sealedWords } from './terms.ts'

/** Makes a contact findable by the words of a note that this transaction just wrote, without waiting for it. Of a note that was not written after all there is nothing to find. */
export function indexNewNote(tx: Ctx, vault: OwnerVault, note: { id: string; body: string }): void {
  const terms = sealedWords(note.body).map((word) => sealedTerm(vault, word))
  if (terms.length === 0) return
  send(
    tx,
    sql`INSERT INTO search_terms ("ownerId", kind, term, "contactId", "entityId") SELECT n."ownerId", 'sealed', term, n."contactId", n.id
        FROM notes AS n CROSS JOIN unnest(${terms}::text[]) AS t(term) WHERE n."ownerId" = ${ownerOf(tx)}::uuid AND n.id = ${note.id}::uuid`,
  )
}
