/** Bars that stand together under one name. */
export interface Group {
  name: string
  bars: readonly { series: number; value: number }[]
}

/** A chart of bars in groups. */
export interface Chart {
  title: string
  /** What the numbers at the bars are. */
  unit: string
  series: readonly string[]
  groups: readonly Group[]
}

/** Colours that also those can tell apart who see no red or green (Okabe and Ito), on light and dark ground. */
const colours = ['#0072b2', '#e69f00', '#8a8f98', '#009e73', '#cc79a7']
const [width, left, right, barHeight, groupGap, top] = [860, 70, 90, 12, 14, 74]

/** Draws a chart as SVG: each group's bars are as long as their share of its longest. */
export function barChart({ title, unit, series, groups }: Chart): string {
  let y = top
  const parts: string[] = []
  for (const { name, bars } of groups) {
    const longest = Math.max(...bars.map(({ value }) => value))
    parts.push(`<text class="name" x="${left - 12}" y="${y + (bars.length * barHeight) / 2 + 5}" text-anchor="end">${escaped(name)}</text>`)
    for (const { series: index, value } of bars) {
      const length = Math.max(1, ((width - left - right) * value) / longest)
      parts.push(`<rect x="${left}" y="${y + 1}" width="${length.toFixed(1)}" height="${barHeight - 2}" rx="2" fill="${colours[index] ?? '#888'}"/>`)
      parts.push(`<text class="value" x="${(left + length + 6).toFixed(1)}" y="${y + barHeight - 2.5}">${shown(value)}</text>`)
      y += barHeight
    }
    y += groupGap
  }
  const legend = series.map((name, index) => {
    const x = left + index * 150
    return `<rect x="${x}" y="46" width="12" height="12" rx="2" fill="${colours[index] ?? '#888'}"/><text class="value" x="${x + 18}" y="56">${escaped(name)}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" role="img" aria-label="${escaped(title)}">
<style>
text { font-family: system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 16px; font-weight: 600 }
.name { font-size: 13px; font-weight: 600 }
.value { font-size: 11px }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }
</style>
<text class="title" x="${left}" y="22">${escaped(title)}</text>
<text class="value" x="${left}" y="38">${escaped(unit)}</text>
${[...legend, ...parts].join('\n')}
</svg>
`
}

function shown(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(2)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
