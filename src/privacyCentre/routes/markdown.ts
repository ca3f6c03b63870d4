import { html } from 'hono/html'
import type { Html } from '../../http/page.ts'

/** The Markdown that policies are written in, as HTML: headings, paragraphs, lists, tables and bold words; everything else is text. `level` is that of its first heading. */
export function markdown(text: string, level: 1 | 2 = 1): Html {
  const blocks = text
    .replaceAll(/^<!--.*?-->$/gm, '')
    .split(/\n{2,}/)
    .map((block) => block.trim())
    .filter(Boolean)
  return html`${blocks.map((block) => blockOf(block, level))}`
}

function blockOf(block: string, level: 1 | 2): Html {
  const lines = block.split('\n')
  const [, marks = '', title = ''] = /^(#{1,3}) (.*)$/.exec(lines[0] ?? '') ?? []
  if (marks) {
    const rest = lines.slice(1).join('\n')
    return html`${headingOf(marks.length + level - 1, title)}${rest ? blockOf(rest, level) : ''}`
  }
  if (lines.every((line) => line.startsWith('- ')))
    return html`<ul>
      ${lines.map((line) => html`<li>${inline(line.slice(2))}</li>`)}
    </ul>`
  if (lines.every((line) => line.startsWith('|'))) return tableOf(lines)
  return html`<p>${inline(lines.join(' '))}</p>`
}

function headingOf(level: number, title: string): Html {
  if (level <= 1) return html`<h1>${inline(title)}</h1>`
  return level === 2 ? html`<h2>${inline(title)}</h2>` : html`<h3>${inline(title)}</h3>`
}

function tableOf(lines: readonly string[]): Html {
  const [head = [], , ...body] = lines.map((line) =>
    line
      .slice(1, line.endsWith('|') ? -1 : undefined)
      .split('|')
      .map((cell) => cell.trim()),
  )
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${head.join(', ')}">
    <table>
      <thead>
        <tr>
          ${head.map((cell) => html`<th scope="col">${inline(cell)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${body.map(
          (cells) =>
            html`<tr>
              ${cells.map((cell) => html`<td>${inline(cell)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

function inline(text: string): Html {
  return html`${text.split(/\*\*(.+?)\*\*/).map((part, index) => (index % 2 === 1 ? html`<strong>${part}</strong>` : part))}`
}
