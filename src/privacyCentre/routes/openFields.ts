import { randomBytes } from 'node:crypto'
import { html } from 'hono/html'
import type { Html } from '../../http/page.ts'
import { identifiersOf, type Requester, requesters, type RequestType } from '../../privacy/service.ts'
import { type Form, hintedArea, hintedInput } from './forms.ts'
import type { Visit } from './visit.ts'

/** Who asks, as a link or form says it. A child's data are asked for by a guardian alone, and the holder of an account asks for themselves. */
export function requesterIn({ signedIn }: Visit, text: string | null | undefined, type: RequestType | undefined): Requester {
  if (signedIn) return 'SELF'
  if (type === 'MINOR_ERASURE') return 'GUARDIAN'
  return requesters.find((each) => each === text) ?? 'SELF'
}

/** Addresses and numbers in a form, one a line. */
export function identifiersIn(form: URLSearchParams): string[] {
  return (form.get('identifiers') ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
}

/** Whether it is said of whom the data are: whoever asks for somebody else names an address or number of theirs. Whether anything is held makes no difference. */
export function saysWhose(form: URLSearchParams, requester: Requester): boolean {
  return requester === 'SELF' || identifiersOf(identifiersIn(form)).length > 0
}

/** The fields of somebody without an account, in the words of who they are. */
export function openFields(visit: Visit, form: Form, requester: Requester): Html {
  const { requests, intake } = visit.words
  // Sent twice it is one request.
  const key = form.values.get('key') || randomBytes(18).toString('base64url')
  const email = { type: 'email', autocomplete: 'email' } as const
  const hidden = html`<input type="hidden" name="key" value="${key}" /> <input type="hidden" name="requester" value="${requester}" />`
  if (requester === 'SELF')
    return html`${hidden} ${hintedInput(form, 'address', requests.address, requests.addressHint, email)}
    ${hintedArea(form, 'identifiers', requests.identifiers, requests.identifiersHint)}`
  return html`${hidden}
    <p>${intake.askedFor} <strong>${intake.others[requester]}</strong>. <a href="${visit.to('/privacy/requests/new')}">${intake.change}</a></p>
    <p class="soft">${intake.next[requester]}</p>
    ${hintedInput(form, 'address', intake.yourAddress, intake.yourAddressHint, email)}
    ${hintedArea(form, 'identifiers', intake.theirs[requester], intake.theirsHint)}`
}
