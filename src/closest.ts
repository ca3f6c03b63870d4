/** The name that a mistyped one probably means, a third of its letters apart at most; undefined when none is that near. */
export function closest<Name extends string>(typed: string, names: readonly Name[]): Name | undefined {
  const ranked = names.map((name) => ({ name, distance: editDistance(typed, name) })).sort((left, right) => left.distance - right.distance)
  const [best] = ranked
  return best && best.distance <= typed.length / 3 ? best.name : undefined
}

/** Levenshtein's distance: how many letters must be put in, taken out or replaced. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
