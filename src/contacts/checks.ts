import { type Ctx, ownerOf } from '../core/ctx.ts'
import { InvalidInputError, type InputIssue } from '../core/errors.ts'
import { rows, sql } from '../db/client.ts'
import type { CheckedInput } from './input.ts'
import { type ContactState, nameParts } from './state.ts'
import type { KnownTag, KnownTags } from './tagIds.ts'
import { tagValue } from './values.ts'

/** What several inputs name and are read by: read once for all of them. */
export interface Known {
  /** The country by whose customs phone numbers are read; undefined while there is no account, and where there are no numbers. */
  region: string | undefined
  /** Contacts that relations may point at, with their names. */
  names: ReadonlyMap<string, string>
  /** Who has an external reference. */
  references: ReadonlyMap<string, string>
  /** The tags that there are already. */
  tags: KnownTags
}

/** Reads which contacts, external references and tags that the inputs name exist, and the region, in one statement at most. */
export async function readKnown(tx: Ctx, inputs: readonly CheckedInput[]): Promise<Known> {
  const ownerId = ownerOf(tx)
  const related = inputs.flatMap((input) => (input.relations ?? []).flatMap(({ contactId }) => contactId ?? []))
  const references = inputs.flatMap(({ externalReference }) => externalReference ?? [])
  const tags = [...new Set(inputs.flatMap((input) => (input.tags ?? []).map((name) => tagValue(name).key)))]
  const isPhone = inputs.some(({ phones }) => phones?.length)
  const [known] =
    isPhone || related.length + references.length + tags.length > 0
      ? await rows<{ region: string | null; names: [string, string][] | null; references: [string, string][] | null; tags: KnownTag[] | null }>(
          tx,
          sql`SELECT (SELECT a.region FROM accounts AS a WHERE a."ownerId" = ${ownerId}::uuid) AS region,
                (SELECT json_agg(json_build_array(c.id, c."displayName")) FROM contacts AS c WHERE c."ownerId" = ${ownerId}::uuid AND c.id = ANY(${related}::uuid[]) AND c."deletedAt" IS NULL) AS names,
                (SELECT json_agg(json_build_array(c."externalReference", c.id)) FROM contacts AS c WHERE c."ownerId" = ${ownerId}::uuid AND c."externalReference" = ANY(${references}::text[]) AND c."deletedAt" IS NULL) AS "references",
                (SELECT json_agg(json_build_object('id', t.id, 'name', t.name, 'nameFolded', t."nameFolded", 'source', t.source)) FROM (SELECT * FROM tags WHERE "ownerId" = ${ownerId}::uuid AND "nameFolded" = ANY(${tags}::text[]) ORDER BY id FOR KEY SHARE) AS t) AS tags`,
        )
      : []
  return {
    region: known?.region ?? undefined,
    names: new Map(known?.names),
    references: new Map(known?.references),
    tags: new Map(known?.tags?.map((tag) => [tag.nameFolded, tag])),
  }
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
