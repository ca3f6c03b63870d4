import { z } from 'zod'

/** A text of at most `max` characters: NFC, without control characters (line feeds and tabs stay in a multi-line one) and without lone surrogates. */
export function text({ max, multiline = false }: { max: number; multiline?: boolean }) {
  return z
    .string()
    .transform((value) => clean(value, multiline))
    .pipe(z.string().max(max, `At most ${max.toLocaleString('en')} characters.`))
}

/** As `text`, on one line, trimmed, and null where nothing is left. */
export function line(max: number) {
  return text({ max }).transform((value) => value.replaceAll(/\s+/g, ' ').trim() || null)
}

/** Takes control characters and lone surrogates away and composes accents (NFC). */
export function clean(value: string, multiline: boolean): string {
  const lines = value.toWellFormed().replaceAll(/\r\n?/g, '\n').normalize('NFC')
  return multiline ? lines.replaceAll(/[^\P{Cc}\n\t]/gu, '') : lines.replaceAll(/[\n\t]/g, ' ').replaceAll(/\p{Cc}/gu, '')
}
