import { parse } from 'csv-parse/sync'
import { decodeText } from '../charset.ts'
import { lineSplitter } from '../lines.ts'

/** One record of a CSV file: its text as it stands and its cells, or why it has none. */
export type CsvRecord = { text: string; cells: string[]; reason?: undefined } | { text: string; reason: string; cells?: undefined }

/** Bytes of one record at most. An unclosed quotation mark would otherwise take the rest of the file with it. */
const recordBytes = 1_000_000

/** Cuts a stream of bytes into the records of a CSV file, holding one at a time; comma, semicolon or tab, whichever the first line is made of. */
export function csvSplitter(): { push(chunk: Buffer): Generator<CsvRecord>; end(): Generator<CsvRecord> } {
  const lines = lineSplitter(recordBytes)
  let delimiter: string | undefined
  let open: string[] = []
  let bytes = 0
  let quoted = false

  function* take(line: string): Generator<CsvRecord> {
    if (delimiter === undefined) {
      if (line.trim() === '') return
      const named = /^"?sep=([,;|\t])"?$/i.exec(line)?.[1]
      delimiter = named ?? delimiterOf(line)
      if (named !== undefined) return
    }
    open.push(line)
    bytes += line.length + 1
    quoted = endsQuoted(line, delimiter, quoted)
    if (bytes > recordBytes) yield* unclosed(delimiter)
    else if (!quoted) yield* closed(delimiter)
  }

  function* closed(by: string): Generator<CsvRecord> {
    const text = open.join('\n')
    open = []
    bytes = 0
    if (text.trim() !== '') yield record(decodeText(text), by)
  }

  // The line with the open quotation mark is lost; the lines after it are taken one by one, each looked at once more at most.
  function* unclosed(by: string): Generator<CsvRecord> {
    const [first = '', ...rest] = open
    open = []
    bytes = 0
    quoted = false
    yield refused(first)
    for (const line of rest) {
      if (line.trim() === '') continue
      yield line.length >= recordBytes || endsQuoted(line, by, false) ? refused(line) : record(decodeText(line), by)
    }
  }

  return {
    *push(chunk) {
      for (const line of lines.push(chunk)) yield* take(line)
    },
    *end() {
      for (const line of lines.end()) yield* take(line)
      if (open.length > 0) yield* unclosed(delimiter ?? ',')
    },
  }
}

function refused(line: string): CsvRecord {
  const reason = line.length >= recordBytes ? 'The line is longer than 1 MB.' : 'A quotation mark in this line is never closed.'
  return { text: decodeText(line.slice(0, 1_000)), reason }
}

function record(text: string, delimiter: string): CsvRecord {
  try {
    const [cells] = parse(text, { delimiter, relax_quotes: true, relax_column_count: true, record_delimiter: '\u0000', max_record_size: 0 })
    return { text, cells: cells ?? [] }
  } catch {
    return { text, reason: 'The line cannot be read as CSV.' }
  }
}

/** Whether a quotation mark is open at the end of a line. One counts only where a cell starts, and doubled it is text. */
function endsQuoted(line: string, delimiter: string, quoted: boolean): boolean {
  if (!line.includes('"')) return quoted
  let startsCell = !quoted
  for (let at = 0; at < line.length; at++) {
    const char = line[at]
    if (quoted && char === '"') {
      if (line[at + 1] === '"') at++
      else quoted = false
    } else if (!quoted) {
      if (char === '"' && startsCell) quoted = true
      startsCell = char === delimiter
    }
  }
  return quoted
}

function delimiterOf(header: string): string {
  const counts = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: header.split(delimiter).length }))
  return counts.toSorted((one, other) => other.count - one.count)[0]?.delimiter ?? ','
}
