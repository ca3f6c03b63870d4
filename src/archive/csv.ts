import { stringify } from 'csv-stringify/sync'
import { escapeCell } from '../exchange/service.ts'
import type { PlannedModel } from '../policy/exportPlan.ts'
import type { ArchivedRecord } from './forms.ts'

// RFC 4180; a lone line feed needs quotes too.
const format = { record_delimiter: '\r\n', quoted_match: /[\r\n]/ }

/** The first line of a model's CSV file, after the byte order mark by which spreadsheet programs know UTF-8. */
export function csvHead({ columns }: PlannedModel): string {
  return `\ufeff${stringify([columns.map(({ name }) => name)], format)}`
}

/** Records as lines of CSV; what a spreadsheet would run as a formula is made harmless. */
export function csvRows({ columns }: PlannedModel, records: readonly ArchivedRecord[]): string {
  return stringify(
    records.map((record) => columns.map(({ name }) => escapeCell(cellOf(record[name])))),
    format,
  )
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
