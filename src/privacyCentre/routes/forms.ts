import { html } from 'hono/html'
import type { Html } from '../../http/page.ts'

/** A form as it is shown, perhaps once more: what was typed, which fields were refused, and what is said of each. */
export interface Form {
  values: URLSearchParams
  wrong: ReadonlySet<string>
  problems: Readonly<Record<string, string>>
}

/** Choices of a select. */
export function options(entries: Iterable<readonly [string, string]>, chosen: string | null): Html {
  return html`${[...entries].map(([value, label]) => html`<option value="${value}" ${value === chosen ? 'selected' : ''}>${label}</option>`)}`
}

/** A line to fill in, with its label, a hint, and what was wrong with it. */
export function hintedInput(
  form: Form,
  name: string,
  label: string,
  hint: string,
  { type = 'text', autocomplete = 'off' }: { type?: 'text' | 'email'; autocomplete?: string } = {},
): Html {
  return html`<label for="${name}">${label}</label>
    <p class="soft" id="${name}-hint">${hint}</p>
    <input id="${name}" name="${name}" type="${type}" value="${form.values.get(name) ?? ''}" required autocomplete="${autocomplete}" ${marks(form, name)} />
    ${wrongNote(form, name)}`
}

/** Several lines to fill in, or to leave empty. */
export function hintedArea(form: Form, name: string, label: string, hint: string): Html {
  return html`<label for="${name}">${label}</label>
    <p class="soft" id="${name}-hint">${hint}</p>
    <textarea id="${name}" name="${name}" ${marks(form, name)}>${form.values.get(name) ?? ''}</textarea>
    ${wrongNote(form, name)}`
}

/** That something was wrong, and what, before the form. */
export function problemsNote(title: string, problems: Readonly<Record<string, string>>, wrong: ReadonlySet<string>): Html | string {
  if (wrong.size === 0) return ''
  const said = new Set([...wrong].map((field) => problems[field] ?? problems['other'] ?? ''))
  return html`<div role="alert" class="error">
    <p>${title}</p>
    <ul>
      ${[...said].map((each) => html`<li>${each}</li>`)}
    </ul>
  </div>`
}

function marks({ wrong }: Form, name: string): Html {
  return wrong.has(name) ? html`aria-invalid="true" aria-describedby="${name}-hint ${name}-error"` : html`aria-describedby="${name}-hint"`
}

function wrongNote({ wrong, problems }: Form, name: string): Html | string {
  return wrong.has(name) ? html`<p class="error" id="${name}-error">${problems[name] ?? problems['other']}</p>` : ''
}
