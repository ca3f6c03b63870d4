import { isEmptyDraft, type ContactDraft } from '../../contacts/draft.ts'
import { withoutByteOrderMark, withoutControls } from '../charset.ts'
import { unescapeCell } from './cells.ts'
import { columnsOf } from './columns.ts'
import { csvSplitter, type CsvRecord } from './records.ts'
import { draftOfCells, type CsvDialect } from './row.ts'

/** A line of the file: what it says, or why it cannot be taken. `text` is the line as it stands. The line of column names has no row. */
export type CsvRow =
  | { index: number; text: string; draft: ContactDraft; reason?: undefined }
  | { index: number; text: string; reason: string; draft?: undefined }

/** More columns than any program writes: Google's widest file has some hundreds. */
const maxColumns = 2_000

/** Reads the lines of a CSV file as Google Contacts, Outlook or Kith write it, holding one at a time. It never throws on what the file says. */
export async function* readCsv(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, options: { dayFirst?: boolean } = {}): AsyncGenerator<CsvRow> {
  const splitter = csvSplitter()
  const rowOf = rowReader(options.dayFirst ?? false)
  for await (const chunk of withoutByteOrderMark(chunks)) {
    for (const record of splitter.push(chunk)) {
      const row = rowOf(record)
      if (row) yield row
    }
  }
  for (const record of splitter.end()) {
    const row = rowOf(record)
    if (row) yield row
  }
}

function rowReader(dayFirst: boolean): (record: CsvRecord) => CsvRow | undefined {
  let index = 0
  let dialect: CsvDialect | string | undefined
  return (record) => {
    const { text } = record
    if (record.reason !== undefined) return { index: index++, text, reason: record.reason }
    if (dialect === undefined) {
      dialect = dialectOf(record.cells, dayFirst)
      return typeof dialect === 'string' ? { index: index++, text, reason: dialect } : undefined
    }
    // Without names for the columns there is no telling what the lines say; the first row has said so.
    if (typeof dialect === 'string') return undefined
    if (record.cells.length > maxColumns)
      return { index: index++, text: text.slice(0, 1_000), reason: `The line has more than ${maxColumns.toLocaleString('en')} cells.` }
    const cells = record.cells.map((cell) => withoutControls(unescapeCell(cell.replace(/\r\n?/g, '\n'))).trim())
    if (cells.every((cell) => cell === '')) return undefined
    const draft = draftOfCells(cells, dialect)
    return isEmptyDraft(draft) ? { index: index++, text, reason: 'The line says nothing about a contact.' } : { index: index++, text, draft }
  }
}

function dialectOf(headers: string[], dayFirst: boolean): CsvDialect | string {
  if (headers.length > maxColumns) return `The file has more than ${maxColumns.toLocaleString('en')} columns.`
  const columns = columnsOf(headers.map(withoutControls))
  if (columns.every((column) => column.kind === 'other'))
    return 'The first line names no column that is known, such as First Name, E-mail Address or Phone 1 - Value.'
  const names = new Set(headers.map((header) => header.trim().toLowerCase()))
  return { columns, isOwn: names.has('display name') && names.has('starred'), dayFirst }
}
