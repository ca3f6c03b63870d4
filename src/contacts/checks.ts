import { type Ctx, ownerOf } from '../core/ctx.ts'
import { InvalidInputError, type InputIssue } from '../core/errors.ts'
import { rows, sql } from '../db/client.ts'
import type { CheckedInput } from './input.ts'
import { type ContactState, nameParts } from './state.ts'

/** What several inputs name: read once for all of them. */
export interface Known {
  /** Contacts that relations may point at, with their names. */
  names: ReadonlyMap<string, string>
  /** Who has an external reference. */
  references: ReadonlyMap<string, string>
}

/** Reads which contacts and external references that the inputs name exist, in two statements at most. */
export async function readKnown(tx: Ctx, inputs: readonly CheckedInput[]): Promise<Known> {
  const ownerId = ownerOf(tx)
  const related = inputs.flatMap((input) => (input.relations ?? []).flatMap(({ contactId }) => (contactId == null ? [] : [contactId])))
  const references = inputs.flatMap(({ externalReference }) => (externalReference == null ? [] : [externalReference]))
  const found = related.length
    ? await rows<{ id: string; displayName: string }>(
        tx,
        sql`SELECT c.id, c."displayName" FROM contacts AS c WHERE c."ownerId" = ${ownerId}::uuid AND c.id = ANY(${related}::uuid[]) AND c."deletedAt" IS NULL`,
      )
    : []
  const taken = references.length
    ? await rows<{ id: string; reference: string }>(
        tx,
        sql`SELECT c.id, c."externalReference" AS reference FROM contacts AS c WHERE c."ownerId" = ${ownerId}::uuid AND c."externalReference" = ANY(${references}::text[]) AND c."deletedAt" IS NULL`,
      )
    : []
  return { names: new Map(found.map(({ id, displayName }) => [id, displayName])), references: new Map(taken.map(({ id, reference }) => [reference, id])) }
}

/** What is wrong with an input in the light of the owner's other contacts. */
export function knownIssues(input: CheckedInput, known: Known, ownId?: string): InputIssue[] {
  const relations = (input.relations ?? []).flatMap(({ contactId }, index): InputIssue[] => {
    const path = ['relations', String(index), 'contactId']
    if (contactId == null) return []
    if (contactId === ownId) return [{ path, message: 'A contact is not related to itself.' }]
    return known.names.has(contactId) ? [] : [{ path, message: 'There is no contact with that id.' }]
  })
  const { externalReference } = input
  const holder = externalReference == null ? undefined : known.references.get(externalReference)
  return holder === undefined || holder === ownId ? relations : [...relations, referenceTaken]
}

/** An external reference that another contact has. */
export const referenceTaken: InputIssue = {
  path: ['externalReference'],
  message: 'Another contact has this reference; ref: followed by it, in place of an id, finds that one.',
}

const namedBy = [nameParts.given, nameParts.middle, nameParts.family, nameParts.nickname, nameParts.phoneticGiven, nameParts.phoneticFamily]

/** Refuses a contact that nobody could recognise. @throws InvalidInputError */
export function assertRecognisable({ scalars, lists }: ContactState): void {
  const named = scalars.displayName !== null || namedBy.some((column) => scalars[column] !== null)
  if (named || lists.emails.length + lists.phones.length + lists.organizations.length > 0) return
  throw new InvalidInputError({ path: ['name'], message: 'Give a name, an e-mail address, a phone number or an organisation.' })
}

/** The partial unique index on external references, or that of a partition, which is named for its columns. */
const referenceIndex = /contacts\w*external_?reference/i

/** Turns the database's refusal of a reference that another transaction took just before into the same issue that `knownIssues` gives. */
export async function refusingTakenReference<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code, meta } = error as { code?: unknown; meta?: unknown }
    if ((code === 'P2010' || code === 'P2002' || code === '23505') && referenceIndex.test(`${JSON.stringify(meta ?? {})} ${String(error)}`))
      throw new InvalidInputError(referenceTaken)
    throw error
  }
}
