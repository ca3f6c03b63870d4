import { stringify } from 'csv-stringify/sync'
import type { DraftDate } from '../../contacts/draft.ts'
import { formatPartialDate, isPartialDate } from '../../core/partialDate.ts'
import type { ExportedContact } from '../vcard/write.ts'
import { escapeCell, formatLabel, formatList } from './cells.ts'

// RFC 4180; a lone line feed needs quotes too.
const format = { record_delimiter: '\r\n', quoted_match: /[\r\n]/ }

/** One entry of a list, its parts by the name of their column. */
type Cells = Record<string, string | undefined>

/** A list of a contact as numbered columns; what there is beyond their number goes, value by value, into the last ones. */
interface ListColumns {
  name: string
  parts: string[]
  count: number
  cells: (contact: ExportedContact) => Cells[]
}

const singles: [string, (contact: ExportedContact) => string | undefined][] = [
  ['Display Name', (contact) => contact.displayName],
  ['Name Prefix', ({ name }) => name?.prefix],
  ['First Name', ({ name }) => name?.given],
  ['Middle Name', ({ name }) => name?.middle],
  ['Last Name', ({ name }) => name?.family],
  ['Name Suffix', ({ name }) => name?.suffix],
  ['Nickname', ({ name }) => name?.nickname],
  ['Phonetic First Name', ({ name }) => name?.phoneticGiven],
  ['Phonetic Last Name', ({ name }) => name?.phoneticFamily],
  ['Birthday', ({ dates }) => birthdayOf(dates) && formatPartialDate(birthdayOf(dates)?.date ?? {}, 'extended')],
  ['Notes', ({ about }) => about],
  ['Photo', ({ photo }) => (photo && 'url' in photo ? photo.url : undefined)],
  ['Labels', ({ tags }) => formatList(tags)],
  ['Starred', ({ starred }) => (starred ? 'Yes' : undefined)],
  ['UID', ({ uid }) => uid],
]

// The names are Google's, so that its import understands the file; what Google has no column for follows the same pattern.
const lists: ListColumns[] = [
  {
    name: 'E-mail',
    parts: ['Label', 'Value'],
    count: 5,
    cells: ({ emails }) => emails.map(({ address, label, primary }) => ({ Label: formatLabel(label, primary), Value: address })),
  },
  {
    name: 'Phone',
    parts: ['Label', 'Value'],
    count: 6,
    cells: ({ phones }) => phones.map(({ number, label, primary }) => ({ Label: formatLabel(label, primary), Value: number })),
  },
  {
    name: 'Address',
    parts: ['Label', 'Street', 'Extended Address', 'PO Box', 'City', 'Region', 'Postal Code', 'Country', 'Country Code'],
    count: 3,
    cells: ({ addresses }) =>
      addresses.map((address) => ({
        Label: formatLabel(address.label, false),
        Street: address.street,
        'Extended Address': address.extended,
        'PO Box': address.poBox,
        City: address.city,
        Region: address.region,
        'Postal Code': address.postalCode,
        Country: address.country,
        'Country Code': address.countryCode,
      })),
  },
  {
    name: 'Organization',
    parts: ['Name', 'Title', 'Department'],
    count: 3,
    cells: ({ organizations }) => organizations.map(({ name, title, department }) => ({ Name: name, Title: title, Department: department })),
  },
  {
    name: 'Website',
    parts: ['Label', 'Value'],
    count: 3,
    cells: ({ urls }) => urls.map(({ url, label }) => ({ Label: formatLabel(label, false), Value: url })),
  },
  {
    name: 'Relation',
    parts: ['Label', 'Value'],
    count: 3,
    cells: ({ relations }) => relations.map(({ name, kind }) => ({ Label: formatLabel(kind, false), Value: name })),
  },
  {
    name: 'Event',
    parts: ['Label', 'Value', 'Kind'],
    count: 3,
    cells: ({ dates }) =>
      dates
        .filter((one) => one !== birthdayOf(dates) && isPartialDate(one.date))
        .map(({ kind, label, date }) => ({
          Label: formatLabel(label ?? (kind === 'ANNIVERSARY' ? 'Anniversary' : undefined), false),
          Value: formatPartialDate(date, 'extended'),
          Kind: kind,
        })),
  },
  {
    name: 'Custom Field',
    parts: ['Label', 'Value'],
    count: 5,
    cells: ({ customFields }) => customFields.map(({ name, value }) => ({ Label: formatLabel(name, false), Value: value })),
  },
]

function birthdayOf(dates: DraftDate[]): DraftDate | undefined {
  return dates.find(({ kind, label, date }) => kind === 'BIRTHDAY' && label === undefined && isPartialDate(date))
}

/** The first line of our CSV file: the names of its columns, after the byte order mark by which spreadsheet programs know UTF-8. */
export function csvHeader(): string {
  const numbered = lists.flatMap(({ name, parts, count }) =>
    Array.from({ length: count }, (_, at) =>
      parts.map((part) => (name === 'Organization' && at === 0 ? `${name} ${part}` : `${name} ${at + 1} - ${part}`)),
    ).flat(),
  )
  return `\ufeff${stringify([[...singles.map(([name]) => name), ...numbered]], format)}`
}

/** Contacts as lines of our CSV file. Cells that a spreadsheet would run as formulas are made harmless; readCsv undoes it. Pictures and what the model has no place for are left to vCard. */
export function writeCsvRows(contacts: Iterable<ExportedContact>): string {
  const records = Array.from(contacts, (contact) => [
    ...singles.map(([, cell]) => escapeCell(cell(contact) ?? '')),
    ...lists.flatMap((list) => numberedCells(list, contact)),
  ])
  return stringify(records, format)
}

function numberedCells({ parts, count, cells }: ListColumns, contact: ExportedContact): string[] {
  const entries = cells(contact)
  const last = entries.slice(count - 1)
  return Array.from({ length: count }, (_, at) =>
    parts.map((part) => {
      if (at < count - 1) return escapeCell(entries[at]?.[part] ?? '')
      if (last.every((entry) => !entry[part])) return ''
      return escapeCell(formatList(last.map((entry) => entry[part] || undefined)))
    }),
  ).flat()
}
