import { given, isEmptyDraft, type ContactDraft, type DraftOrganization } from '../../contacts/draft.ts'
import { decodeText, withoutByteOrderMark } from '../charset.ts'
import { asDataUri } from './photo.ts'
import { readers } from './properties.ts'
import { formatProperty, lineText, parseProperty, type Property } from './property.ts'
import { newReading, type Reading } from './reading.ts'
import { cardLimits, cardSplitter, type CardLimits, type CutCard } from './split.ts'
import { unfold } from './unfold.ts'

/** A card of the file: what it says, or why it cannot be taken. `text` is the card itself, unfolded. */
export type VcardRow =
  | { index: number; text: string; draft: ContactDraft; reason?: undefined }
  | { index: number; text: string; reason: string; draft?: undefined }

/** Reads the cards of a file of vCard 2.1, 3.0 or 4.0 one after the other, holding one at a time. It never throws on what the file says. */
export async function* readVcards(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, limits: CardLimits = cardLimits): AsyncGenerator<VcardRow> {
  const splitter = cardSplitter(limits)
  let index = 0
  for await (const chunk of withoutByteOrderMark(chunks)) {
    for (const card of splitter.push(chunk)) yield readCard(card, index++, limits)
  }
  for (const card of splitter.end()) yield readCard(card, index++, limits)
}

function readCard(card: CutCard, index: number, limits: CardLimits): VcardRow {
  if (card.reason !== undefined)
    return {
      index,
      text: card.lines.map((line) => decodeText(line.slice(0, 1_000))).join('\r\n'),
      reason: card.reason,
    }
  const lines = unfold(card.lines)
  const text = ['BEGIN:VCARD', ...lines.map(lineText), 'END:VCARD', ''].join('\r\n')
  if (lines.length > limits.properties)
    return {
      index,
      text,
      reason: `The card has more than ${limits.properties.toLocaleString('en')} properties.`,
    }
  const properties = lines.map(parseProperty).filter((property) => property !== undefined)
  const reading = readProperties(properties)
  if (reading.reason !== undefined) return { index, text, reason: reading.reason }
  if (isEmptyDraft(reading.draft)) return { index, text, reason: 'The card is empty.' }
  return { index, text, draft: reading.draft }
}

function readProperties(properties: Property[]): Reading {
  const reading = newReading(properties)
  for (const property of properties) {
    const read = Object.hasOwn(readers, property.name) ? readers[property.name] : undefined
    if (!read?.(reading, property)) reading.unmodelled.push(property)
  }
  const { draft, preferred, taken } = reading
  draft.organizations = organizationsOf(reading)
  draft.tags = [...reading.tags]
  const email = draft.emails[preferred.EMAIL.at]
  if (email) email.primary = true
  const phone = draft.phones[preferred.TEL.at]
  if (phone) phone.primary = true
  const isTaken = ({ name, group = '' }: Property) => (name === 'X-ABLABEL' && taken.labels.has(group)) || (name === 'X-ABADR' && taken.countries.has(group))
  const inline = new Set(['KEY', 'LOGO', 'PHOTO', 'SOUND'])
  draft.unmodelled = reading.unmodelled
    .filter((property) => !isTaken(property))
    .map((property) => formatProperty(inline.has(property.name) ? asDataUri(property) : property))
  return reading
}

/** Brings each TITLE to its ORG: that of its group, else, if it has no group, the first that is left. */
function organizationsOf({ jobs }: Reading): DraftOrganization[] {
  const titles = jobs.filter((job) => job.title !== undefined)
  const places = jobs.filter((job) => job.title === undefined)
  const joined = new Set<(typeof jobs)[number]>()
  const join = (title: (typeof jobs)[number], place: (typeof jobs)[number] | undefined) => {
    if (!place) return
    place.title = title.title
    joined.add(title)
  }
  for (const title of titles)
    join(
      title,
      places.find((place) => place.title === undefined && place.group === title.group),
    )
  for (const title of titles)
    if (title.group === undefined && !joined.has(title))
      join(
        title,
        places.find((place) => place.title === undefined),
      )
  return jobs
    .filter((job) => !joined.has(job))
    .map((job) => ({
      ...given('name', job.name),
      ...given('department', job.department),
      ...given('title', job.title),
    }))
}
