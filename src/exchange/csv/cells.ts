// A cell that starts with one of these is run as a formula by spreadsheet programs (OWASP, "CSV injection"); the last four are their full-width forms.
const formula = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/
const escapedFormula = /^'+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

/** Makes a cell harmless in a spreadsheet: what looks like a formula gets an apostrophe in front. */
export function escapeCell(text: string): string {
  return formula.test(text) ? `'${text}` : text
}

/** Takes the apostrophe off that escapeCell put there. */
export function unescapeCell(text: string): string {
  return escapedFormula.test(text) ? text.slice(1) : text
}

const separator = ' ::: '

/** Several values in one cell, as Google writes them. */
export function splitList(cell: string): string[] {
  return cell.split(separator).map((value) => value.trim())
}

const absent = '\\e'

/** Writes several values into one cell; one that holds the separator itself, or a backslash, is escaped. */
export function formatList(values: (string | undefined)[]): string {
  return values.map((value) => (value === undefined ? absent : value.replace(/\\|:::/g, (found) => (found === '\\' ? '\\\\' : '\\:\\:\\:')))).join(separator)
}

/** The values that formatList wrote. */
export function parseList(cell: string): (string | undefined)[] {
  return splitList(cell).map((value) => (value === absent || value === '' ? undefined : value.replace(/\\([\\:])/g, '$1')))
}

/** A label's cell: Google marks the primary entry with a star in front. */
export function formatLabel(label: string | undefined, primary: boolean | undefined): string {
  if (primary) return label === undefined ? '*' : `* ${label}`
  return label === undefined ? '' : /^[*\\]/.test(label) ? `\\${label}` : label
}

/** What a label's cell says. */
export function parseLabel(cell: string): { label?: string; primary?: true } {
  if (cell === '*') return { primary: true }
  if (cell.startsWith('* ')) return { label: cell.slice(2).trim(), primary: true }
  if (cell === '') return {}
  return { label: /^\\[*\\]/.test(cell) ? cell.slice(1) : cell }
}
