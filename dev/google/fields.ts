/** What a partial response keeps: fields by name, each whole (null) or in part; `*` stands for every name. */
type Mask = Map<string, Mask | null>

/**
 * Keeps of an answer what the `fields` parameter names: `id,payload/headers`, `messages(id,threadId)`, `*`. Lists are seen through.
 * @throws SyntaxError
 */
export function partialResponse(answer: object, fields: string): object {
  const { mask, rest } = readMask(fields)
  if (rest !== '') throw new SyntaxError(`Invalid field selection ${fields}`)
  return keep(answer, mask) as object
}

function keep(value: unknown, mask: Mask): unknown {
  if (Array.isArray(value)) return value.map((item) => keep(item, mask))
  if (typeof value !== 'object' || value === null) return value
  const kept: Record<string, unknown> = {}
  for (const [name, inner] of Object.entries(value)) {
    const part = mask.has(name) ? mask.get(name) : mask.get('*')
    if (part === null) kept[name] = inner
    else if (part) kept[name] = keep(inner, part)
  }
  return kept
}

function readMask(text: string): { mask: Mask; rest: string } {
  const mask: Mask = new Map()
  let rest = text
  for (;;) {
    const [whole, path] = /^\s*([\w*]+(?:\/[\w*]+)*)\s*/.exec(rest) ?? []
    if (whole === undefined || path === undefined) throw new SyntaxError(`Invalid field selection ${text}`)
    rest = rest.slice(whole.length)
    let inner: Mask | null = null
    if (rest.startsWith('(')) {
      const nested = readMask(rest.slice(1))
      if (!nested.rest.startsWith(')')) throw new SyntaxError(`Invalid field selection ${text}`)
      inner = nested.mask
      rest = nested.rest.slice(1)
    }
    put(mask, path.split('/'), inner)
    if (!rest.startsWith(',')) return { mask, rest }
    rest = rest.slice(1)
  }
}

function put(mask: Mask, [name = '', ...deeper]: readonly string[], inner: Mask | null): void {
  const before = mask.get(name)
  if (before === null) return
  if (deeper.length === 0) return void mask.set(name, inner && new Map([...(before ?? []), ...inner]))
  const next: Mask = before ?? new Map()
  mask.set(name, next)
  put(next, deeper, inner)
}
