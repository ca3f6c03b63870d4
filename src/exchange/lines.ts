const lf = 0x0a
const cr = 0x0d

/** Cuts bytes into lines ended by LF, CR LF (or more CRs, as a file converted twice has), or CR; a line beyond the limit loses its end. */
export function lineSplitter(maxBytes: number): {
  push(chunk: Buffer): Generator<string>
  end(): Generator<string>
} {
  let pieces: string[] = []
  let length = 0
  // A CR at the end of what has come so far: only the next byte tells what it ends.
  let pendingCrs = 0

  function add(piece: string): void {
    // One byte more than the limit is held, so that whoever counts the card's bytes sees the excess.
    const room = maxBytes + 1 - length
    if (room <= 0) return
    pieces.push(piece.length > room ? piece.slice(0, room) : piece)
    length += Math.min(piece.length, room)
  }

  function line(): string {
    const text = pieces.length === 1 ? (pieces[0] ?? '') : pieces.join('')
    pieces = []
    length = 0
    return text
  }

  return {
    *push(chunk) {
      let start = 0
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at]
        if (byte === lf) {
          if (at > start) add(chunk.toString('latin1', start, at))
          pendingCrs = 0
          yield line()
          start = at + 1
        } else if (byte === cr) {
          if (at > start) add(chunk.toString('latin1', start, at))
          pendingCrs++
          start = at + 1
        } else if (pendingCrs > 0) {
          yield line()
          // Further CRs are blank lines, of which one tells as much as many.
          if (pendingCrs > 1) yield ''
          pendingCrs = 0
        }
      }
      if (chunk.length > start) add(chunk.toString('latin1', start, chunk.length))
    },
    *end() {
      if (length > 0 || pendingCrs > 0) yield line()
    },
  }
}
