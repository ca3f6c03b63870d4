import { html } from 'hono/html'
import type { Html } from '../../http/page.ts'
import { complaintRoute, type DenialReason, denialReasons, everything, type officers, remedyRoute } from '../../privacy/service.ts'
import type { Words } from '../words/words.ts'
import { options } from './forms.ts'

/** How many parts one form decides on. */
const partsInForm = 3
type Decided = Parameters<typeof officers.decide>[2]

/** What a form decides, part by part; parts without a name were left empty. */
export function decisionIn(form: URLSearchParams): Decided {
  return Array.from({ length: partsInForm }, (_, index) => index).flatMap((index): Decided => {
    const field = (name: string): string => (form.get(`${name}${index}`) ?? '').trim()
    const part = field('part')
    if (part === '') return []
    if (field('outcome') === 'GRANTED') return [{ part, outcome: 'GRANTED' }]
    return [
      {
        part,
        outcome: 'REFUSED',
        reason: field('reason') as DenialReason,
        explanation: field('explanation'),
        citation: field('citation') || null,
        complaint: field('complaint'),
        remedy: field('remedy'),
      },
    ]
  })
}

/** Asks an officer to decide: all at once, or part by part. */
export function decisionFields({ officer, names }: Words, values: URLSearchParams): Html {
  const one = (index: number): Html => {
    const value = (name: string, otherwise = ''): string => values.get(`${name}${index}`) ?? otherwise
    const line = (name: string, label: string, otherwise = '', hint?: string): Html =>
      html`<label for="${name}${index}">${label}</label>
        ${hint ? html`<p class="soft" id="${name}${index}-hint">${hint}</p>` : ''}
        <input
          id="${name}${index}"
          name="${name}${index}"
          value="${value(name, otherwise)}"
          autocomplete="off"
          ${hint ? html`aria-describedby="${name}${index}-hint"` : ''}
        />`
    const lines = (name: string, label: string, otherwise: string): Html =>
      html`<label for="${name}${index}">${label}</label> <textarea id="${name}${index}" name="${name}${index}">${value(name, otherwise)}</textarea>`
    return html`<fieldset>
      <legend>${officer.part} ${index + 1}</legend>
      ${line('part', officer.part, index === 0 ? everything : '', officer.partHint)}
      <label for="outcome${index}">${officer.outcome}</label>
      <select id="outcome${index}" name="outcome${index}">
        ${options(
          [
            ['GRANTED', officer.grant],
            ['REFUSED', officer.refuse],
          ],
          value('outcome'),
        )}
      </select>
      <details ${value('outcome') === 'REFUSED' ? 'open' : ''}>
        <summary>${officer.forRefusal}</summary>
        <label for="reason${index}">${officer.reason}</label>
        <select id="reason${index}" name="reason${index}">
          ${options([['', ''], ...denialReasons.map((reason) => [reason, names.denials[reason]] as const)], value('reason'))}
        </select>
        ${lines('explanation', officer.explanation, '')} ${line('citation', officer.citation, '', officer.citationHint)}
        ${lines('complaint', officer.complaint, complaintRoute)} ${lines('remedy', officer.remedy, remedyRoute)}
      </details>
    </fieldset>`
  }
  const more = Array.from({ length: partsInForm - 1 }, (_, index) => one(index + 1))
  return html`${one(0)}
    <details>
      <summary>${officer.anotherPart}</summary>
      ${more}
    </details>`
}
