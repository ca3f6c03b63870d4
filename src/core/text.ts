import { z } from 'zod'

// Most texts: nothing in them to take away or to compose.
const plain = /^[\x20-\x7e]*$/

/** A text of at most `max` characters: NFC, without control characters (line feeds and tabs stay in a multi-line one) and without lone surrogates. */
export function text({ max, multiline = false }: { max: number; multiline?: boolean }) {
  const message = `At most ${max.toLocaleString('en')} characters.`
  return z.string().transform((value, context) => {
    const cleaned = clean(value, multiline)
    if (cleaned.length <= max) return cleaned
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
}

/** As `text`, on one line, trimmed, and null where nothing is left. */
export function line(max: number) {
  return text({ max }).transform((value) => value.replaceAll(/\s+/g, ' ').trim() || null)
}

/** Takes control characters and lone surrogates away and composes accents (NFC). */
export function clean(value: string, multiline: boolean): string {
  if (plain.test(value)) return value
  const lines = value.toWellFormed().replaceAll(/\r\n?/g, '\n').normalize('NFC')
  return multiline ? lines.replaceAll(/[^\P{Cc}\n\t]/gu, '') : lines.replaceAll(/[\n\t]/g, ' ').replaceAll(/\p{Cc}/gu, '')
}
