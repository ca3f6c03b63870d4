/** What a JSON text says; undefined where it is none. */
export function jsonOf(text: string): unknown {
  try {
    const data: unknown = JSON.parse(text)
    return data
  } catch {
    return undefined
  }
}
