import { emptyDraft, type ContactDraft, type DraftDate, type DraftRelation } from '../../contacts/draft.ts'
import type { PartialDate } from '../../core/partialDate.ts'
import { labelOfTypes, readAppleLabel } from './labels.ts'
import type { Property } from './property.ts'
import { unescapeText } from './text.ts'

/** A job held under one roof, which vCard says in separate properties. */
interface Job {
  group: string | undefined
  name?: string | undefined
  department?: string | undefined
  title?: string | undefined
}

/** What is known while a card is turned into a draft. */
export interface Reading {
  draft: ContactDraft
  version: string
  /** What X-ABLabel says of each group. */
  labels: Map<string, string>
  /** What X-ABADR says of each group. */
  countries: Map<string, string>
  /** The groups whose label and country found a place in the draft. */
  taken: { labels: Set<string>; countries: Set<string> }
  jobs: Job[]
  tags: Set<string>
  /** The best preference met so far, and whose it is. */
  preferred: { EMAIL: { rank: number; at: number }; TEL: { rank: number; at: number } }
  /** In the order of the card. */
  unmodelled: Property[]
  /** Why the card as a whole is not taken. */
  reason?: string
}

/** Prepares the reading of a card: what its groups say is known before its properties are read. */
export function newReading(properties: Property[]): Reading {
  const none = { rank: Number.POSITIVE_INFINITY, at: -1 }
  const reading: Reading = {
    draft: emptyDraft(),
    version: '',
    labels: new Map(),
    countries: new Map(),
    taken: { labels: new Set(), countries: new Set() },
    jobs: [],
    tags: new Set(),
    preferred: { EMAIL: { ...none }, TEL: { ...none } },
    unmodelled: [],
  }
  for (const { group, name, value } of properties) {
    if (name === 'VERSION' && reading.version === '') reading.version = value.trim()
    if (group === undefined) continue
    if (name === 'X-ABLABEL' && !reading.labels.has(group)) reading.labels.set(group, oneLine(value))
    if (name === 'X-ABADR' && !reading.countries.has(group)) reading.countries.set(group, oneLine(value))
  }
  return reading
}

/** A text value on one line, without its escapes. */
export function oneLine(value: string): string {
  const text = unescapeText(value).trim()
  if (!text.includes('\n')) return text
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .join(' ')
}

/** A text value of several lines, without its escapes. */
export function manyLines(value: string): string {
  return unescapeText(value).trim()
}

/** What the user calls a property: its group's X-ABLabel, else its types. */
export function labelOf(reading: Reading, property: Property): string | undefined {
  const { group } = property
  const label = group === undefined ? undefined : reading.labels.get(group)
  if (group !== undefined && label !== undefined) {
    reading.taken.labels.add(group)
    if (label !== '') return readAppleLabel(label)
  }
  return labelOfTypes(property.params.get('TYPE') ?? [])
}

/** Adds a date, unless a second writing of it (such as X-EVOLUTION-ANNIVERSARY) says what is there already. */
export function addDate(reading: Reading, date: DraftDate, repeats: boolean): void {
  const { dates } = reading.draft
  if (repeats && dates.some((known) => known.kind === date.kind && known.label === date.label && sameDate(known.date, date.date))) return
  dates.push(date)
}

function sameDate(one: PartialDate, other: PartialDate): boolean {
  return one.year === other.year && one.month === other.month && one.day === other.day
}

/** Adds a relation, unless a second writing of it (such as X-MS-SPOUSE) says what is there already. */
export function addRelation(reading: Reading, relation: DraftRelation, repeats: boolean): void {
  const { relations } = reading.draft
  if (repeats && relations.some((known) => known.kind === relation.kind && known.name === relation.name)) return
  relations.push(relation)
}

/** Adds a nickname to those that are there. */
export function addNickname(reading: Reading, nickname: string): void {
  if (nickname === '') return
  const name = (reading.draft.name ??= {})
  if (name.nickname === undefined) name.nickname = nickname
  else if (name.nickname !== nickname) name.nickname = `${name.nickname}, ${nickname}`
}
