import type pg from 'pg'
import type { App } from '../../src/app.ts'
import { inTransaction } from '../../src/events/service.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { indexContacts, indexNewNotes } from '../../src/search/service.ts'

/** So many contacts are indexed at a time. */
const batch = 500

/** Makes the contacts and notes of some accounts findable, by Kith's own search, and their twins by the same terms: words of sealed texts in plain. */
export async function makeTerms(client: pg.ClientBase, app: App, ownerIds: readonly string[]): Promise<void> {
  for (const ownerId of ownerIds) {
    const { rows: contacts } = await client.query<{ id: string }>('SELECT id FROM twin.contacts WHERE "ownerId" = $1 ORDER BY id', [ownerId])
    for (let from = 0; from < contacts.length; from += batch) {
      const ids = contacts.slice(from, from + batch).map(({ id }) => id)
      const { rows: notes } = await client.query<{ id: string; contactId: string; body: string }>(
        'SELECT id, "contactId", body FROM twin.notes WHERE "ownerId" = $1 AND "contactId" = ANY ($2)',
        [ownerId, ids],
      )
      await inTransaction(systemCtx(app, ownerId, 'bench'), async (tx) => {
        await indexContacts(tx, ids, new Set(ids))
        await indexNewNotes(tx, notes)
      })
    }
  }
  await client.query(twinTerms)
}

const twinTerms = `
  CREATE TABLE twin.search_terms (LIKE public.search_terms INCLUDING ALL);
  CREATE TABLE twin.search_variants (LIKE public.search_variants INCLUDING ALL);
  INSERT INTO twin.search_variants SELECT * FROM public.search_variants ORDER BY 1, 2, 3, 4;
  INSERT INTO twin.search_terms SELECT * FROM public.search_terms WHERE kind <> 'sealed' ORDER BY 1, 2, 3, 4, 5;
  INSERT INTO twin.search_terms ("ownerId", kind, term, "contactId", "entityId") SELECT DISTINCT t."ownerId", 'sealed', word, t."contactId", t.id FROM (
      SELECT n."ownerId", n."contactId", n.id, n.body FROM twin.notes AS n UNION ALL SELECT c."ownerId", c.id, c.id, c.about FROM twin.contacts AS c WHERE c.about IS NOT NULL) AS t
    CROSS JOIN LATERAL string_to_table(t.body, ' ') AS word WHERE t."ownerId" IN (SELECT DISTINCT "ownerId" FROM public.search_terms);
  ANALYZE twin.search_terms; ANALYZE twin.search_variants;`
