import { toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { readPictures } from '../avatars/service.ts'
import type { ContactDraft } from '../contacts/draft.ts'
import { readContacts } from '../contacts/state.ts'
import { draftOf } from '../contacts/toDraft.ts'
import { rows, sql } from '../db/client.ts'
import type { Format } from './read.ts'
import { csvHeader, writeCsvRows } from './csv/write.ts'
import { writeJsContact } from './jscontact.ts'
import { type ExportedContact, writeVcard } from './vcard/write.ts'

/** So many contacts are read at once. */
const batchSize = 200

/** Writes the owner's address book, 200 contacts at a time: every contact that is not in the bin, archived ones too, by name, without those that may only be stored. */
export async function* exportContacts(ctx: Ctx, format: Format): AsyncGenerator<string> {
  if (format === 'CSV') yield csvHeader()
  for await (const contacts of contactBatches(ctx)) {
    yield format === 'CSV' ? writeCsvRows(contacts) : contacts.map((contact) => writeVcard(contact)).join('')
  }
}

/** The same contacts as a JSON array of JSContact Cards (RFC 9553). */
export async function* exportJsContacts(ctx: Ctx): AsyncGenerator<string> {
  let before = '[\n'
  for await (const contacts of contactBatches(ctx)) {
    for (const contact of contacts) {
      yield `${before}${JSON.stringify(writeJsContact(contact))}`
      before = ',\n'
    }
  }
  yield before === '[\n' ? '[]\n' : '\n]\n'
}

/** How many contacts an export holds. */
export async function countContacts(ctx: Ctx): Promise<number> {
  const [found] = await rows<{ count: number }>(
    ctx,
    sql`SELECT count(*)::int AS count FROM contacts WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND "deletedAt" IS NULL`,
  )
  return found?.count ?? 0
}

async function* contactBatches(ctx: Ctx): AsyncGenerator<ExportedContact[]> {
  const ownerId = ownerOf(ctx)
  let after: { sortName: string; id: string } | undefined
  for (;;) {
    const page: { id: string; sortName: string; updatedAt: Date }[] = await rows(
      ctx,
      sql`SELECT id, "sortName", "updatedAt" FROM contacts WHERE "ownerId" = ${ownerId}::uuid AND "deletedAt" IS NULL AND "restrictedAt" IS NULL
          AND ${after ? sql`("sortName", id) > (${after.sortName}, ${after.id}::uuid)` : sql`true`} ORDER BY "sortName", id LIMIT ${batchSize}`,
    )
    if (page.length === 0) return
    after = page.at(-1)
    const ids = page.map((row) => row.id)
    const states = await readContacts(ctx, ids)
    const extras = await extrasOf(ctx, ids)
    yield page.flatMap((row) => {
      const state = states.get(row.id)
      if (!state) return []
      const draft: ContactDraft = draftOf(state)
      const extra = extras.get(row.id)
      return [
        {
          ...draft,
          displayName: state.shownName,
          uid: draft.uid ?? extra?.uid ?? `urn:uuid:${row.id}`,
          unmodelled: extra?.unmodelled ?? [],
          ...(extra?.photo ? { photo: extra.photo } : {}),
          updatedAt: toInstant(row.updatedAt),
        },
      ]
    })
  }
}

interface Extra {
  uid: string | undefined
  unmodelled: string[]
  photo?: { bytes: Uint8Array; contentType: string }
}

/** What the model has no column for: the card's own id and properties, from its sealed record, and the picture. */
async function extrasOf(ctx: Ctx, ids: readonly string[]): Promise<Map<string, Extra>> {
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  const sources = await ctx.db.contactSource.findMany({
    where: { ownerId, contactId: { in: [...ids] }, kind: 'IMPORT', raw: { not: null } },
    orderBy: { lastSeenAt: 'asc' },
  })
  const extras = new Map<string, Extra>()
  for (const source of sources) {
    const known = extras.get(source.contactId) ?? { uid: undefined, unmodelled: [] }
    const { unmodelled } = JSON.parse(vault.openMaybe('ContactSource.raw', source.id, source.raw) ?? '{}') as { unmodelled?: string[] }
    const uid = source.externalId?.startsWith('uid:') ? source.externalId.slice('uid:'.length) : known.uid
    extras.set(source.contactId, { ...known, uid, unmodelled: [...new Set([...known.unmodelled, ...(unmodelled ?? [])])] })
  }
  for (const [contactId, photo] of await readPictures(ctx, ids)) extras.set(contactId, { uid: undefined, unmodelled: [], ...extras.get(contactId), photo })
  return extras
}
