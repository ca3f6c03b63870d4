const maxOctets = 75

/** Folds a content line at 75 octets (RFC 6350, 3.2; RFC 5545, 3.1), never inside a character, and ends it with CR LF. */
export function foldLine(line: string): string {
  if (line.length <= maxOctets / 3) return `${line}\r\n`
  const pieces: string[] = []
  let start = 0
  let octets = 0
  for (let at = 0; at < line.length;) {
    const code = line.codePointAt(at) ?? 0
    const width = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    // A line that goes on starts with a space, which counts.
    if (octets + width > maxOctets) {
      pieces.push(line.slice(start, at))
      start = at
      octets = 1
    }
    octets += width
    at += width === 4 ? 2 : 1
  }
  pieces.push(line.slice(start))
  return `${pieces.join('\r\n ')}\r\n`
}
