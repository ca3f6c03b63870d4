import { z } from 'zod'
import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { holdContacts } from '../contacts/atHand.ts'
import { InvalidInputError, NotFoundError } from '../core/errors.ts'
import { wallTimeYears } from '../core/wallTime.ts'
import { newId } from '../core/ids.ts'
import { parse } from '../core/parse.ts'
import { line } from '../core/text.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { Interaction } from '../db/generated/prisma/client.ts'
import { inTransaction, record } from '../events/service.ts'
import { createNote, NoteBody } from '../notes/service.ts'
import { directions, kinds } from './kinds.ts'
import { refreshLastInteractions } from './lastInteractions.ts'
import { dismissalHash } from './synced.ts'

export { directions, kinds, sources } from './kinds.ts'
export { refreshLastInteractions } from './lastInteractions.ts'
export { dropInteractions, dropSubjects, putInteractions, type SyncedInteraction, type SyncedParticipant } from './synced.ts'

const InteractionLog = z.object({
  kind: z.enum(kinds),
  direction: z.enum(directions).nullish(),
  occurredAt: z.date(),
  endedAt: z.date().nullish(),
  contactIds: z.array(z.string()).min(1, 'Name at least one contact.').max(100, 'At most 100 contacts.'),
  subject: line(1000).nullish(),
  note: z
    .string()
    .nullish()
    .transform((note) => (note?.trim() ? note : null))
    .pipe(NoteBody.nullable()),
})

/** Clocks of others may run ahead of ours by so much; what they say happens now is then logged as happening now. */
const aheadOfClock = { minutes: 5 }

/** Logs that one was in touch; restarts the contacts' follow-up clocks. With a note, each contact gets it as a note. @throws InvalidInputError, NotFoundError */
export async function logInteraction(ctx: Ctx, input: z.input<typeof InteractionLog>): Promise<Interaction> {
  const { kind, direction, endedAt, subject, note, ...rest } = parse(InteractionLog, input)
  const contactIds = [...new Set(rest.contactIds)]
  const ownerId = ownerOf(ctx)
  const now = ctx.clock.now()
  if (rest.occurredAt > toDate(now.add(aheadOfClock)))
    throw new InvalidInputError({ path: ['occurredAt'], message: 'An interaction is logged once it has begun; for what lies ahead, set a reminder.' })
  if (rest.occurredAt.getUTCFullYear() < wallTimeYears.first)
    throw new InvalidInputError({ path: ['occurredAt'], message: `Not before ${wallTimeYears.first}.` })
  const occurredAt = rest.occurredAt > toDate(now) ? toDate(now) : rest.occurredAt
  if (endedAt && endedAt < occurredAt) throw new InvalidInputError({ path: ['endedAt'], message: 'It cannot end before it began.' })
  const vault = await ctx.app.vault.of(ownerId)
  return inTransaction(ctx, async (tx) => {
    await holdContacts(tx, contactIds)
    const id = newId(tx.clock)
    const inDirection = direction ?? defaultDirection(kind)
    const at = toDate(now)
    const interaction = await tx.db.interaction.create({
      data: {
        ownerId,
        id,
        kind,
        direction: inDirection,
        source: 'MANUAL',
        occurredAt,
        endedAt: endedAt ?? null,
        subject: subject ? vault.seal('Interaction.subject', id, subject) : null,
        createdAt: at,
        updatedAt: at,
      },
    })
    await tx.db.interactionContact.createMany({
      data: contactIds.map((contactId) => ({ ownerId, interactionId: id, contactId, occurredAt, direction: inDirection })),
    })
    await tx.db.interactionParticipant.createMany({
      data: contactIds.map((contactId, position) => ({
        ownerId,
        id: newId(tx.clock),
        interactionId: id,
        position,
        contactId,
        role: inDirection === 'INBOUND' ? 'FROM' : inDirection === 'OUTBOUND' ? 'TO' : 'ATTENDEE',
      })),
    })
    record(tx, {
      type: 'interaction.logged',
      entityType: 'Interaction',
      entityId: id,
      changed: ['kind', 'direction', 'occurredAt', 'contacts', ...(subject ? ['subject'] : [])],
    })
    if (note) for (const contactId of contactIds) await createNote(tx, { contactId, body: note })
    await refreshLastInteractions(tx, contactIds)
    return interaction
  })
}

/** Deletes an interaction; its contacts' last contact and follow-up clocks are worked out anew. @throws NotFoundError */
export async function deleteInteraction(ctx: Ctx, id: string): Promise<Interaction> {
  const ownerId = ownerOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const [interaction] = await rows<Interaction>(tx, sql`SELECT * FROM interactions WHERE "ownerId" = ${ownerId}::uuid AND id = ${id}::uuid FOR UPDATE`)
    if (!interaction || interaction.hiddenAt) throw new NotFoundError('There is no interaction with that id.')
    const contacts = await tx.db.interactionContact.findMany({ where: { ownerId, interactionId: id }, select: { contactId: true } })
    await tx.db.interaction.delete({ where: { ownerId_id: { ownerId, id } } })
    // What a sync had brought must not come back with the next one.
    if (interaction.externalId !== null) {
      const hash = dismissalHash(await tx.app.vault.of(ownerId), interaction.source, interaction.externalId)
      await tx.db.interactionDismissal.createMany({ data: { ownerId, hash, dismissedAt: toDate(tx.clock.now()) }, skipDuplicates: true })
    }
    record(tx, { type: 'interaction.deleted', entityType: 'Interaction', entityId: id })
    await refreshLastInteractions(
      tx,
      contacts.map(({ contactId }) => contactId),
    )
    return interaction
  })
}

/** Hides the interactions all of whose contacts lie in the bin (an instant), or shows those of contacts that left it (null). Called after the contacts were moved, in the same transaction. */
export async function hideInteractions(tx: Ctx, contactIds: readonly string[], at: Date | null): Promise<void> {
  const ownerId = ownerOf(tx)
  const theirs = sql`SELECT ic."interactionId" FROM interaction_contacts AS ic WHERE ic."ownerId" = ${ownerId}::uuid AND ic."contactId" = ANY(${[...contactIds]}::uuid[])`
  const others = sql`EXISTS (SELECT 1 FROM interaction_contacts AS oc JOIN contacts AS c ON c."ownerId" = oc."ownerId" AND c.id = oc."contactId"
    WHERE oc."ownerId" = ${ownerId}::uuid AND oc."interactionId" = i.id AND c."deletedAt" IS NULL)`
  await execute(
    tx,
    at === null
      ? sql`UPDATE interactions AS i SET "hiddenAt" = NULL WHERE i."ownerId" = ${ownerId}::uuid AND i.id IN (${theirs})`
      : sql`UPDATE interactions AS i SET "hiddenAt" = ${at}::timestamptz WHERE i."ownerId" = ${ownerId}::uuid AND i.id IN (${theirs}) AND NOT ${others}`,
  )
}

/** Deletes the interactions that only these contacts have, and their part in others. Called in the transaction that purges the contacts, before they go. */
export async function purgeInteractions(tx: Ctx, contactIds: readonly string[]): Promise<void> {
  const ownerId = ownerOf(tx)
  const ids = sql`ANY(${[...contactIds]}::uuid[])`
  await execute(tx, sql`DELETE FROM interaction_participants WHERE "ownerId" = ${ownerId}::uuid AND "contactId" = ${ids}`)
  await execute(
    tx,
    sql`DELETE FROM interactions AS i WHERE i."ownerId" = ${ownerId}::uuid
        AND i.id IN (SELECT "interactionId" FROM interaction_contacts WHERE "ownerId" = ${ownerId}::uuid AND "contactId" = ${ids})
        AND NOT EXISTS (SELECT 1 FROM interaction_contacts AS oc WHERE oc."ownerId" = ${ownerId}::uuid AND oc."interactionId" = i.id AND oc."contactId" <> ALL(${[...contactIds]}::uuid[]))`,
  )
}

/** Forgets who took part in interactions under one of these addresses (canonical, as participants have them), in the open transaction. */
export async function forgetParticipants(tx: Ctx, canonical: readonly string[]): Promise<void> {
  await execute(tx, sql`DELETE FROM interaction_participants WHERE "ownerId" = ${ownerOf(tx)}::uuid AND canonical = ANY(${[...canonical]}::text[])`)
}

/** Every owner in whose interactions one of these addresses took part. */
export async function ownersWithParticipants(ctx: Ctx, canonical: readonly string[]): Promise<string[]> {
  if (canonical.length === 0) return []
  const found = await rows<{ ownerId: string }>(
    ctx,
    sql`SELECT DISTINCT "ownerId" FROM interaction_participants WHERE canonical = ANY(${[...canonical]}::text[])`,
  )
  return found.map(({ ownerId }) => ownerId)
}

/** The addresses, of whomever, that a choice picks out of all that ever took part, some at a time. */
export async function participantAddresses(ctx: Ctx, choose: (canonical: string[]) => Promise<string[]>): Promise<string[]> {
  const chosen: string[] = []
  for (let after = '', more = true; more;) {
    const page = await rows<{ canonical: string }>(
      ctx,
      sql`SELECT DISTINCT canonical FROM interaction_participants WHERE canonical > ${after} ORDER BY canonical LIMIT ${addressPage}::int`,
    )
    chosen.push(...(await choose(page.map(({ canonical }) => canonical))))
    after = page.at(-1)?.canonical ?? after
    more = page.length === addressPage
  }
  return chosen
}

const addressPage = 5000

function defaultDirection(kind: (typeof kinds)[number]): (typeof directions)[number] {
  return kind === 'MEETING' || kind === 'IN_PERSON' || kind === 'CALL' || kind === 'OTHER' ? 'MUTUAL' : 'OUTBOUND'
}
