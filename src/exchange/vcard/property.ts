import { decodeText, isAscii, withoutControls } from '../charset.ts'

/** A content line of a card, taken apart. */
export interface Property {
  /** `item1` of `item1.EMAIL:…`, in lower case. */
  group?: string | undefined
  /** In upper case. */
  name: string
  /** Parameters by name in upper case, each with its values as written; a bare word of vCard 2.1 is sorted under ENCODING, VALUE or TYPE. */
  params: Map<string, string[]>
  /** Still escaped, but without charset and quoted-printable. Base64 is as written, without spaces. */
  value: string
}

const bareEncodings = new Set(['QUOTED-PRINTABLE', 'BASE64', '8BIT', '7BIT', 'B'])
const bareValues = new Set(['INLINE', 'URL', 'URI', 'CONTENT-ID', 'CID'])

/** Takes a content line (a byte string) apart, of any version of vCard; undefined if it is none. */
export function parseProperty(line: string): Property | undefined {
  const colon = endOfHead(line)
  if (colon === -1) return undefined
  const [start = '', ...rest] = splitHead(decodeText(line.slice(0, colon)))
  const dot = start.lastIndexOf('.')
  const name = start
    .slice(dot + 1)
    .trim()
    .toUpperCase()
  if (name === '') return undefined
  const group = dot === -1 ? undefined : start.slice(0, dot).trim().toLowerCase() || undefined
  const params = new Map<string, string[]>()
  for (const part of rest) addParam(params, part)
  return { group, name, params, value: decodeValue(line.slice(colon + 1), params) }
}

/** Where the value starts: at the first colon outside quotes, or the very first one if quotes are not closed. */
function endOfHead(line: string): number {
  let quoted = false
  for (let at = 0; at < line.length; at++) {
    const char = line[at]
    if (char === '"') quoted = !quoted
    else if (char === ':' && !quoted) return at
  }
  return line.indexOf(':')
}

function splitHead(head: string): string[] {
  if (!head.includes('"')) return head.split(';')
  const parts: string[] = []
  let quoted = false
  let start = 0
  for (let at = 0; at < head.length; at++) {
    const char = head[at]
    if (char === '"') quoted = !quoted
    else if (char === ';' && !quoted) {
      parts.push(head.slice(start, at))
      start = at + 1
    }
  }
  parts.push(head.slice(start))
  return parts
}

function addParam(params: Map<string, string[]>, part: string): void {
  const equals = part.indexOf('=')
  const custom = /^\s*X-[\w-]*\(/i.test(part)
  if (equals === -1 || custom) {
    const word = part.trim()
    if (word === '') return
    const upper = word.toUpperCase()
    addTo(params, bareEncodings.has(upper) ? 'ENCODING' : bareValues.has(upper) ? 'VALUE' : 'TYPE', [word])
    return
  }
  const name = part.slice(0, equals).trim().toUpperCase()
  if (name !== '') addTo(params, name, paramValues(name, part.slice(equals + 1).trim()))
}

function paramValues(name: string, written: string): string[] {
  if (/^[\w-]+$/.test(written)) return [written]
  // TYPE="work,voice" is, in the vCards that are out there, two types.
  const values = name === 'TYPE' ? written.split(/[",]+/) : Array.from(written.matchAll(/"([^"]*)"?|[^",]+/g), ([whole, quoted]) => quoted ?? whole)
  const said = values.map((value) => withoutControls(caret(value.trim()))).filter((value) => value !== '')
  return said.length === 0 ? [''] : said
}

// RFC 6868
function caret(text: string): string {
  return text.includes('^') ? text.replace(/\^([n'^])/g, (_whole, char: string) => (char === 'n' ? '\n' : char === "'" ? '"' : '^')) : text
}

function addTo(params: Map<string, string[]>, name: string, values: string[]): void {
  const known = params.get(name)
  if (known) for (const value of values) known.push(value)
  else params.set(name, values)
}

/** Whether the value is base64. */
export function isBase64(property: Property): boolean {
  return /^(?:B|BASE64)$/i.test(property.params.get('ENCODING')?.[0] ?? '')
}

function decodeValue(raw: string, params: Map<string, string[]>): string {
  const encoding = params.get('ENCODING')?.[0]?.toUpperCase()
  const charset = params.get('CHARSET')?.[0]
  if (encoding === 'BASE64' || encoding === 'B') return raw.replace(/\s+/g, '')
  // What is decoded here needs no note of it any more; 4.0 knows neither parameter.
  params.delete('CHARSET')
  if (encoding === 'QUOTED-PRINTABLE' || encoding === '8BIT' || encoding === '7BIT') params.delete('ENCODING')
  const text = encoding === 'QUOTED-PRINTABLE' ? decodeText(unquotePrintable(raw), charset).replace(/\r\n?|\n/g, '\\n') : decodeText(raw, charset)
  return withoutControls(text)
}

/** Undoes quoted-printable within bytes. A semicolon that was encoded is text where others stand as delimiters, and a delimiter where none does. */
function unquotePrintable(raw: string): string {
  const semicolon = raw.includes(';') ? '\\;' : ';'
  return raw.replace(/=([0-9A-Fa-f]{2})/g, (_whole, hex: string) => (hex === '3B' || hex === '3b' ? semicolon : String.fromCharCode(Number.parseInt(hex, 16))))
}

/** A content line (a byte string) as text, its transfer encoding kept. */
export function lineText(line: string): string {
  if (isAscii(line)) return line
  const colon = endOfHead(line)
  const head = line.slice(0, colon)
  const charset = /;\s*CHARSET\s*=\s*"?([^;:"]*)/i.exec(head)
  if (!charset || /QUOTED-PRINTABLE/i.test(head)) return decodeText(line)
  return decodeText(head.replace(charset[0], '')) + decodeText(line.slice(colon), charset[1])
}

/** Writes a property as an unfolded vCard 4.0 content line. */
export function formatProperty({ group, name, params, value }: Property): string {
  let head = group === undefined ? name : `${group}.${name}`
  for (const [param, values] of params) if (values.length > 0) head += `;${param}=${values.map(formatParamValue).join(',')}`
  return `${head}:${value}`
}

function formatParamValue(text: string): string {
  const safe = text.replace(/[\^\n"]/g, (char) => (char === '\n' ? '^n' : char === '"' ? "^'" : '^^')).replace(/[\p{Cc}]/gu, '')
  return /[:;,\s]/.test(safe) ? `"${safe}"` : safe
}
