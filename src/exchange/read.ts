import type { ContactDraft } from '../contacts/draft.ts'
import { readCsv } from './csv/read.ts'
import { readVcards } from './vcard/read.ts'

/** The kinds of file that can be brought in. */
export const formats = ['VCARD', 'CSV'] as const
/** A kind of file. */
export type Format = (typeof formats)[number]

/** One card or line of a file: what it says, or why it cannot be taken. */
export type FileRow =
  | { index: number; text: string; draft: ContactDraft; reason?: undefined }
  | { index: number; text: string; reason: string; draft?: undefined }

/** Reads a file row by row, holding one at a time. It never throws on what the file says. */
export function readFile(format: Format, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncIterable<FileRow> {
  return format === 'VCARD' ? readVcards(chunks) : readCsv(chunks)
}
