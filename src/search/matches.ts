import { words } from '../contacts/normalize.ts'
import { join, type Sql, sql } from '../db/client.ts'
import type { OwnerVault } from '../vault/vault.ts'
import { type PhoneSearch, phoneSearch } from './phone.ts'
import { isSpelled, isUnspaced, sealedParts, shortened, slipsOf, soundsOf, type TermKind } from './terms.ts'

/** At most this many words of a search are looked up. */
const maxWords = 8

/** What a match is worth: exactly so in the name first, words of notes last. A name that is or begins with the whole text counts besides. */
const worth = { name: 10, nameStart: 6, phone: 8, address: 8, phoneEnd: 7, value: 5, valueStart: 3, slip: 2, sealed: 1 } as const

/** The keyed hash under which a word of a sealed text is kept. */
export function sealedTerm(vault: OwnerVault, word: string): string {
  return Buffer.from(vault.hash('search word', word)).subarray(0, 16).toString('base64url')
}

/** A search as it is looked up. Each word must be found, by itself or as a part of an address or number that is found. */
export interface Search {
  words: string[]
  /** E-mail addresses and domains as typed, or their beginnings, and the words they consist of. */
  addresses: { start: string; words: number[] }[]
  /** The whole text, read as a phone number. */
  phone: PhoneSearch | null
}

/** Reads a search text; null for one without a word. */
export function readSearch(text: string, region: string | undefined): Search | null {
  const found = new Map<string, number>()
  const addresses: Search['addresses'] = []
  for (const piece of text.split(/\s+/)) {
    const within = words(piece)
      .map(shortened)
      .filter((word) => found.has(word) || found.size < maxWords)
      .map((word) => found.get(word) ?? (found.set(word, found.size), found.size - 1))
    if (within.length > 0 && /[.@]/.test(piece))
      addresses.push({ start: shortened(piece.toLowerCase().replace(/^mailto:|^[<(]|[>),;]$/g, '')), words: [...new Set(within)] })
  }
  return found.size === 0 ? null : { words: [...found.keys()], addresses, phone: phoneSearch(text, region) }
}

/** The contacts that a search finds, as a statement that gives ("contactId" uuid, weight double precision), one row a contact. */
export function matchesOf(ownerId: string, search: Search, vault: OwnerVault): Sql {
  const everyWord = search.words.map((_, index) => index)
  const branches = [
    ...search.words.flatMap((word, index) =>
      wordBranches(ownerId, word, vault).map((branch) => sql`SELECT "contactId", ${index}::int AS word, weight FROM (${branch}) AS w`),
    ),
    ...search.addresses.map(({ start, words: within }) => forWords(within, addressBranch(ownerId, start))),
    ...(search.phone ? phoneBranches(ownerId, search.phone).map((branch) => forWords(everyWord, branch)) : []),
  ]
  if (search.words.length === 1)
    return sql`SELECT "contactId", max(weight)::double precision AS weight FROM (${join(branches, ' UNION ALL ')}) AS found GROUP BY "contactId"`
  return sql`SELECT "contactId", sum(weight)::double precision AS weight
    FROM (SELECT "contactId", word, max(weight) AS weight FROM (${join(branches, ' UNION ALL ')}) AS found GROUP BY "contactId", word) AS words
    GROUP BY "contactId" HAVING count(*) = ${search.words.length}::int`
}

/** A branch that stands for several words of the search at once. */
function forWords(indexes: readonly number[], branch: Sql): Sql {
  return sql`SELECT "contactId", word, weight FROM (${branch}) AS b CROSS JOIN unnest(${[...indexes]}::int[]) AS w(word)`
}

function wordBranches(ownerId: string, word: string, vault: OwnerVault): Sql[] {
  const { length } = [...word]
  const parts = sealedParts(word).map((part) => sealedTerm(vault, part))
  const branches = [
    sql`SELECT "contactId", CASE WHEN term = ${word} THEN ${worth.name}::int ELSE ${worth.nameStart}::int END AS weight FROM search_terms WHERE ${startsWith(ownerId, ['name'], word)}`,
    // One letter begins too much to be of use, except in scripts where it is a word.
    length > 1 || isUnspaced(word)
      ? sql`SELECT "contactId", CASE WHEN term = ${word} THEN ${worth.value}::int ELSE ${worth.valueStart}::int END AS weight FROM search_terms WHERE ${startsWith(ownerId, ['email', 'organization', 'tag'], word)}`
      : sql`SELECT "contactId", ${worth.value}::int AS weight FROM search_terms WHERE ${isOneOf(ownerId, ['email', 'organization', 'tag'], [word])}`,
    sql`SELECT "contactId", ${worth.valueStart}::int AS weight FROM search_terms WHERE ${isOneOf(ownerId, ['domain'], [word])}`,
    parts.length === 1
      ? sql`SELECT "contactId", ${worth.sealed}::int AS weight FROM search_terms WHERE ${isOneOf(ownerId, ['sealed'], parts)}`
      : sql`SELECT "contactId", ${worth.sealed}::int AS weight FROM search_terms WHERE ${isOneOf(ownerId, ['sealed'], parts)} GROUP BY "contactId", "entityId" HAVING count(*) = ${parts.length}::int`,
  ]
  if (isSpelled(word)) {
    // What a word sounds like is written in capitals, so that it is no slip of another.
    branches.push(
      sql`SELECT t."contactId", ${worth.slip}::int AS weight FROM search_variants AS v JOIN search_terms AS t ON t."ownerId" = ${ownerId}::uuid AND t.kind IN ('name', 'organization') AND t.term = v.word
          WHERE v."ownerId" = ${ownerId}::uuid AND v.kind IN ('typo', 'phonetic') AND v.variant = ANY(${[...slipsOf(word), ...soundsOf(word)]})`,
    )
  }
  if (/^\d{4,}$/.test(word)) branches.push(...phoneBranches(ownerId, { starts: [word], end: [...word].toReversed().join('') }))
  return branches
}

function addressBranch(ownerId: string, start: string): Sql {
  const domain = start.startsWith('@') ? start.slice(1) : start
  const kinds: TermKind[] = start.startsWith('@') ? ['domain'] : ['email', 'domain']
  return sql`SELECT "contactId", ${worth.address}::int AS weight FROM search_terms WHERE ${startsWith(ownerId, kinds, domain)}`
}

function phoneBranches(ownerId: string, { starts, end }: PhoneSearch): Sql[] {
  return [
    ...starts.map((start) => sql`SELECT "contactId", ${worth.phone}::int AS weight FROM search_terms WHERE ${startsWith(ownerId, ['phone'], start)}`),
    sql`SELECT "contactId", ${worth.phoneEnd}::int AS weight FROM search_terms WHERE ${startsWith(ownerId, ['phoneEnd'], end)}`,
  ]
}

/** Terms that begin with a text: a range of the index, since `term` sorts by code point. */
function startsWith(ownerId: string, kinds: readonly TermKind[], start: string): Sql {
  return sql`"ownerId" = ${ownerId}::uuid AND kind = ANY(${[...kinds]}) AND term >= ${start} AND term <= ${`${start}\u{10FFFF}`}`
}

function isOneOf(ownerId: string, kinds: readonly TermKind[], terms: readonly string[]): Sql {
  return sql`"ownerId" = ${ownerId}::uuid AND kind = ANY(${[...kinds]}) AND term = ANY(${[...terms]})`
}
