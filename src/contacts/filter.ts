import { empty, join, type Sql, sql } from '../db/client.ts'
import { type InstantFilter, instantConditions } from '../db/filters.ts'
import { PageError } from '../db/keyset.ts'
import { matchKey } from './matchKey.ts'
import { normalizePhone } from './normalize.ts'

/** Comparators of a text. On a list of values one value fits all of eq, in, contains and startsWith; neq and nin say that no value is among these. */
export interface TextFilter {
  eq?: string | null | undefined
  neq?: string | null | undefined
  in?: readonly string[] | null | undefined
  nin?: readonly string[] | null | undefined
  contains?: string | null | undefined
  startsWith?: string | null | undefined
  isNull?: boolean | null | undefined
}

/** Which contacts: every part holds. */
export interface ContactFilter {
  displayName?: TextFilter | null | undefined
  email?: TextFilter | null | undefined
  phone?: TextFilter | null | undefined
  tag?: TextFilter | null | undefined
  organization?: TextFilter | null | undefined
  lastInteractionAt?: InstantFilter | null | undefined
  followUpDueAt?: InstantFilter | null | undefined
  and?: readonly ContactFilter[] | null | undefined
  or?: readonly ContactFilter[] | null | undefined
  not?: ContactFilter | null | undefined
}

/** How large a filter may be. */
export const filterLimits = { depth: 5, parts: 50, values: 100, characters: 1000 } as const

/** The condition of a filter on `contacts AS c`. Phone numbers are read as people of the region write them. @throws PageError for a filter that is too large */
export function contactCondition(ownerId: string, filter: ContactFilter, region: string | undefined): Sql {
  let parts = 0
  const conditionOf = (part: ContactFilter, depth: number): Sql => {
    parts += 1
    if (depth > filterLimits.depth) throw new PageError(`A filter may be ${filterLimits.depth} levels deep.`)
    if (parts > filterLimits.parts) throw new PageError(`A filter may have ${filterLimits.parts} parts.`)
    return all([
      ...textConditions(part.displayName),
      ...valueConditions(ownerId, emails, part.email),
      ...valueConditions(ownerId, phones(region), part.phone),
      ...valueConditions(ownerId, tags, part.tag),
      ...valueConditions(ownerId, organizations, part.organization),
      ...instantConditions(sql`c."lastInteractionAt"`, part.lastInteractionAt),
      ...instantConditions(sql`c."followUpDueAt"`, part.followUpDueAt),
      ...(part.and ?? []).map((each) => conditionOf(each, depth + 1)),
      ...(part.or ? [any(part.or.map((each) => conditionOf(each, depth + 1)))] : []),
      // A comparison with what is absent is neither true nor false in SQL; here it is false, so that `not` is the rest.
      ...(part.not ? [sql`(${conditionOf(part.not, depth + 1)}) IS NOT TRUE`] : []),
    ])
  }
  return conditionOf(filter, 1)
}

/** Whether a filter, which may be too large, compares phone numbers: those alone are read by the customs of a region. */
export function asksForPhones({ phone, and, or, not }: ContactFilter, depth = 0): boolean {
  if (phone) return true
  return depth < filterLimits.depth && [...(and ?? []), ...(or ?? []), ...(not ? [not] : [])].some((part) => asksForPhones(part, depth + 1))
}

/** A list of values to filter by: its rows as `v`, and what the comparators mean on one. */
interface ValueList {
  from: Sql
  where?: Sql
  equals: (texts: readonly string[]) => Sql
  contains: (text: string) => Sql
  startsWith: (text: string) => Sql
}

function folded(column: Sql): Pick<ValueList, 'equals' | 'contains' | 'startsWith'> {
  return {
    equals: (texts) => sql`${column} = ANY(${texts.map((text) => matchKey(text).trim())}::text[])`,
    contains: (text) => sql`strpos(${column}, ${matchKey(text)}) > 0`,
    startsWith: (text) => startsWith(column, matchKey(text)),
  }
}

/** A range of the index, which sorts by code point, and then exactly. */
function startsWith(column: Sql, start: string): Sql {
  return sql`(${column} >= ${start} AND ${column} <= ${`${start}\u{10FFFF}`} AND starts_with(${column}, ${start}))`
}

const emails: ValueList = { from: sql`contact_emails AS v`, ...folded(sql`v."addressFolded"`) }
const organizations: ValueList = { from: sql`contact_organizations AS v`, where: sql`v."nameFolded" IS NOT NULL`, ...folded(sql`v."nameFolded"`) }
const tags: ValueList = {
  from: sql`contact_tags AS v JOIN tags AS t ON t."ownerId" = v."ownerId" AND t.id = v."tagId"`,
  ...folded(sql`t."nameFolded"`),
}

/** Phone numbers are compared by their digits, as typed and in the international writing, whatever stands between them. */
function phones(region: string | undefined): ValueList {
  const within = (text: string, test: (column: Sql, digits: string) => Sql): Sql => {
    const digits = normalizePhone(text, undefined).digits
    if (digits === '') return text.trim() === '' ? sql`true` : sql`false`
    return sql`(${test(sql`v.digits`, digits)} OR ${test(sql`ltrim(v.e164, '+')`, digits)})`
  }
  return {
    from: sql`contact_phones AS v`,
    equals: (texts) => {
      const read = texts.map((text) => normalizePhone(text, region))
      return sql`(v.e164 = ANY(${read.flatMap(({ e164 }) => e164 ?? [])}::text[]) OR v.digits = ANY(${read.flatMap(({ digits }) => digits || [])}::text[]))`
    },
    contains: (text) => within(text, (column, digits) => sql`strpos(${column}, ${digits}) > 0`),
    startsWith: (text) => {
      const digits = normalizePhone(text, undefined).digits
      if (digits !== '' && text.trim().startsWith('+')) return startsWith(sql`v.e164`, `+${digits}`)
      return within(text, (column, start) => sql`starts_with(${column}, ${start})`)
    },
  }
}

function valueConditions(ownerId: string, list: ValueList, filter: TextFilter | null | undefined): Sql[] {
  if (!filter) return []
  const { fits, excluded, isNull } = comparatorsOf(filter, list)
  const own = sql`v."ownerId" = ${ownerId}::uuid AND v."contactId" = c.id ${list.where ? sql`AND ${list.where}` : empty}`
  const exists = (conditions: readonly Sql[]): Sql => sql`EXISTS (SELECT 1 FROM ${list.from} WHERE ${all([own, ...conditions])})`
  return [
    ...(fits.length > 0 ? [exists(fits)] : []),
    ...excluded.map((condition) => sql`NOT ${exists([condition])}`),
    ...(isNull == null ? [] : [isNull ? sql`NOT ${exists([])}` : exists([])]),
  ]
}

const displayName: Omit<ValueList, 'from'> = folded(sql`c."sortName"`)

function textConditions(filter: TextFilter | null | undefined): Sql[] {
  if (!filter) return []
  const { fits, excluded, isNull } = comparatorsOf(filter, displayName)
  return [...fits, ...excluded.map((condition) => sql`NOT ${condition}`), ...(isNull == null ? [] : [isNull ? sql`false` : sql`true`])]
}

function comparatorsOf(filter: TextFilter, list: Omit<ValueList, 'from'>): { fits: Sql[]; excluded: Sql[]; isNull: boolean | null | undefined } {
  const { eq, neq, in: within, nin, contains, startsWith: start, isNull } = filter
  for (const texts of [within, nin])
    if (texts && texts.length > filterLimits.values) throw new PageError(`A filter compares with at most ${filterLimits.values} values.`)
  for (const text of [eq, neq, contains, start, ...(within ?? []), ...(nin ?? [])])
    if (text != null && (text.length > filterLimits.characters || text.includes('\0')))
      throw new PageError(`A text of a filter has at most ${filterLimits.characters} characters, and no NUL.`)
  return {
    fits: [
      ...(eq == null ? [] : [list.equals([eq])]),
      ...(within == null ? [] : [list.equals(within)]),
      ...(contains == null ? [] : [list.contains(contains)]),
      ...(start == null ? [] : [list.startsWith(start)]),
    ],
    excluded: [...(neq == null ? [] : [list.equals([neq])]), ...(nin == null ? [] : [list.equals(nin)])],
    isNull,
  }
}

function all(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`true` : sql`(${join([...conditions], ' AND ')})`
}

/** No alternative at all is one that nothing fits. */
function any(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`false` : sql`(${join([...conditions], ' OR ')})`
}
