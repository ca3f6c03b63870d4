import { markerOf, opensAgent } from './split.ts'

/** A logical line being put together. */
interface OpenLine {
  parts: string[]
  encoding: 'quoted-printable' | 'base64' | undefined
  /** A quoted-printable line that ended with `=` goes on in the next one, whatever that starts with. */
  softBreak: boolean
  /** The name and parameters have been seen whole. */
  headComplete: boolean
}

const startsProperty = /^(?:[A-Za-z0-9-]+\.)?[A-Za-z][A-Za-z0-9-]*[ \t]*[;:]/
const base64Line = /^[A-Za-z0-9+/=\s]*$/

/**
 * Puts a card's physical lines (byte strings) together into its content lines, BEGIN and END left out. It reads RFC 6350 folding (also inside a
 * UTF-8 sequence), quoted-printable soft breaks, base64 that goes on without indentation, and text that a program broke without folding. A card
 * inside AGENT becomes the text value of that property.
 */
export function unfold(lines: string[]): string[] {
  const unfolded: string[] = []
  let open: OpenLine | undefined
  const close = () => {
    if (open) unfolded.push(open.parts.join(''))
    open = undefined
  }
  for (let at = markerOf(lines[0]?.trimStart() ?? '') === 'BEGIN' ? 1 : 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (open?.softBreak) {
      append(open, line)
      continue
    }
    const marker = markerOf(line)
    if (marker === 'END') break
    if (marker === 'BEGIN') {
      const inner = nestedCard(lines, at)
      open?.parts.push(escaped(inner.text))
      at = inner.last
      close()
      continue
    }
    if (line === '') {
      if (open?.encoding === 'base64') close()
      continue
    }
    const indented = line.startsWith(' ') || line.startsWith('\t')
    if (open && indented) append(open, line.slice(1))
    else if (open?.encoding === 'base64' && base64Line.test(line)) open.parts.push(line)
    else if (startsProperty.test(line)) {
      close()
      open = { parts: [], encoding: undefined, softBreak: false, headComplete: false }
      append(open, line)
      // AGENT:BEGIN:VCARD
      if (opensAgent(line) && /BEGIN/i.test(line)) {
        const inner = nestedCard(lines, at, line.slice(line.indexOf(':') + 1))
        open.parts = [line.slice(0, line.indexOf(':') + 1), escaped(inner.text)]
        at = inner.last
        close()
      }
    } else if (open) append(open, (open.encoding === 'quoted-printable' ? '=0A' : '\\n') + line)
    else if (line.trim() !== '') unfolded.push(`X-UNREADABLE:${escaped(line)}`)
  }
  close()
  return unfolded
}

function append(open: OpenLine, piece: string): void {
  open.softBreak = false
  if (!open.headComplete && (open.parts.push(piece), piece.includes(':'))) {
    open.headComplete = true
    const head = open.parts.join('')
    open.encoding = encodingOf(head.slice(0, head.indexOf(':')))
    piece = open.parts.pop() ?? ''
  } else if (!open.headComplete) return
  if (open.encoding === 'quoted-printable') {
    const trimmed = piece.trimEnd()
    if (trimmed.endsWith('=')) {
      open.softBreak = true
      piece = trimmed.slice(0, -1)
    }
  }
  open.parts.push(piece)
}

function encodingOf(head: string): OpenLine['encoding'] {
  if (/;\s*(?:ENCODING\s*=\s*)?QUOTED-PRINTABLE\s*(?:;|$)/i.test(head)) return 'quoted-printable'
  return /;\s*(?:ENCODING\s*=\s*)?(?:BASE64|B)\s*(?:;|$)/i.test(head) ? 'base64' : undefined
}

/** The text of a card inside a card, from its BEGIN at `first` (or before it, when the BEGIN is the value of the property's own line). */
function nestedCard(lines: string[], first: number, begin = ''): { text: string; last: number } {
  const inner = begin === '' ? [] : [begin.trim()]
  let depth = begin === '' ? 0 : 1
  let at = begin === '' ? first : first + 1
  for (; at < lines.length; at++) {
    const line = lines[at] ?? ''
    const marker = markerOf(line)
    if (marker === 'BEGIN') depth++
    if (marker === 'END') depth--
    inner.push(line)
    if (depth === 0) break
  }
  return { text: inner.join('\n'), last: at }
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll(',', '\\,').replaceAll(';', '\\;')
}
