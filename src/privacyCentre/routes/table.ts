import { html } from 'hono/html'
import type { Html } from '../../http/page.ts'

/** A table whose first column names its rows, in a frame that is scrolled where it is too wide. */
export function tableOf(label: string, head: readonly string[], body: readonly (readonly string[])[]): Html {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${label}">
    <table>
      <thead>
        <tr>
          ${head.map((cell) => html`<th scope="col">${cell}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${body.map(
          ([first = '', ...cells]) =>
            html`<tr>
              <th scope="row">${first}</th>
              ${cells.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}
