import { lineSplitter } from '../lines.ts'

/** How much of one card is taken: larger ones are refused, not held in memory. */
export interface CardLimits {
  /** Bytes of one card, its picture included. */
  cardBytes: number
  /** Physical lines of one card: a picture of 5 MB folded at 75 has 70,000. */
  lines: number
  /** Properties of one card. */
  properties: number
}

/** The limits of an import. */
export const cardLimits: CardLimits = { cardBytes: 5_000_000, lines: 100_000, properties: 1_000 }

/** A card, or text between cards, cut out of the file: its physical lines as byte strings (one character a byte). */
export interface CutCard {
  lines: string[]
  /** Why it cannot be read further. `lines` then holds only its beginning. */
  reason?: string
}

const agentOfCard = /^(?:[\w-]+\.)?AGENT(?:;[^:]*)?:\s*(?:BEGIN:VCARD\s*)?$/i

/** Cuts a stream of bytes into cards, holding one card at a time; the lines of a refused card are not held. Linear in the number of bytes. */
export function cardSplitter(limits: CardLimits = cardLimits): {
  push(chunk: Buffer): Generator<CutCard>
  end(): Generator<CutCard>
} {
  const lines = lineSplitter(limits.cardBytes)
  let card: CutCard | undefined
  let bytes = 0
  let depth = 0
  let afterAgent = false

  function* take(line: string): Generator<CutCard> {
    const marker = markerOf(depth > 0 ? line : line.trimStart())
    if (marker === 'BEGIN' && depth > 0 && afterAgent) depth++
    else if (marker === 'BEGIN') {
      if (card) yield finished()
      depth = 1
    }
    if (!card && depth === 0 && line.trim() === '') return
    card ??= { lines: [] }
    keep(card, line)
    afterAgent = opensAgent(line)
    // `AGENT:BEGIN:VCARD` opens the inner card on the same line.
    if (afterAgent && /BEGIN/i.test(line)) depth++
    if (marker === 'END' && depth > 0 && --depth === 0) yield finished()
  }

  function keep(into: CutCard, line: string): void {
    bytes += line.length + 2
    if (into.reason !== undefined) return
    if (bytes > limits.cardBytes) into.reason = `The card is larger than ${megabytes(limits.cardBytes)}.`
    else if (into.lines.length >= limits.lines) into.reason = `The card has more than ${limits.lines.toLocaleString('en')} lines.`
    else into.lines.push(line)
    if (into.reason !== undefined) into.lines.length = Math.min(into.lines.length, 20)
  }

  function finished(): CutCard {
    const cut = card ?? { lines: [] }
    if (depth === 0 && !isCard(cut)) cut.reason = 'This is not part of any card: a card starts with BEGIN:VCARD.'
    card = undefined
    bytes = 0
    return cut
  }

  return {
    *push(chunk) {
      for (const line of lines.push(chunk)) yield* take(line)
    },
    *end() {
      for (const line of lines.end()) yield* take(line)
      if (card) yield finished()
    },
  }
}

function isCard(cut: CutCard): boolean {
  return markerOf(cut.lines[0]?.trimStart() ?? '') === 'BEGIN'
}

/** Whether a physical line is an AGENT property whose card follows, its BEGIN on the same line or the next. */
export function opensAgent(line: string): boolean {
  return line.length < 200 && agentOfCard.test(line)
}

/** Whether a physical line opens or closes a card. Within a card, one that is indented is a folded line, hence text. */
export function markerOf(line: string): 'BEGIN' | 'END' | undefined {
  if (line.length < 9 || line.length > 200) return undefined
  if (/^BEGIN:\s*VCARD\s*$/i.test(line)) return 'BEGIN'
  return /^END:\s*VCARD\s*$/i.test(line) ? 'END' : undefined
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toLocaleString('en')} MB`
}
