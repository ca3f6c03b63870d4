/** A line of two versions side by side. */
export interface DiffLine {
  kind: 'SAME' | 'ADDED' | 'REMOVED'
  text: string
}

/** How one text becomes another, line by line, with as few lines changed as can be. Policies have some hundred lines; the table is as large as both together. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [old, young] = [before.split('\n'), after.split('\n')]
  // length[i][j]: how many lines the rest of both, from i and from j on, have in common.
  const length = Array.from({ length: old.length + 1 }, () => new Uint32Array(young.length + 1))
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = young.length - 1; j >= 0; j -= 1)
      length[i]?.set([old[i] === young[j] ? at(length, i + 1, j + 1) + 1 : Math.max(at(length, i + 1, j), at(length, i, j + 1))], j)
  const lines: DiffLine[] = []
  let [i, j] = [0, 0]
  while (i < old.length || j < young.length) {
    if (i < old.length && j < young.length && old[i] === young[j]) {
      lines.push({ kind: 'SAME', text: old[i] ?? '' })
      i += 1
      j += 1
    } else if (i < old.length && (j === young.length || at(length, i + 1, j) >= at(length, i, j + 1))) lines.push({ kind: 'REMOVED', text: old[i++] ?? '' })
    else lines.push({ kind: 'ADDED', text: young[j++] ?? '' })
  }
  return lines
}

function at(table: readonly Uint32Array[], i: number, j: number): number {
  return table[i]?.[j] ?? 0
}
