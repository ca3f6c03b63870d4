/** Reads JSON as `JSON.parse` does, and refuses what two readers could understand differently or a database cannot hold: a key given twice, `__proto__`, NUL, half a surrogate pair, nesting beyond 64. @throws SyntaxError, whose message quotes nothing of the text */
export function parseStrictJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new SyntaxError('The JSON cannot be read.')
  }
  check(text)
  return value
}

const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g
const maxNesting = 64

/** Walks the tokens of a text that is known to be JSON. */
function check(text: string): void {
  const open: (Set<string> | null)[] = []
  let last: string | null = null
  tokens.lastIndex = 0
  for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
    const [token] = found
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : null)
      if (open.length > maxNesting) throw new SyntaxError('The JSON is nested too deeply.')
    } else if (token === '}' || token === ']') {
      open.pop()
    } else if (token === ':') {
      addKey(open.at(-1), last ?? '')
    } else {
      last = unquoted(token)
    }
  }
}

function addKey(keys: Set<string> | null | undefined, key: string): void {
  if (key === '__proto__') throw new SyntaxError('A key of the JSON is not allowed.')
  if (keys?.has(key)) throw new SyntaxError('The JSON has a key twice.')
  keys?.add(key)
}

function unquoted(token: string): string {
  if (!token.includes('\\')) return token.slice(1, -1)
  const value = JSON.parse(token) as string
  if (value.includes('\0') || !value.isWellFormed()) throw new SyntaxError('A text of the JSON holds NUL or half a surrogate pair.')
  return value
}
