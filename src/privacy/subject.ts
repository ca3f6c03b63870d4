import type { Ctx } from '../core/ctx.ts'
import type { PrivacyRequest } from '../db/generated/prisma/client.ts'
import { findPlaces, type Identifier, identifierHashes } from '../directory/persons.ts'
import { readEmail, readPhone } from './addresses.ts'
import type { RequestSubject } from './execution.ts'
import { detailsOf } from './inside.ts'

/**
 * Whose data a request is about, as it is known now. Of somebody without an account these are the contacts that hold the address from which they
 * have shown a code, and with three data points or more also the others that they named.
 */
export async function subjectOf(ctx: Ctx, request: PrivacyRequest): Promise<RequestSubject> {
  if (request.subjectOwnerId) return { kind: 'USER', ownerId: request.subjectOwnerId }
  const { place, identifiers } = await detailsOf(ctx, request)
  if (place) return { kind: 'PERSON', hashes: [], places: [place] }
  const own = request.provenLevel >= 2 && request.requester === 'SELF' ? [request.addressHash].filter((hash) => hash !== null) : []
  const named = request.provenLevel >= 3 ? await identifierHashes(ctx.app, identifiersOf(identifiers)) : []
  const hashes = [...own, ...named]
  return { kind: 'PERSON', hashes, places: await findPlaces(ctx, hashes) }
}

/** Texts as the addresses and numbers that they are; what is neither is left out. */
export function identifiersOf(texts: readonly string[]): Identifier[] {
  return texts.flatMap((text): Identifier[] => {
    const email = readEmail(text)?.canonical
    if (email) return [{ kind: 'email', value: email }]
    const phone = readPhone(text)
    return phone ? [{ kind: 'phone', value: phone }] : []
  })
}
