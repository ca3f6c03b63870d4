import { send, type Sql, sql } from '../db/client.ts'
import type { Ctx } from '../core/ctx.ts'
import type { OwnerVault } from '../vault/vault.ts'
import { sealedTerm } from './matches.ts'
import type { Term } from './terms.ts'

/** What one row of a contact, itself or a note, is found by. */
export interface Found {
  contactId: string
  entityId: string
  terms: readonly Term[]
}

const orNothing = sql`ON CONFLICT DO NOTHING`

/** Terms of contacts that are new in this transaction meet none that are there, which `onConflict: empty` says: having each looked up first costs a third. */
export function insertTerms(tx: Ctx, ownerId: string, found: readonly Found[], onConflict: Sql = orNothing): void {
  if (found.every(({ terms }) => terms.length === 0)) return
  send(
    tx,
    sql`INSERT INTO search_terms ("ownerId", kind, term, "contactId", "entityId") SELECT ${ownerId}::uuid, t.* FROM (${termRows(found)}) AS t ${onConflict}`,
  )
}

/** Terms as rows (kind, term, "contactId", "entityId"). The ids travel once and not with each term; kinds and places are written as arrays at once, there being nothing in them to escape. */
export function termRows(found: readonly Found[]): Sql {
  const terms = found.flatMap((each) => each.terms)
  const places = found.flatMap((each, index) => each.terms.map(() => index + 1))
  return sql`SELECT kind, term, (${found.map(({ contactId }) => contactId)}::uuid[])[place] AS "contactId", (${found.map(({ entityId }) => entityId)}::uuid[])[place] AS "entityId"
        FROM unnest(${`{${terms.map(({ kind }) => kind).join()}}`}::text[], ${terms.map(({ term }) => term)}::text[], ${`{${places.join()}}`}::int[]) AS t(kind, term, place)`
}

/** Hashes words of sealed texts, each word once: texts of one address book say much the same. */
export function sealedTermsOf(vault: OwnerVault): (words: readonly string[]) => Term[] {
  const known = new Map<string, string>()
  const hashOf = (word: string): string => {
    const hash = known.get(word) ?? sealedTerm(vault, word)
    known.set(word, hash)
    return hash
  }
  return (words) => words.map((word) => ({ kind: 'sealed', term: hashOf(word) }))
}
