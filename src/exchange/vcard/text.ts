/** Undoes the escapes of a vCard text value. A backslash before a letter that is no escape stays: people write C:\docs. */
export function unescapeText(value: string): string {
  if (!value.includes('\\')) return value
  return value.replace(/\\([\s\S])/g, (whole, char: string) => {
    if (char === 'n' || char === 'N') return '\n'
    return /[\p{L}\p{N}]/u.test(char) ? whole : char
  })
}

/** Escapes a text value (RFC 6350, 3.4); line ends become `\n`. */
export function escapeText(text: string): string {
  return lineFeeds(text)
    .replace(/[\\,;]/g, '\\$&')
    .replaceAll('\n', '\\n')
}

/** Escapes what a URI value cannot hold as it is: backslashes and line ends. */
export function escapeUri(text: string): string {
  return lineFeeds(text).replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

/** All writings of a line end as LF. */
export function lineFeeds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
}

/** Cuts an escaped value at a delimiter that is not escaped; the pieces stay escaped. */
export function splitEscaped(value: string, delimiter: ',' | ';'): string[] {
  if (!value.includes(delimiter)) return [value]
  const pieces: string[] = []
  let start = 0
  for (let at = 0; at < value.length; at++) {
    if (value[at] === '\\') at++
    else if (value[at] === delimiter) {
      pieces.push(value.slice(start, at))
      start = at + 1
    }
  }
  pieces.push(value.slice(start))
  return pieces
}
