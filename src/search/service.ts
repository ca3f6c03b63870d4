import { fold, normalizePhone, words } from '../contacts/normalize.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, join, rows, type Sql, sql } from '../db/client.ts'
import type { OwnerVault } from '../vault/vault.ts'
import { backwards, phoneDigits, sealedWords, soundsOf, type Term, termsOf, variantsOf } from './terms.ts'

/** At most this many words of a search are looked up. */
const maxWords = 8

/**
 * What a search text matches, as a statement that gives ("contactId" uuid, score double precision), one row a contact; null for a text without a word.
 * Every word must be found somewhere in the contact: as a word's start in names, addresses, organisations or tags, by its sound, with one letter wrong,
 * or whole in notes and `about`. A text written like a phone number is looked up as one, from its start and from its end.
 */
export async function searchMatches(ctx: Ctx, text: string): Promise<Sql | null> {
  const ownerId = ownerOf(ctx)
  const digits = phoneDigits(text)
  if (digits) return phoneMatches(ownerId, digits, await e164Of(ctx, text))
  const vault = await ctx.app.vault.of(ownerId)
  const searched = [...new Set(words(text))].slice(0, maxWords)
  if (searched.length === 0) return null
  const whole = text.trim().toLowerCase()
  const perWord = searched.map(
    (word, index) => sql`SELECT "contactId", ${index}::int AS word, max(weight) AS weight FROM (${wordMatches(ownerId, word, vault)}) AS found GROUP BY "contactId"`,
  )
  const email = whole.includes('@') ? sql`UNION ALL SELECT "contactId", generate_series(0, ${searched.length - 1}::int), 20 FROM search_terms WHERE ${termStarts(ownerId, ['email'], whole)}` : sql``
  // A name that equals the text, or starts with it, comes before a name that has the same words elsewhere.
  return sql`SELECT m."contactId", sum(m.weight)::double precision + max(CASE WHEN c."sortName" = ${fold(text)} THEN 20 WHEN starts_with(c."sortName", ${fold(text)}) THEN 5 ELSE 0 END) AS score
    FROM (${join(perWord, ' UNION ALL ')} ${email}) AS m JOIN contacts AS c ON c."ownerId" = ${ownerId}::uuid AND c.id = m."contactId"
    GROUP BY m."contactId" HAVING count(DISTINCT m.word) = ${searched.length}::int`
}

/** The notes in which every word of the text stands, as a statement that gives ("entityId" uuid); null for a text without a word. */
export async function noteMatches(ctx: Ctx, text: string): Promise<Sql | null> {
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  const hashes = sealedWords(text).slice(0, maxWords).map((word) => sealedTerm(vault, word))
  if (hashes.length === 0) return null
  return sql`SELECT "entityId" FROM search_terms WHERE "ownerId" = ${ownerId}::uuid AND kind = 'sealed' AND term = ANY(${hashes}) GROUP BY "entityId" HAVING count(DISTINCT term) = ${hashes.length}::int`
}

/** Makes the contacts findable by what they now hold; replaces what they were found by. Called in the transaction that wrote them. */
export async function indexContacts(tx: Ctx, contactIds: readonly string[]): Promise<void> {
  if (contactIds.length === 0) return
  const ownerId = ownerOf(tx)
  const vault = await tx.app.vault.of(ownerId)
  const contacts = await readContacts(tx, ownerId, contactIds)
  const terms = contacts.flatMap((contact) => {
    const about = vault.openMaybe('Contact.about', contact.id, contact.about)
    const plain = termsOf({ names: contact.names, emails: contact.emails, phones: contact.phones, organizations: contact.organizations, tags: contact.tags })
    return [...plain, ...(about ? sealedTerms(vault, about) : [])].map((term) => ({ ...term, contactId: contact.id, entityId: contact.id }))
  })
  await execute(tx, sql`DELETE FROM search_terms WHERE "ownerId" = ${ownerId}::uuid AND "contactId" = ANY(${[...contactIds]}::uuid[]) AND "entityId" = "contactId"`)
  await insertTerms(tx, ownerId, terms)
}

/** Makes a contact findable by the words of one of its notes; replaces those of an earlier body. */
export async function indexNote(tx: Ctx, note: { id: string; contactId: string; body: string }): Promise<void> {
  const ownerId = ownerOf(tx)
  const vault = await tx.app.vault.of(ownerId)
  await dropNoteTerms(tx, note)
  await insertTerms(tx, ownerId, sealedTerms(vault, note.body).map((term) => ({ ...term, contactId: note.contactId, entityId: note.id })))
}

/** Forgets the words of a note. */
export async function dropNoteTerms(tx: Ctx, note: { id: string; contactId: string }): Promise<void> {
  await execute(tx, sql`DELETE FROM search_terms WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "contactId" = ${note.contactId}::uuid AND "entityId" = ${note.id}::uuid`)
}

/** Gives the words of other contacts' notes to the contact that the notes moved to. */
export async function moveNoteTerms(tx: Ctx, fromContactIds: readonly string[], toContactId: string): Promise<void> {
  await execute(
    tx,
    sql`UPDATE search_terms SET "contactId" = ${toContactId}::uuid WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "contactId" = ANY(${[...fromContactIds]}::uuid[]) AND "entityId" <> "contactId"`,
  )
}

function sealedTerms(vault: OwnerVault, text: string): Term[] {
  return sealedWords(text).map((word) => ({ kind: 'sealed', term: sealedTerm(vault, word) }))
}

function sealedTerm(vault: OwnerVault, word: string): string {
  return Buffer.from(vault.hash('search word', word)).subarray(0, 16).toString('base64url')
}

async function insertTerms(tx: Ctx, ownerId: string, terms: readonly (Term & { contactId: string; entityId: string })[]): Promise<void> {
  if (terms.length === 0) return
  await execute(
    tx,
    sql`INSERT INTO search_terms ("ownerId", kind, term, "contactId", "entityId")
        SELECT ${ownerId}::uuid, kind, term, "contactId", "entityId"
        FROM unnest(${terms.map((term) => term.kind)}::text[], ${terms.map((term) => term.term)}::text[], ${terms.map((term) => term.contactId)}::uuid[], ${terms.map((term) => term.entityId)}::uuid[]) AS t(kind, term, "contactId", "entityId")
        ON CONFLICT DO NOTHING`,
  )
}

interface ContactRow {
  id: string
  about: Uint8Array | null
  names: string[]
  emails: string[]
  phones: { digits: string; e164: string | null; national: string | null }[]
  organizations: string[]
  tags: string[]
}

function readContacts(tx: Ctx, ownerId: string, contactIds: readonly string[]): Promise<ContactRow[]> {
  return rows<ContactRow>(
    tx,
    sql`SELECT c.id, c.about,
          array_remove(ARRAY[c."displayName", c."nameGiven", c."nameMiddle", c."nameFamily", c."nameNickname", c."namePhoneticGiven", c."namePhoneticFamily"], NULL) AS names,
          ARRAY(SELECT e.normalized FROM contact_emails AS e WHERE e."ownerId" = c."ownerId" AND e."contactId" = c.id) AS emails,
          COALESCE((SELECT jsonb_agg(jsonb_build_object('digits', p.digits, 'e164', p.e164, 'national', NULL)) FROM contact_phones AS p WHERE p."ownerId" = c."ownerId" AND p."contactId" = c.id), '[]') AS phones,
          ARRAY(SELECT o.name FROM contact_organizations AS o WHERE o."ownerId" = c."ownerId" AND o."contactId" = c.id AND o.name IS NOT NULL) AS organizations,
          ARRAY(SELECT t.name FROM contact_tags AS ct JOIN tags AS t ON t."ownerId" = ct."ownerId" AND t.id = ct."tagId" WHERE ct."ownerId" = c."ownerId" AND ct."contactId" = c.id) AS tags
        FROM contacts AS c WHERE c."ownerId" = ${ownerId}::uuid AND c.id = ANY(${[...contactIds]}::uuid[])`,
  )
}

/** Terms that begin with a text: a range of the index, since `term` sorts by code point. */
function termStarts(ownerId: string, kinds: readonly Term['kind'][], start: string): Sql {
  return sql`"ownerId" = ${ownerId}::uuid AND kind = ANY(${[...kinds]}) AND term >= ${start} AND term < ${`${start}\u{10FFFF}`}`
}

function wordMatches(ownerId: string, word: string, vault: OwnerVault): Sql {
  const branches = [
    sql`SELECT "contactId", CASE WHEN term = ${word} THEN 10 ELSE 6 END AS weight FROM search_terms WHERE ${termStarts(ownerId, ['name'], word)}`,
    sql`SELECT "contactId", CASE WHEN term = ${word} THEN 5 ELSE 3 END FROM search_terms WHERE ${termStarts(ownerId, ['email', 'organization', 'tag'], word)}`,
    sql`SELECT "contactId", 1 FROM search_terms WHERE "ownerId" = ${ownerId}::uuid AND kind = 'sealed' AND term = ${sealedTerm(vault, word)}`,
  ]
  const sounds = soundsOf(word)
  if (sounds.length > 0) branches.push(sql`SELECT "contactId", 2 FROM search_terms WHERE "ownerId" = ${ownerId}::uuid AND kind = 'phonetic' AND term = ANY(${sounds})`)
  const variants = variantsOf(word)
  if (variants.length > 0) branches.push(sql`SELECT "contactId", 2 FROM search_terms WHERE "ownerId" = ${ownerId}::uuid AND kind = 'typo' AND term = ANY(${variants})`)
  return join(branches, ' UNION ALL ')
}

function phoneMatches(ownerId: string, digits: string, e164: string | null): Sql {
  const starts = [...new Set([digits, digits.replace(/^00/, ''), digits.replace(/^0/, ''), ...(e164 ? [e164.replace('+', '')] : [])])].filter((each) => each.length >= 3)
  const branches = [
    ...starts.map((start) => sql`SELECT "contactId", 8 AS weight FROM search_terms WHERE ${termStarts(ownerId, ['phone'], start)}`),
    sql`SELECT "contactId", 7 FROM search_terms WHERE ${termStarts(ownerId, ['phoneEnd'], backwards(digits.replace(/^0+/, '')))}`,
  ]
  return sql`SELECT "contactId", max(weight)::double precision AS score FROM (${join(branches, ' UNION ALL ')}) AS found GROUP BY "contactId"`
}

async function e164Of(ctx: Ctx, text: string): Promise<string | null> {
  const account = await ctx.db.account.findUnique({ where: { ownerId: ownerOf(ctx) }, select: { region: true } })
  return (account && normalizePhone(text, account.region).e164) ?? null
}
