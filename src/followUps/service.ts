import { z } from 'zod'
import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { InvalidInputError, NotFoundError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { formatPeriod, parsePeriod } from '../core/period.ts'
import { line } from '../core/text.ts'
import { parse } from '../core/parse.ts'
import { parseSendTime } from '../core/wallTime.ts'
import { holdContacts } from '../contacts/atHand.ts'
import { matchKey } from '../contacts/matchKey.ts'
import { rows, send, sql } from '../db/client.ts'
import type { Account, Contact, Tag } from '../db/generated/prisma/client.ts'
import { inTransaction, record, setOff } from '../events/service.ts'
import { alertDue, dueAt, effective, later } from './due.ts'

/** Sets how often one wants to be in touch with a contact; its clock starts now unless a later interaction restarts it. @throws InvalidInputError, NotFoundError */
export async function setContactFollowUp(ctx: Ctx, contactId: string, every: string): Promise<Contact> {
  const period = formatPeriod(parsePeriod(every, ['every']))
  return changeContact(ctx, contactId, { followUpEvery: period, followUpSetAt: toDate(ctx.clock.now()) }, 'contact.followUpSet')
}

/** Takes a contact's own follow-up setting away; a tag's may still hold. @throws NotFoundError */
export async function clearContactFollowUp(ctx: Ctx, contactId: string): Promise<Contact> {
  return changeContact(ctx, contactId, { followUpEvery: null, followUpSetAt: null }, 'contact.followUpCleared')
}

/** A tag's follow-up setting and how many contacts have the tag. */
export interface TagFollowUp {
  tag: string
  every: string | null
  contactCount: number
}

/** Sets how often one wants to be in touch with everybody who has a tag; makes the tag where it does not exist yet. @throws InvalidInputError */
export async function setTagFollowUp(ctx: Ctx, tagName: string, every: string): Promise<TagFollowUp> {
  const period = formatPeriod(parsePeriod(every, ['every']))
  const name = parse(z.object({ tag: line(100) }), { tag: tagName }).tag
  if (!name) throw new InvalidInputError({ path: ['tag'], message: 'Name a tag.' })
  const ownerId = ownerOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const now = toDate(tx.clock.now())
    const nameFolded = matchKey(name)
    await tx.db.tag.createMany({ data: { ownerId, id: newId(tx.clock), name, nameFolded, createdAt: now }, skipDuplicates: true })
    const tag = await lockTag(tx, nameFolded)
    if (!tag) throw new Error('A tag that was just made is gone.')
    await tx.db.tag.update({ where: { ownerId_id: { ownerId, id: tag.id } }, data: { followUpEvery: period, followUpSetAt: now } })
    record(tx, { type: 'tag.followUpSet', entityType: 'Tag', entityId: tag.id, changed: ['followUpEvery'] })
    return { tag: tag.name, every: period, contactCount: await refreshTag(tx, tag) }
  })
}

/** Takes a tag's follow-up setting away. @throws NotFoundError */
export async function clearTagFollowUp(ctx: Ctx, tag: string): Promise<TagFollowUp> {
  const ownerId = ownerOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const known = await lockTag(tx, matchKey(tag).trim())
    if (!known) throw new NotFoundError('There is no such tag.')
    await tx.db.tag.update({ where: { ownerId_id: { ownerId, id: known.id } }, data: { followUpEvery: null, followUpSetAt: null } })
    record(tx, { type: 'tag.followUpCleared', entityType: 'Tag', entityId: known.id, changed: ['followUpEvery'] })
    return { tag: known.name, every: null, contactCount: await refreshTag(tx, known) }
  })
}

interface FollowedRow {
  id: string
  createdAt: Date
  followUpEvery: string | null
  followUpSetAt: Date | null
  lastInteractionAt: Date | null
  followUpAlertedAt: Date | null
  tags: { name: string; every: string; setAt: string }[]
}

/** Works out anew which period holds for each of the contacts, when it runs down and when the next alert goes out. Called whenever a setting, a tag, an interaction or the account's zone or send time has changed. `locked`: the transaction holds their rows already. */
export async function refreshFollowUps(tx: Ctx, contactIds: readonly string[], { locked = false } = {}): Promise<void> {
  if (contactIds.length === 0) return
  const ownerId = ownerOf(tx)
  // Locked by a statement of its own: only the next one sees what another transaction changed while this one waited.
  if (!locked) send(tx, sql`SELECT id FROM contacts WHERE "ownerId" = ${ownerId}::uuid AND id = ANY(${[...contactIds]}::uuid[]) ORDER BY id FOR NO KEY UPDATE`)
  const followed = await rows<FollowedRow>(
    tx,
    sql`SELECT c.id, c."createdAt", c."followUpEvery", c."followUpSetAt", c."lastInteractionAt", c."followUpAlertedAt", COALESCE(t.tags, '[]') AS tags
        FROM contacts AS c
        LEFT JOIN LATERAL (
          SELECT jsonb_agg(jsonb_build_object('name', t.name, 'every', t."followUpEvery", 'setAt', to_char(t."followUpSetAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) AS tags
          FROM contact_tags AS ct JOIN tags AS t ON t."ownerId" = ct."ownerId" AND t.id = ct."tagId"
          WHERE ct."ownerId" = ${ownerId}::uuid AND ct."contactId" = c.id AND t."followUpEvery" IS NOT NULL
        ) AS t ON true
        WHERE c."ownerId" = ${ownerId}::uuid AND c.id = ANY(${[...contactIds]}::uuid[])
          AND (c."followUpEvery" IS NOT NULL OR c."followUpInForce" IS NOT NULL OR t.tags IS NOT NULL)`,
  )
  if (followed.length === 0) return
  const [account] = await rows<Pick<Account, 'id' | 'timeZone' | 'sendTime'>>(
    tx,
    sql`SELECT id, "timeZone", "sendTime" FROM accounts WHERE "ownerId" = ${ownerId}::uuid`,
  )
  if (!account) return
  const clock = { now: tx.clock.now(), zone: account.timeZone, sendTime: parseSendTime(account.sendTime) }
  const worked = followed.map((contact) => ({ id: contact.id, ...workOut(contact, clock) }))
  send(
    tx,
    sql`UPDATE contacts AS c SET "followUpInForce" = w.every, "followUpFromTag" = w.tag, "followUpDueAt" = w.due, "followUpAlertAt" = w.alert
        FROM unnest(${worked.map((each) => each.id)}::uuid[], ${worked.map((each) => each.every)}::text[], ${worked.map((each) => each.fromTag)}::text[], ${worked.map((each) => each.dueAt)}::timestamptz[], ${worked.map((each) => each.alertAt)}::timestamptz[])
          AS w(id, every, tag, due, alert)
        WHERE c."ownerId" = ${ownerId}::uuid AND c.id = w.id`,
  )
  setOff(tx, { kind: 'followUps.schedule', payload: { accountId: account.id } })
}

/** Works out every follow-up of the owner anew, after the account's zone or send time has changed. */
export async function refreshAllFollowUps(tx: Ctx): Promise<void> {
  const contacts = await tx.db.contact.findMany({ where: { ownerId: ownerOf(tx), followUpInForce: { not: null } }, select: { id: true } })
  await refreshFollowUps(
    tx,
    contacts.map((contact) => contact.id),
  )
}

function workOut(contact: FollowedRow, clock: { now: Temporal.Instant; zone: string; sendTime: Temporal.PlainTime }) {
  const own = contact.followUpEvery && contact.followUpSetAt ? { every: parsePeriod(contact.followUpEvery), setAt: toInstant(contact.followUpSetAt) } : null
  // A tag's setting holds for a contact no earlier than there is the contact: whoever imports a hundred friends has not neglected them yet.
  const since = toInstant(contact.createdAt)
  const tags = contact.tags.map(({ name, every, setAt }) => ({ tag: name, every: parsePeriod(every), setAt: later(Temporal.Instant.from(setAt), since) }))
  const held = effective(own, tags)
  if (!held) return { every: null, fromTag: null, dueAt: null, alertAt: null }
  const due = dueAt({ ...held, lastCountedAt: contact.lastInteractionAt ? toInstant(contact.lastInteractionAt) : null, zone: clock.zone })
  const alert = alertDue({ ...clock, dueAt: due, every: held.every, lastAlertAt: contact.followUpAlertedAt ? toInstant(contact.followUpAlertedAt) : null })
  return { every: formatPeriod(held.every), fromTag: held.fromTag, dueAt: toDate(due), alertAt: toDate(alert) }
}

async function changeContact(
  ctx: Ctx,
  id: string,
  data: { followUpEvery: string | null; followUpSetAt: Date | null },
  type: `contact.${string}`,
): Promise<Contact> {
  const ownerId = ownerOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const where = { ownerId_id: { ownerId, id } }
    await holdContacts(tx, [id])
    await tx.db.contact.update({ where, data })
    record(tx, { type, entityType: 'Contact', entityId: id, changed: ['followUpEvery'] })
    await refreshFollowUps(tx, [id])
    return tx.db.contact.findUniqueOrThrow({ where })
  })
}

// Locked against everybody who gives the tag to a contact meanwhile: either they see its setting, or we see their contact.
async function lockTag(tx: Ctx, nameFolded: string): Promise<Tag | undefined> {
  const [tag] = await rows<Tag>(tx, sql`SELECT * FROM tags WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "nameFolded" = ${nameFolded} FOR UPDATE`)
  return tag
}

/** Refreshes everybody who has the tag; answers how many of them are not in the bin. */
async function refreshTag(tx: Ctx, tag: Tag): Promise<number> {
  const tagged = await rows<{ contactId: string; deletedAt: Date | null }>(
    tx,
    sql`SELECT ct."contactId", c."deletedAt" FROM contact_tags AS ct JOIN contacts AS c ON c."ownerId" = ct."ownerId" AND c.id = ct."contactId"
        WHERE ct."ownerId" = ${tag.ownerId}::uuid AND ct."tagId" = ${tag.id}::uuid`,
  )
  await refreshFollowUps(
    tx,
    tagged.map((each) => each.contactId),
  )
  return tagged.filter((each) => !each.deletedAt).length
}
