import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { InvalidInputError, NotFoundError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { parse } from '../core/parse.ts'
import { execute, rows, send, sql } from '../db/client.ts'
import { inTransaction, record } from '../events/service.ts'
import { refreshFollowUps } from '../followUps/service.ts'
import { assertRecognisable, type Known, knownIssues, readKnown, refusingTakenReference } from './checks.ts'
import { editContact, type Means } from './edit.ts'
import { editOf } from './editOf.ts'
import { type CheckedInput, contactInput, type ContactInput, limits } from './input.ts'
import { saveContacts } from './save.ts'
import { assertNotSuppressed, suppressedIssues } from './suppressed.ts'
import { blankContact, type ContactState, lockContacts, removedMarkOf } from './state.ts'

export { eraseContact } from './bin.ts'

/** What became of one of many inputs: a contact, or what was wrong with it. */
export type Created = { contactId: string } | { error: InvalidInputError }

/** Makes a contact by hand; answers its id. @throws InvalidInputError */
export async function createContact(ctx: Ctx, input: ContactInput): Promise<string> {
  return (await makeContact(ctx, input)).id
}

/** As `createContact`, but answers all that it holds. @throws InvalidInputError */
export async function makeContact(ctx: Ctx, input: ContactInput): Promise<ContactState> {
  const checked = parse(contactInput, input)
  return refusingTakenReference(() =>
    inTransaction(ctx, async (tx) => {
      const known = await readKnown(tx, [checked])
      const state = newContact(tx, checked, known, await meansOf(tx))
      await assertNotSuppressed(tx, { before: null, after: state })
      const [saved] = await saveContacts(tx, [{ before: null, after: state }], known.tags)
      noteManualSources(tx, [state.id])
      return saved ?? state
    }),
  )
}

/** Makes up to 100 contacts in one transaction. One that cannot be taken refuses all, its place before the path of its issues, or with SKIP_INVALID is left out and named in its row. @throws InvalidInputError */
export async function createContacts(ctx: Ctx, inputs: readonly ContactInput[], onError: 'REJECT_ALL' | 'SKIP_INVALID'): Promise<Created[]> {
  if (inputs.length > limits.entries) throw new InvalidInputError({ path: ['inputs'], message: `At most ${limits.entries} contacts at once.` })
  const checked = inputs.map((input) => caught(() => parse(contactInput, input)))
  return refusingTakenReference(() =>
    inTransaction(ctx, async (tx) => {
      const valid = checked.filter(isTaken)
      const known = await readKnown(tx, valid)
      const references = new Map(known.references)
      const means = await meansOf(tx)
      const states = checked.map((input) => {
        if (input instanceof InvalidInputError) return input
        const state = caught(() => newContact(tx, input, { ...known, references }, means))
        if (isTaken(state) && state.scalars.externalReference !== null) references.set(state.scalars.externalReference, state.id)
        return state
      })
      const unwanted = await suppressedIssues(
        tx,
        states.map((state) => ({ before: null, after: isTaken(state) ? state : blankContact('') })),
      )
      const made = states.map((state, index) => (unwanted[index]?.length ? new InvalidInputError(unwanted[index]) : state))
      const issues = made.flatMap((each, index) =>
        each instanceof InvalidInputError ? each.issues.map((issue) => ({ ...issue, path: [String(index), ...issue.path] })) : [],
      )
      if (onError === 'REJECT_ALL' && issues.length > 0) throw new InvalidInputError(issues)
      const taken = made.filter(isTaken)
      await saveContacts(
        tx,
        taken.map((after) => ({ before: null, after })),
        known.tags,
      )
      noteManualSources(
        tx,
        taken.map(({ id }) => id),
      )
      return made.map((each) => (each instanceof InvalidInputError ? { error: each } : { contactId: each.id }))
    }),
  )
}

/** Changes a contact: what is absent stays, null clears, a list replaces the list. Answers its id. @throws InvalidInputError, NotFoundError */
export async function updateContact(ctx: Ctx, id: string, input: ContactInput): Promise<string> {
  return (await changeContact(ctx, id, input)).id
}

/** As `updateContact`, but answers all that it holds. @throws InvalidInputError, NotFoundError */
export async function changeContact(ctx: Ctx, id: string, input: ContactInput): Promise<ContactState> {
  const checked = parse(contactInput, input)
  return refusingTakenReference(() =>
    inTransaction(ctx, async (tx) => {
      const [locked, known] = await Promise.all([lockContacts(tx, [id]), readKnown(tx, [checked])])
      const before = locked.get(id)
      if (!before || before.deletedAt) throw new NotFoundError('There is no contact with that id.')
      if (before.restrictedAt) throw new InvalidInputError({ path: ['id'], message: restricted })
      const issues = knownIssues(checked, known, id)
      if (issues.length > 0) throw new InvalidInputError(issues)
      const after = editContact(before, editOf(checked, known.region, known.names), await meansOf(tx))
      assertRecognisable(after)
      await assertNotSuppressed(tx, { before, after })
      const [saved] = await saveContacts(tx, [{ before, after }], known.tags)
      return saved ?? after
    }),
  )
}

/** Takes a contact out of the ordinary lists, or back into them; one that is where it should be stays as it is. @throws NotFoundError */
export async function archiveContact(ctx: Ctx, id: string, archived: boolean): Promise<string> {
  const ownerId = ownerOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const [contact] = await rows<{ archivedAt: Date | null }>(
      tx,
      sql`SELECT c."archivedAt" FROM contacts AS c WHERE c."ownerId" = ${ownerId}::uuid AND c.id = ${id}::uuid AND c."deletedAt" IS NULL FOR UPDATE`,
    )
    if (!contact) throw new NotFoundError('There is no contact with that id.')
    if ((contact.archivedAt !== null) === archived) return id
    const now = toDate(tx.clock.now())
    await execute(
      tx,
      sql`UPDATE contacts SET "archivedAt" = ${archived ? now : null}::timestamptz, "updatedAt" = ${now}::timestamptz WHERE "ownerId" = ${ownerId}::uuid AND id = ${id}::uuid`,
    )
    // An archived contact gives no alerts; one that comes back does again.
    await refreshFollowUps(tx, [id])
    record(tx, { type: archived ? 'contact.archived' : 'contact.unarchived', entityType: 'Contact', entityId: id, changed: ['archivedAt'] })
    return id
  })
}

const restricted = 'What is held of this person may only be stored for now: they have asked for that.'

/** What the rules of editing need in a transaction. */
export async function meansOf(tx: Ctx): Promise<Means> {
  return { newId: () => newId(tx.clock), removedMark: removedMarkOf(await tx.app.vault.of(ownerOf(tx))) }
}

function newContact(tx: Ctx, input: CheckedInput, known: Known, means: Means): ContactState {
  const issues = knownIssues(input, known)
  if (issues.length > 0) throw new InvalidInputError(issues)
  const state = editContact(blankContact(newId(tx.clock)), editOf(input, known.region, known.names), means)
  assertRecognisable(state)
  return state
}

function noteManualSources(tx: Ctx, contactIds: readonly string[]): void {
  if (contactIds.length === 0) return
  const now = toDate(tx.clock.now())
  send(
    tx,
    sql`INSERT INTO contact_sources ("ownerId", id, "contactId", kind, "firstSeenAt", "lastSeenAt")
        SELECT ${ownerOf(tx)}::uuid, s.id, s."contactId", 'MANUAL', ${now}::timestamptz, ${now}::timestamptz
        FROM unnest(${contactIds.map(() => newId(tx.clock))}::uuid[], ${[...contactIds]}::uuid[]) AS s(id, "contactId")`,
  )
}

function caught<T>(work: () => T): T | InvalidInputError {
  try {
    return work()
  } catch (error) {
    if (error instanceof InvalidInputError) return error
    throw error
  }
}

function isTaken<T extends CheckedInput | ContactState>(each: T | InvalidInputError): each is T {
  return !(each instanceof InvalidInputError)
}
