import { html } from 'hono/html'
import { NotFoundError } from '../../core/errors.ts'
import type { PrivacyRequest } from '../../db/generated/prisma/client.ts'
import type { Html } from '../../http/page.ts'
import { decisionOf, eventsOf, type PrivacyCase, readCase, type Requester, type RequestState } from '../../privacy/service.ts'
import { decisionFields } from './decisionForm.ts'
import { options, problemsNote } from './forms.ts'
import { factsOf } from './requestView.ts'
import { doneNote, show, type Visit } from './visit.ts'

/** A request as an officer works on it, with the forms that its state lets them use. That it was read is written down. */
export async function casePage(
  visit: Visit,
  id: string,
  { done = false, values = new URLSearchParams(), wrong = new Set() }: { done?: boolean; values?: URLSearchParams; wrong?: ReadonlySet<string> },
): Promise<Response> {
  const found = await readCase(visit.ctx, id)
  if (!found) throw new NotFoundError()
  const { officer } = visit.words
  return show(visit, {
    title: officer.caseTitle,
    status: wrong.size > 0 ? 422 : 200,
    asks: false,
    body: html`<h1>${officer.caseTitle}</h1>
      ${doneNote(done ? officer.done : null)} ${problemsNote(officer.problems, officer.problem, wrong)} ${factsOf(visit, found.request)}
      ${wordsOf(visit, found)} ${await journalOf(visit, found.request)} ${await decidedOf(visit, found.request)} ${formsOf(visit, found.request, values)}
      <p><a href="${visit.to('/privacy/officer')}">${officer.title}</a></p>`,
  })
}

function wordsOf({ words: { officer, names } }: Visit, { request, replyTo, details, identifiers, matches }: PrivacyCase): Html {
  const rows: [string, string][] = [
    [officer.subject, officer.subjects[request.subject as keyof typeof officer.subjects]],
    [officer.requester, names.requesters[request.requester as Requester]],
    [officer.channel, officer.channels[request.channel as keyof typeof officer.channels]],
    [officer.proof, officer.level(request.provenLevel, request.requiredLevel)],
    [officer.replyTo, replyTo ?? officer.forgotten],
    [officer.identifiers, identifiers.join(', ') || '–'],
    ...(request.subject === 'USER' ? [] : [[officer.matches, String(matches)] as [string, string]]),
    [officer.wrote, details ?? '–'],
  ]
  return html`<dl>
    ${rows.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`
}

async function journalOf(visit: Visit, request: PrivacyRequest): Promise<Html> {
  const { requests, names } = visit.words
  const events = (await eventsOf(visit.ctx, [request.id])).get(request.id) ?? []
  return html`<h2>${requests.history}</h2>
    <ol>
      ${events.map(
        ({ at, to, reason }) =>
          html`<li>${visit.day(at, true)}: ${names.states[to as RequestState]}${reason ? html`<br /><span class="soft">${reason}</span>` : ''}</li>`,
      )}
    </ol>`
}

async function decidedOf(visit: Visit, request: PrivacyRequest): Promise<Html | string> {
  const { requests, names } = visit.words
  const decision = await decisionOf(visit.ctx, request)
  if (decision.length === 0) return ''
  return html`<h2>${requests.decision}</h2>
    <ul>
      ${decision.map(
        (part) =>
          html`<li>
            ${part.part}: ${part.outcome === 'GRANTED' ? requests.granted : html`${requests.notGranted} (${names.denials[part.reason]}). ${part.explanation}`}
          </li>`,
      )}
    </ul>`
}

/** The forms for what may happen to a request in its state. */
function formsOf(visit: Visit, { id, state, type, extendedAt }: PrivacyRequest, values: URLSearchParams): Html {
  const { words } = visit
  const { officer } = words
  const form = (what: string, title: string, about: string, fields: Html | string, label: string): Html =>
    html`<h2>${title}</h2>
      <form method="post" action="${visit.to(`/privacy/officer/${id}`)}">
        ${about === '' ? '' : html`<p class="soft">${about}</p>`} ${fields}
        <div class="actions"><button type="submit" name="do" value="${what}">${label}</button></div>
      </form>`
  const reason = (what: string): Html => {
    const field = `reason-${what.replaceAll(' ', '-')}`
    const typed = values.get('do') === what ? (values.get('reason') ?? '') : ''
    return html`<label for="${field}">${officer.why}</label><textarea id="${field}" name="reason" required>${typed}</textarea>`
  }
  const assessed = state === 'IN_ASSESSMENT'
  // What lets data only be stored: a restriction that was granted, and what stopped a use before it was weighed and has been.
  const lifts =
    (state === 'COMPLETED' && type === 'RESTRICTION') || ((state === 'COMPLETED' || state === 'DENIED') && (type === 'OBJECTION' || type === 'RECTIFICATION'))
  return html`${assessed ? form('decide', officer.decide, '', decisionFields(words, values), officer.sendDecision) : ''}
  ${assessed && extendedAt === null ? form('extend', officer.extend, officer.extendText, reason('extend'), officer.sendExtension) : ''}
  ${state === 'AWAITING_IDENTITY' ? form('prove', officer.prove, '', proofFields(visit, values), officer.sendProof) : ''}
  ${state === 'COMPLETED' || state === 'DENIED' ? form('reopen', officer.reopen, officer.reopenText, reason('reopen'), officer.reopen) : ''}
  ${lifts ? form('announce lift', officer.announceLift, officer.announceLiftText, reason('announce lift'), officer.announceLift) : ''}
  ${lifts ? form('lift', officer.lift, '', '', officer.lift) : ''} ${form('note', officer.note, officer.noteText, reason('note'), officer.sendNote)}`
}

function proofFields({ words: { officer } }: Visit, values: URLSearchParams): Html {
  return html`<label for="level">${officer.proofLevel}</label>
    <select id="level" name="level">
      ${options(Object.entries(officer.levels), values.get('level') ?? '3')}
    </select>
    <label for="method">${officer.method}</label>
    <p class="soft" id="method-hint">${officer.methodHint}</p>
    <input id="method" name="method" value="${values.get('method') ?? ''}" required autocomplete="off" aria-describedby="method-hint" />`
}
