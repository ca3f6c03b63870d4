import { html } from 'hono/html'
import type { PrivacyRequest } from '../../db/generated/prisma/client.ts'
import type { Html } from '../../http/page.ts'
import { dueNow, eventsOf, followToken, isOverdue, type RequestState, type RequestType } from '../../privacy/service.ts'
import type { Visit } from './visit.ts'

/** States in which whoever asked can still take a request back. */
const withdrawable: ReadonlySet<string> = new Set(['RECEIVED', 'ACKNOWLEDGED', 'AWAITING_IDENTITY', 'IN_ASSESSMENT', 'APPROVED', 'PARTIALLY_APPROVED'])

/**
 * Where the holder of an account follows a request of theirs. A deletion takes the account out of use, and with it the session: that one is followed,
 * and called back, by the link that its letter has as well.
 */
export function pathOf({ app }: Visit, { id, type, provenLevel, requiredLevel }: PrivacyRequest): string {
  const isUnderWay = type === 'ERASURE' && provenLevel >= requiredLevel
  return isUnderWay ? `/privacy/requests/follow?token=${followToken(app, id)}` : `/privacy/requests/${id}`
}

/** The facts of a request, for whoever asked and for officers. */
export function factsOf(visit: Visit, request: PrivacyRequest): Html {
  const { requests, names } = visit.words
  const now = visit.app.clock.now()
  return html`<dl>
    <dt>${requests.type}</dt>
    <dd>${names.types[request.type as RequestType].title}</dd>
    <dt>${requests.state}</dt>
    <dd><strong>${names.states[request.state as RequestState]}</strong></dd>
    <dt>${requests.received}</dt>
    <dd>${visit.day(request.receivedAt)}</dd>
    ${
      request.closedAt === null
        ? html`<dt>${requests.due}</dt>
            <dd>
              ${visit.day(dueNow(request, now).subtract({ milliseconds: 1 }))}
              ${isOverdue(request, now) ? html`<span class="tag error">${requests.overdue}</span>` : ''}
            </dd>`
        : html`<dt>${requests.closed}</dt>
            <dd>${visit.day(request.closedAt)}</dd>`
    }
    <dt>${requests.number}</dt>
    <dd><code>${request.id.slice(-8)}</code></dd>
  </dl>`
}

/** How far a request has come, step by step; notes of officers are no steps. */
export async function historyOf(visit: Visit, request: PrivacyRequest): Promise<Html> {
  const { requests, names } = visit.words
  const events = (await eventsOf(visit.ctx, [request.id])).get(request.id) ?? []
  return html`<h2>${requests.history}</h2>
    <ol>
      ${events.filter(({ from, to }) => from !== to).map(({ at, to }) => html`<li>${visit.day(at, true)}: ${names.states[to as RequestState]}</li>`)}
    </ol>`
}

/** Takes a request back, or calls a deletion back; nothing where that is over. `action` is where the form goes, `hidden` what it carries. */
export function withdrawal(visit: Visit, request: PrivacyRequest, action: string, hidden: Html | string): Html | string {
  const { requests } = visit.words
  if (!withdrawable.has(request.state)) return ''
  const approved = request.state === 'APPROVED' || request.state === 'PARTIALLY_APPROVED'
  const isErasure = approved && request.type === 'ERASURE' && request.executeAt !== null
  return html`<h2>${isErasure ? requests.cancelErasureTitle : requests.withdraw}</h2>
    <p>${isErasure && request.executeAt ? requests.cancelErasureText(visit.day(request.executeAt, true)) : requests.withdrawText}</p>
    <form method="post" action="${visit.to(action)}" class="actions">
      ${hidden}
      <button type="submit" class="plain" name="do" value="withdraw">${isErasure ? requests.cancelErasure : requests.withdraw}</button>
    </form>`
}
