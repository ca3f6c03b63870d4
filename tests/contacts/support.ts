import { expect } from 'vitest'
import type { Person } from '../support/app.ts'

/** Every field of a contact that this domain serves. */
export const everything = `
  id displayName about starred externalReference archivedAt deletedAt createdAt updatedAt lastInteractionAt lastInboundAt lastOutboundAt tags
  name { prefix given middle family suffix nickname phoneticGiven phoneticFamily }
  emails { id address label primary } phones { id number e164 label primary }
  addresses { id label street extended poBox city region postalCode country countryCode formatted }
  urls { id url label } organizations { id name department title } dates { id kind label date { year month day } }
  relations { id name kind contact { id } } customFields { id name value } sources { kind externalId firstSeenAt lastSeenAt }`

/** A selection on a contact's result union. */
export const result = `{ __typename ... on Contact { ${everything} } ... on InvalidInputError { issues { path message } } ... on Error { code message } }`

/** Sends a document that must not fail; its data. */
export async function data(who: Person, document: string, variables?: Record<string, unknown>) {
  const answer = await who.graphql(document, variables)
  expect(answer.errors).toBeUndefined()
  return answer.data
}

export const create = async (who: Person, input: object) =>
  (await data(who, `mutation ($input: ContactCreateInput!) { contactCreate(input: $input) ${result} }`, { input })).contactCreate
export const update = async (who: Person, id: string, input: object) =>
  (await data(who, `mutation ($id: ID!, $input: ContactUpdateInput!) { contactUpdate(id: $id, input: $input) ${result} }`, { id, input })).contactUpdate
export const read = async (who: Person, id: string) => (await data(who, `query ($id: ID!) { contact(id: $id) { ${everything} } }`, { id })).contact
/** contactDelete, contactRestore, contactArchive or contactUnarchive. */
export const change = async (who: Person, mutation: string, id: string) =>
  (
    await data(who, `mutation ($id: ID!) { ${mutation}(id: $id) ${result.replace(/\.\.\. on InvalidInputError \{ issues \{ path message \} \}/, '')} }`, { id })
  )[mutation]

/** The row id inside an opaque id. */
export const rowIdOf = (id: string) => Buffer.from(id, 'base64url').toString().split(':')[1] ?? ''
/** The paths of a refusal's issues. */
export const paths = (refusal: { issues: { path: string[] }[] }) => refusal.issues.map(({ path }) => path.join('.'))
