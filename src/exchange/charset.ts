const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const windows1252 = new TextDecoder('windows-1252')

/** Whether a byte string (one character a byte) holds anything beyond ASCII. */
export function isAscii(byteString: string): boolean {
  return !/[^\u0000-\u007f]/.test(byteString)
}

/** Turns a byte string (one character a byte) into text: the declared charset if there is one, else UTF-8 if it is that, else Windows-1252. Never throws. */
export function decodeText(byteString: string, charset?: string): string {
  const declared = charset === undefined ? undefined : decoderOf(charset)
  const narrow = declared === undefined || declared.encoding === 'utf-8' || declared.encoding === 'windows-1252'
  if (narrow && isAscii(byteString)) return byteString
  const bytes = Buffer.from(byteString, 'latin1')
  // Programs that declare Latin-1 often write UTF-8 all the same; by chance Latin-1 text is hardly ever valid UTF-8.
  if (narrow) {
    try {
      return utf8.decode(bytes)
    } catch {
      return mostlyUtf8(bytes) ?? windows1252.decode(bytes)
    }
  }
  return declared.decode(bytes)
}

// A text that was cut inside a character is still UTF-8: more of its characters are whole than broken.
function mostlyUtf8(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8')
  const broken = text.split('\ufffd').length - 1
  return (text.match(/[^\u0000-\u007f\ufffd]/gu)?.length ?? 0) > broken ? text : undefined
}

/** Takes out control characters, which neither vCard nor PostgreSQL can hold; tabs and line feeds stay. */
export function withoutControls(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
}

const decoders = new Map<string, TextDecoder | undefined>()

function decoderOf(charset: string): TextDecoder | undefined {
  const label = charset.trim().toLowerCase()
  if (!decoders.has(label)) {
    // Bounded: the labels come from a stranger's file.
    if (decoders.size >= 100) decoders.clear()
    decoders.set(label, newDecoder(label))
  }
  return decoders.get(label)
}

function newDecoder(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label)
  } catch {
    return undefined
  }
}

/** A file's bytes without byte order mark, UTF-16 (marked, or plainly written so) turned into UTF-8; other encodings pass as they are. */
export async function* withoutByteOrderMark(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Buffer> {
  let head: Buffer = Buffer.alloc(0)
  let utf16: TextDecoder | undefined
  let started = false
  const transcode = (bytes: Buffer) => (utf16 ? Buffer.from(utf16.decode(bytes, { stream: true }), 'utf8') : bytes)
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (started) {
      yield transcode(bytes)
      continue
    }
    head = Buffer.concat([head, bytes])
    if (head.length < 4) continue
    started = true
    const { encoding, skip } = sniff(head)
    if (encoding) utf16 = new TextDecoder(encoding)
    yield transcode(head.subarray(skip))
  }
  if (!started) yield head.subarray(sniff(head).skip)
}

function sniff(head: Buffer): { encoding?: 'utf-16le' | 'utf-16be'; skip: number } {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { skip: 3 }
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', skip: 2 }
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', skip: 2 }
  if (head.length >= 4 && head[0] !== 0 && head[1] === 0 && head[2] !== 0 && head[3] === 0) return { encoding: 'utf-16le', skip: 0 }
  if (head.length >= 4 && head[0] === 0 && head[1] !== 0 && head[2] === 0 && head[3] !== 0) return { encoding: 'utf-16be', skip: 0 }
  return { skip: 0 }
}
