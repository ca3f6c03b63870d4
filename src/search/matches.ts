import { words } from '../contacts/normalize.ts'
import { empty, join, raw, type Sql, sql } from '../db/client.ts'
import { literal } from '../db/keyset.ts'
import type { OwnerVault } from '../vault/vault.ts'
import { type PhoneSearch, phoneSearch } from './phone.ts'
import { isSpelled, isUnspaced, sealedParts, shortened, slipsOf, soundsOf, type TermKind } from './terms.ts'

/** At most this many words of a search are looked up. */
const maxWords = 8

/** What a match is worth: exactly so in the name first, words of notes last. */
const worth = {
  name: literal(10),
  nameStart: literal(6),
  phone: literal(8),
  address: literal(8),
  phoneEnd: literal(7),
  value: literal(5),
  valueStart: literal(3),
  slip: literal(2),
  sealed: literal(1),
} as const

/** The keyed hash under which a word of a sealed text is kept. */
export function sealedTerm(vault: OwnerVault, word: string): string {
  return vault.shortHash('search word', word)
}

/** One thing that a contact must have to be found: a word, or what is written like an e-mail address or a domain, with the words it consists of. */
interface Slot {
  words: string[]
  address: string | null
}

/** A search as it is looked up: every slot must be found, or the whole of it as a phone number. */
export interface Search {
  slots: Slot[]
  phone: PhoneSearch | null
}

/** Reads a search text; null for one without a word. */
export function readSearch(text: string, region: string | undefined): Search | null {
  const slots = new Map<string, Slot>()
  for (const piece of text.split(/\s+/)) {
    const within = [...new Set(words(piece).map(shortened))].slice(0, maxWords)
    const isAddress = piece.includes('@') || (within.length > 1 && /^[^.]+(\.[^.]+)+$/.test(piece))
    if (isAddress && within.length > 0) slots.set(piece, { words: within, address: shortened(piece.toLowerCase().replace(/^mailto:|^[<(]|[>),;]$/g, '')) })
    else for (const word of within) slots.set(word, { words: [word], address: null })
  }
  return slots.size === 0 ? null : { slots: [...slots.values()].slice(0, maxWords), phone: phoneSearch(text, region) }
}

/** The contacts that a search finds, as a statement that gives ("contactId" uuid, weight double precision), one row a contact. */
export function matchesOf(ownerId: string, search: Search, vault: OwnerVault, notes: boolean): Sql {
  const slots = search.slots.map((slot) => bestOf(slotBranches(ownerId, slot, vault, notes)))
  return search.phone ? bestOf([joined(slots), ...phoneBranches(ownerId, search.phone)]) : joined(slots)
}

/** Each contact once, with its best match: of statements that give a contact's id and a weight. */
export function bestOf(branches: readonly Sql[]): Sql {
  return sql`SELECT "contactId", max(weight)::double precision AS weight FROM (${join([...branches], ' UNION ALL ')}) AS found GROUP BY "contactId"`
}

/** The contacts that all of the statements give. */
function joined(statements: readonly Sql[]): Sql {
  const [only = sql``, ...others] = statements
  if (others.length === 0) return only
  const tables = statements.map(
    (each, index) => sql`${raw(index === 0 ? '' : 'JOIN ')}(${each}) AS ${raw(`s${index}`)} ${raw(index === 0 ? '' : 'USING ("contactId")')}`,
  )
  return sql`SELECT "contactId", ${raw(statements.map((_, index) => `s${index}.weight`).join(' + '))} AS weight FROM ${join(tables, ' ')}`
}

function slotBranches(ownerId: string, { words: within, address }: Slot, vault: OwnerVault, notes: boolean): Sql[] {
  if (address === null) return within.flatMap((word) => wordBranches(ownerId, word, vault, notes))
  const kinds: TermKind[] = address.startsWith('@') ? ['domain'] : ['email', 'domain']
  return [
    sql`SELECT "contactId", ${worth.address} AS weight FROM search_terms WHERE ${startsWith(ownerId, kinds, address.replace(/^@/, ''))}`,
    // A.C.M.E. and J.Smith look like domains, but nobody is called by an address: that may only be written in a note. What is no name but a domain has
    // been looked up whole: its labels say nothing more, and half an address book may share them.
    address.includes('@')
      ? sealedBranch(ownerId, within, vault, notes)
      : joined(within.map((word) => bestOf(wordBranches(ownerId, word, vault, notes, { labels: false })))),
  ]
}

/** The places where a word may stand, `labels` of domains among them. */
function wordBranches(ownerId: string, word: string, vault: OwnerVault, notes: boolean, { labels = true } = {}): Sql[] {
  const { length } = [...word]
  const branches = [
    sql`SELECT "contactId", CASE WHEN term = ${word} THEN ${worth.name} ELSE ${worth.nameStart} END AS weight FROM search_terms WHERE ${startsWith(ownerId, ['name'], word)}`,
    // One letter begins too much to be of use, except in scripts where it is a word.
    length > 1 || isUnspaced(word)
      ? sql`SELECT "contactId", CASE WHEN term = ${word} THEN ${worth.value} ELSE ${worth.valueStart} END AS weight FROM search_terms WHERE ${startsWith(ownerId, ['email', 'organization', 'tag'], word)}`
      : sql`SELECT "contactId", ${worth.value} AS weight FROM search_terms WHERE ${isOneOf(ownerId, ['email', 'organization', 'tag'], [word])}`,
    ...(labels ? [sql`SELECT "contactId", ${worth.valueStart} AS weight FROM search_terms WHERE ${isOneOf(ownerId, ['domain'], [word])}`] : []),
    sealedBranch(ownerId, [word], vault, notes),
  ]
  if (isSpelled(word)) {
    // What a word sounds like is written in capitals, so that it is no slip of another. Words that begin with the text are found above, as more than slips.
    branches.push(
      sql`SELECT t."contactId", ${worth.slip} AS weight
          FROM (SELECT DISTINCT word FROM search_variants WHERE "ownerId" = ${ownerId}::uuid AND kind IN ('typo', 'phonetic') AND variant = ANY(${[...slipsOf(word), ...soundsOf(word)]}) AND NOT starts_with(word, ${word})) AS v
          JOIN search_terms AS t ON t."ownerId" = ${ownerId}::uuid AND t.kind IN ('name', 'organization') AND t.term = v.word`,
    )
  }
  if (/^\d{4,}$/.test(word)) branches.push(...phoneBranches(ownerId, { starts: [word], end: [...word].toReversed().join('') }))
  return branches
}

/** Contacts of which one text has all the words. */
function sealedBranch(ownerId: string, within: readonly string[], vault: OwnerVault, notes: boolean): Sql {
  const parts = [...new Set(within.flatMap(sealedParts))].map((part) => sealedTerm(vault, part))
  const found = sql`SELECT "contactId", ${worth.sealed} AS weight FROM search_terms WHERE ${isOneOf(ownerId, ['sealed'], parts)} ${notes ? empty : sql`AND "entityId" = "contactId"`}`
  return parts.length === 1 ? found : sql`${found} GROUP BY "contactId", "entityId" HAVING count(*) = ${parts.length}::int`
}

function phoneBranches(ownerId: string, { starts, end }: PhoneSearch): Sql[] {
  return [
    ...starts.map((start) => sql`SELECT "contactId", ${worth.phone} AS weight FROM search_terms WHERE ${startsWith(ownerId, ['phone'], start)}`),
    sql`SELECT "contactId", ${worth.phoneEnd} AS weight FROM search_terms WHERE ${startsWith(ownerId, ['phoneEnd'], end)}`,
  ]
}

/** Terms that begin with a text: a range of the index, since `term` sorts by code point. */
function startsWith(ownerId: string, kinds: readonly TermKind[], start: string): Sql {
  return sql`"ownerId" = ${ownerId}::uuid AND kind IN (${namesOf(kinds)}) AND term >= ${start} AND term <= ${`${start}\u{10FFFF}`}`
}

function isOneOf(ownerId: string, kinds: readonly TermKind[], terms: readonly string[]): Sql {
  return sql`"ownerId" = ${ownerId}::uuid AND kind IN (${namesOf(kinds)}) AND term = ANY(${[...terms]})`
}

/** Kinds as part of a statement's text: PostgreSQL knows how many terms there are of each. */
function namesOf(kinds: readonly TermKind[]): Sql {
  return raw(kinds.map((kind) => `'${kind}'`).join(', '))
}
