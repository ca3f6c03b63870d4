import { matchKey } from '../contacts/matchKey.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { empty, execute, rows, type Sql, sql } from '../db/client.ts'
import { literal } from '../db/keyset.ts'
import { bestOf, matchesOf, readSearch, sealedTerm } from './matches.ts'
import { sealedParts, sealedWords, spelledWords, termsOf } from './terms.ts'
import { words } from '../contacts/normalize.ts'
import { type Found, insertTerms, sealedTermsOf, termRows } from './termRows.ts'
import { forgetVariants, keepVariants } from './variants.ts'

export { indexNewNote } from './newNote.ts'
export { type IndexedWhole, reindexContacts } from './reindex.ts'

/** What a search finds: a statement that gives ("contactId" uuid, weight), and an expression over it as `m` and its contact as `c` that says how well it fits. */
export interface Matches {
  statement: Sql
  score: Sql
  /** Those that fit best, found among the contacts `c` alone: whose name is the text or begins with it. Their score is `least` at the least, and by name they stand in the order of their scores. */
  best: { where: Sql; score: Sql; least: number }
}

/**
 * What a search text finds, one row a contact; null for a text without a word. Every word must be found somewhere in the contact: at the start of a word
 * of its names, addresses, organisations or tags, by its sound, with one slip of the keyboard, or whole in notes and `about`. A text written like a phone
 * number is looked up as one, from its start and from its end.
 */
export async function searchMatches(ctx: Ctx, text: string): Promise<Matches | null> {
  const ownerId = ownerOf(ctx)
  const search = readSearch(text, /\d/.test(text.normalize('NFKC')) ? await regionOf(ctx) : undefined)
  if (!search) return null
  const name = matchKey(text).trim()
  const named = sql`c."sortName" >= ${name} AND c."sortName" <= ${`${name}\u{10FFFF}`} AND starts_with(c."sortName", ${name})`
  // Whether a word stands in a note is the business of those who may read notes.
  const statement = matchesOf(ownerId, search, await ctx.app.vault.of(ownerId), mayReadNotes(ctx))
  const [whole, start] = [literal(bestWorth.whole), literal(bestWorth.start)]
  return {
    // What is written like an address is not looked for in names, but who is called by it fits best.
    statement: text.includes('@')
      ? bestOf([statement, sql`SELECT c.id, ${start}::int FROM contacts AS c WHERE c."ownerId" = ${ownerId}::uuid AND ${named}`])
      : statement,
    score: sql`CASE WHEN c."sortName" = ${name} THEN ${whole} WHEN starts_with(c."sortName", ${name}) THEN ${start} ELSE m.weight END::double precision`,
    best: {
      where: named,
      score: sql`CASE WHEN c."sortName" = ${name} THEN ${whole} ELSE ${start} END::double precision`,
      least: bestWorth.start,
    },
  }
}

/** More than all words of a search can be worth: a name that is the text, and one that begins with it. */
const bestWorth = { whole: 2000, start: 1000 } as const

function mayReadNotes({ actor }: Ctx): boolean {
  return actor.kind !== 'token' || actor.scopes.has('notes:read')
}

/** The notes in which every word of the text stands, as a statement that gives ("entityId" uuid); null for a text without a word. */
export async function noteMatches(ctx: Ctx, text: string): Promise<Sql | null> {
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  const hashes = [...new Set(words(text).flatMap(sealedParts))].slice(0, 50).map((word) => sealedTerm(vault, word))
  if (hashes.length === 0) return null
  return sql`SELECT "entityId" FROM search_terms WHERE "ownerId" = ${ownerId}::uuid AND kind = 'sealed' AND term = ANY(${hashes}) AND "entityId" <> "contactId"
             AND NOT EXISTS (SELECT 1 FROM contacts AS c WHERE c."ownerId" = ${ownerId}::uuid AND c.id = search_terms."contactId" AND c."restrictedAt" IS NOT NULL) GROUP BY "entityId" HAVING count(DISTINCT term) = ${hashes.length}::int`
}

/** Makes the contacts findable by what they now hold; what they were found by and hold no more goes, of which those just `added` have nothing. Called in the transaction that wrote them. */
export async function indexContacts(tx: Ctx, contactIds: readonly string[], added: ReadonlySet<string> = new Set()): Promise<void> {
  if (contactIds.length === 0) return
  const ownerId = ownerOf(tx)
  const vault = await tx.app.vault.of(ownerId)
  const hashOf = sealedTermsOf(vault)
  const contacts = await readContacts(tx, ownerId, contactIds)
  const found = contacts.map((contact): Found => {
    const about = vault.openMaybe('Contact.about', contact.id, contact.about)
    return { contactId: contact.id, entityId: contact.id, terms: [...termsOf(contact), ...(about ? hashOf(sealedWords(about)) : [])] }
  })
  const [fresh = [], others = []] = [true, false].map((isNew) => found.filter(({ contactId }) => added.has(contactId) === isNew))
  insertTerms(tx, ownerId, fresh, empty)
  const there = contactIds.filter((id) => !added.has(id))
  const gone = there.length === 0 ? [] : await replaceTerms(tx, ownerId, there, others)
  const spelled = new Set(contacts.flatMap(spelledWords))
  await keepVariants(tx, [...spelled])
  forgetVariants(
    tx,
    gone.filter((word) => !spelled.has(word)),
  )
}

/** Forgets contacts that go for good, and their notes. Called in the transaction that deletes them. */
export async function forgetContacts(tx: Ctx, contactIds: readonly string[]): Promise<void> {
  forgetVariants(tx, await dropTerms(tx, sql`"contactId" = ANY(${[...contactIds]}::uuid[])`))
}

/** Makes a contact findable by the words of one of its notes; replaces those of an earlier body. */
export async function indexNote(tx: Ctx, note: { id: string; contactId: string; body: string }): Promise<void> {
  const ownerId = ownerOf(tx)
  const vault = await tx.app.vault.of(ownerId)
  await dropNoteTerms(tx, note)
  insertTerms(tx, ownerId, [{ contactId: note.contactId, entityId: note.id, terms: sealedTermsOf(vault)(sealedWords(note.body)) }])
}

/** Makes contacts findable by the words of notes that are new; in one statement for all. */
export async function indexNewNotes(tx: Ctx, notes: readonly { id: string; contactId: string; body: string }[]): Promise<void> {
  const ownerId = ownerOf(tx)
  const vault = await tx.app.vault.of(ownerId)
  const hashOf = sealedTermsOf(vault)
  insertTerms(
    tx,
    ownerId,
    notes.map(({ id, contactId, body }) => ({ contactId, entityId: id, terms: hashOf(sealedWords(body)) })),
  )
}

/** Forgets the words of a note. */
export async function dropNoteTerms(tx: Ctx, note: { id: string; contactId: string }): Promise<void> {
  await dropTerms(tx, sql`"contactId" = ${note.contactId}::uuid AND "entityId" = ${note.id}::uuid`)
}

/** Gives the words of other contacts' notes to the contact that the notes moved to. */
export async function moveNoteTerms(tx: Ctx, fromContactIds: readonly string[], toContactId: string): Promise<void> {
  await execute(
    tx,
    sql`UPDATE search_terms SET "contactId" = ${toContactId}::uuid WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "contactId" = ANY(${[...fromContactIds]}::uuid[]) AND "entityId" <> "contactId"`,
  )
}

/** Gives words of notes that have left a contact to the contacts that have the notes now. */
export async function returnNoteTerms(tx: Ctx, fromContactId: string): Promise<void> {
  const ownerId = ownerOf(tx)
  await execute(
    tx,
    sql`UPDATE search_terms AS t SET "contactId" = n."contactId" FROM notes AS n
        WHERE t."ownerId" = ${ownerId}::uuid AND t."contactId" = ${fromContactId}::uuid AND t."entityId" <> t."contactId" AND n."ownerId" = ${ownerId}::uuid AND n.id = t."entityId" AND n."contactId" <> ${fromContactId}::uuid`,
  )
}

/** Deletes terms; answers the words among them whose variants may have become of no use. */
async function dropTerms(tx: Ctx, which: Sql): Promise<string[]> {
  const gone = await rows<{ term: string }>(
    tx,
    sql`WITH gone AS (DELETE FROM search_terms WHERE "ownerId" = ${ownerOf(tx)}::uuid AND ${which} RETURNING kind, term)
        SELECT DISTINCT term FROM gone WHERE kind IN ('name', 'organization')`,
  )
  return gone.map(({ term }) => term)
}

/**
 * Gives contacts other terms of their own: those they have already stay as they are. Answers the words that went and whose variants may have become of no
 * use. NOT IN is looked up in a hash, however many the planner takes them for.
 */
async function replaceTerms(tx: Ctx, ownerId: string, contactIds: readonly string[], found: readonly Found[]): Promise<string[]> {
  insertTerms(tx, ownerId, found)
  return dropTerms(
    tx,
    sql`"contactId" = ANY(${[...contactIds]}::uuid[]) AND "entityId" = "contactId" AND ("contactId", kind, term) NOT IN (SELECT w."contactId", w.kind, w.term FROM (${termRows(found)}) AS w)`,
  )
}

interface ContactRow {
  id: string
  about: Uint8Array | null
  names: string[]
  emails: string[]
  phones: { number: string; digits: string; e164: string | null }[]
  organizations: string[]
  tags: string[]
}

function readContacts(tx: Ctx, ownerId: string, contactIds: readonly string[]): Promise<ContactRow[]> {
  return rows<ContactRow>(
    tx,
    sql`SELECT c.id, c.about,
          array_remove(ARRAY[c."displayName", c."nameGiven", c."nameMiddle", c."nameFamily", c."nameNickname", c."namePhoneticGiven", c."namePhoneticFamily"], NULL) AS names,
          ARRAY(SELECT e.normalized FROM contact_emails AS e WHERE e."ownerId" = ${ownerId}::uuid AND e."contactId" = c.id) AS emails,
          COALESCE((SELECT jsonb_agg(jsonb_build_object('number', p.number, 'digits', p.digits, 'e164', p.e164)) FROM contact_phones AS p WHERE p."ownerId" = ${ownerId}::uuid AND p."contactId" = c.id), '[]') AS phones,
          ARRAY(SELECT o.name FROM contact_organizations AS o WHERE o."ownerId" = ${ownerId}::uuid AND o."contactId" = c.id AND o.name IS NOT NULL) AS organizations,
          ARRAY(SELECT t.name FROM contact_tags AS ct JOIN tags AS t ON t."ownerId" = ct."ownerId" AND t.id = ct."tagId" WHERE ct."ownerId" = ${ownerId}::uuid AND ct."contactId" = c.id) AS tags
        FROM contacts AS c WHERE c."ownerId" = ${ownerId}::uuid AND c.id = ANY(${[...contactIds]}::uuid[])`,
  )
}

async function regionOf(ctx: Ctx): Promise<string | undefined> {
  const [account] = await rows<{ region: string }>(ctx, sql`SELECT region FROM accounts WHERE "ownerId" = ${ownerOf(ctx)}::uuid`)
  return account?.region
}
