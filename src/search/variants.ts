import { type Ctx, ownerOf } from '../core/ctx.ts'
import { rows, send, sql } from '../db/client.ts'
import { slipsOf, soundsOf } from './terms.ts'

/** Makes words findable by how they sound and with a slip of the keyboard. Once a word: a thousand contacts called Maria cost what one does. */
export async function keepVariants(tx: Ctx, words: readonly string[]): Promise<void> {
  if (words.length === 0) return
  const ownerId = ownerOf(tx)
  const unknown = await rows<{ word: string }>(
    tx,
    sql`SELECT w.word FROM unnest(${[...words]}::text[]) AS w(word) WHERE NOT EXISTS (SELECT 1 FROM search_variants AS v WHERE v."ownerId" = ${ownerId}::uuid AND v.word = w.word)`,
  )
  const variants = unknown.flatMap(({ word }) => [
    ...slipsOf(word).map((variant) => ({ kind: 'typo', variant, word })),
    ...soundsOf(word).map((variant) => ({ kind: 'phonetic', variant, word })),
  ])
  if (variants.length === 0) return
  // Inserted in one order by everybody, so that two transactions do not wait for each other in a circle.
  send(
    tx,
    sql`INSERT INTO search_variants ("ownerId", kind, variant, word) SELECT ${ownerId}::uuid, kind, variant, word
        FROM (SELECT * FROM unnest(${variants.map((each) => each.kind)}::text[], ${variants.map((each) => each.variant)}::text[], ${variants.map((each) => each.word)}::text[]) AS v(kind, variant, word) ORDER BY 3, 1, 2) AS v
        ON CONFLICT DO NOTHING`,
  )
}

/** Forgets the variants of those words that no contact has any more. */
export function forgetVariants(tx: Ctx, words: readonly string[]): void {
  if (words.length === 0) return
  const ownerId = ownerOf(tx)
  send(
    tx,
    sql`DELETE FROM search_variants AS v WHERE v."ownerId" = ${ownerId}::uuid AND v.word = ANY(${[...words]}::text[])
        AND NOT EXISTS (SELECT 1 FROM search_terms AS t WHERE t."ownerId" = ${ownerId}::uuid AND t.kind IN ('name', 'organization') AND t.term = v.word)`,
  )
}
