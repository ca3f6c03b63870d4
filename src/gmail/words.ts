import { clean } from '../core/text.ts'

const word = /=\?([\w-]{1,40})(?:\*[\w-]{0,40})?\?([bq])\?([^?]*)\?=/gi

/** The text of a header, its encoded words (RFC 2047) decoded: a word whose character set is unknown stays as it is. Control characters are left out. */
export function decodeWords(value: string): string {
  if (!value.includes('=?')) return clean(value, false).trim()
  let text = ''
  let end = 0
  // Letters may be cut between two words of one character set: their bytes are put together before they are read.
  let pending: { charset: string; bytes: Uint8Array[]; raw: string } | null = null
  const settle = (): void => {
    if (pending) text += read(pending.charset, Buffer.concat(pending.bytes)) ?? pending.raw
    pending = null
  }
  for (const match of value.matchAll(word)) {
    const [whole, charset = '', encoding = '', content = ''] = match
    const between = value.slice(end, match.index)
    // White space between two words is only there to fold the line.
    const follows = pending !== null && between.trim() === ''
    if (!follows) {
      settle()
      text += between
    } else if (pending && (pending as { charset: string }).charset.toLowerCase() !== charset.toLowerCase()) settle()
    pending ??= { charset, bytes: [], raw: '' }
    pending.bytes.push(encoding.toLowerCase() === 'b' ? Buffer.from(content, 'base64') : unquote(content))
    pending.raw += whole
    end = match.index + whole.length
  }
  settle()
  return clean(text + value.slice(end), false).trim()
}

function read(charset: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    return undefined
  }
}

/** The `Q` encoding: an underscore is a space, `=E9` a byte. */
function unquote(content: string): Buffer {
  return Buffer.from(
    content.replaceAll('_', ' ').replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
}
