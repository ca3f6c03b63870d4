import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import { planDelivery } from '../deliveries/service.ts'
import { inTransaction, record } from '../events/service.ts'
import { refreshDue } from '../jobs/due.ts'
import { isRestricted } from '../privacy/service.ts'
import type { OwnerVault } from '../vault/vault.ts'
import { refreshFollowUps } from './service.ts'

/** A mail names so many people; it counts the others. */
const maxNamed = 200

interface OverdueRow {
  displayName: string
  lastInteractionAt: Date | null
  interactionId: string | null
  kind: string | null
  subject: Uint8Array | null
  noteId: string | null
  body: Uint8Array | null
}

/** Tells the owner whom they are losing touch with: one mail a day carries all whose alert has come. Their due dates stay; each alert comes again a period later. */
export async function sendAlerts(ctx: Ctx): Promise<void> {
  const ownerId = ownerOf(ctx)
  // It is handed out again until it may: nothing that is only stored is mailed.
  if (await isRestricted(ctx)) return
  const vault = await ctx.app.vault.of(ownerId)
  await inTransaction(ctx, async (tx) => {
    const account = await tx.db.account.findUnique({ where: { ownerId } })
    if (!account) return
    const now = tx.clock.now()
    const ids = await holdOverdue(tx, ownerId, toDate(now))
    if (ids.length === 0) return
    const today = now.toZonedDateTimeISO(account.timeZone).startOfDay()
    // By when it was planned, not by which day it was for: the zone may have changed since.
    const sentToday = await tx.db.delivery.count({ where: { ownerId, kind: 'FOLLOW_UP_ALERT', createdAt: { gte: toDate(today.toInstant()) } } })
    if (sentToday > 0) {
      // Who came due after today's mail has gone out waits for tomorrow's.
      const tomorrow = today.add({ days: 1 }).withPlainTime(account.sendTime).toInstant()
      await execute(
        tx,
        sql`UPDATE contacts SET "followUpAlertAt" = ${toDate(tomorrow)}::timestamptz WHERE "ownerId" = ${ownerId}::uuid AND id = ANY(${ids}::uuid[])`,
      )
      return
    }
    const named = await overdueContacts(tx, ownerId, ids.slice(0, maxNamed))
    const lines = named.map((contact) => lineOf(contact, vault, now, account.timeZone))
    if (ids.length > named.length) lines.push(`… and ${ids.length - named.length} more`)
    await planDelivery(tx, {
      kind: 'FOLLOW_UP_ALERT',
      entityId: account.id,
      occurrenceAt: toDate(today.toInstant()),
      subject: ids.length === 1 ? `Time to get in touch with ${named[0]?.displayName ?? ''}` : `Time to get in touch with ${ids.length} people`,
      text: `You wanted to stay in touch with:\n\n${lines.join('\n')}\n\nLog a call, a message or a meeting, and the clock starts again.\n${tx.app.config.publicUrl}\n`,
    })
    await execute(
      tx,
      sql`UPDATE contacts SET "followUpAlertedAt" = ${toDate(now)}::timestamptz WHERE "ownerId" = ${ownerId}::uuid AND id = ANY(${ids}::uuid[])`,
    )
    for (const id of ids) record(tx, { type: 'contact.followUpAlerted', entityType: 'Contact', entityId: id })
    await refreshFollowUps(tx, ids)
  })
  await scheduleAlerts(ctx)
}

/** Puts the owner's next alert into the due directory. */
export async function scheduleAlerts(ctx: Ctx): Promise<void> {
  const ownerId = ownerOf(ctx)
  const account = await ctx.db.account.findUnique({ where: { ownerId }, select: { id: true } })
  if (!account) return
  await refreshDue(ctx, 'followUps.alert', ownerId, account.id, async (tx) => {
    const { _min } = await tx.db.contact.aggregate({
      where: { ownerId, deletedAt: null, archivedAt: null, restrictedAt: null },
      _min: { followUpAlertAt: true },
    })
    return _min.followUpAlertAt
  })
}

/** The contacts whose alert has come, locked, those first with whom contact is longest overdue. Locked in the order of ids, as everybody locks contacts. */
async function holdOverdue(tx: Ctx, ownerId: string, now: Date): Promise<string[]> {
  const held = await rows<{ id: string; followUpDueAt: Date }>(
    tx,
    sql`SELECT c.id, c."followUpDueAt" FROM contacts AS c
        WHERE c."ownerId" = ${ownerId}::uuid AND c."followUpAlertAt" <= ${now}::timestamptz AND c."deletedAt" IS NULL AND c."archivedAt" IS NULL AND c."restrictedAt" IS NULL
        ORDER BY c.id FOR NO KEY UPDATE`,
  )
  return held.toSorted((a, b) => Number(a.followUpDueAt) - Number(b.followUpDueAt)).map(({ id }) => id)
}

function overdueContacts(tx: Ctx, ownerId: string, ids: readonly string[]): Promise<OverdueRow[]> {
  return rows<OverdueRow>(
    tx,
    sql`SELECT c."displayName", c."lastInteractionAt", last.id AS "interactionId", last.kind, last.subject, note.id AS "noteId", note.body
        FROM contacts AS c
        LEFT JOIN LATERAL (
          SELECT i.id, i.kind, i.subject FROM interaction_contacts AS ic JOIN interactions AS i ON i."ownerId" = ic."ownerId" AND i.id = ic."interactionId"
          WHERE ic."ownerId" = ${ownerId}::uuid AND ic."contactId" = c.id AND ic.counted AND ic."occurredAt" <= c."lastInteractionAt" AND i."hiddenAt" IS NULL
          ORDER BY ic."occurredAt" DESC, ic."interactionId" DESC LIMIT 1
        ) AS last ON true
        LEFT JOIN LATERAL (
          SELECT n.id, n.body FROM notes AS n WHERE n."ownerId" = ${ownerId}::uuid AND n."contactId" = c.id AND n."hiddenAt" IS NULL ORDER BY n."createdAt" DESC, n.id DESC LIMIT 1
        ) AS note ON true
        WHERE c."ownerId" = ${ownerId}::uuid AND c.id = ANY(${[...ids]}::uuid[]) ORDER BY array_position(${[...ids]}::uuid[], c.id)`,
  )
}

/** Who, how long it has been, and what was last talked about: the subject of the last interaction, and how the latest note begins. */
function lineOf(contact: OverdueRow, vault: OwnerVault, now: Temporal.Instant, zone: string): string {
  const { displayName, kind, interactionId, subject, noteId, body } = contact
  const talked = [
    ...(interactionId && subject ? [vault.open('Interaction.subject', interactionId, subject)] : []),
    ...(noteId && body ? [firstLine(vault.open('Note.body', noteId, body))] : []),
  ].filter(Boolean)
  const how = kind && kind !== 'OTHER' ? `, ${kinds[kind] ?? ''}` : ''
  return `- ${displayName}: ${sinceText(contact.lastInteractionAt, now, zone)}${how}${talked.length > 0 ? `\n  Last talked about: ${talked.join(' — ')}` : ''}`
}

const kinds: Readonly<Record<string, string>> = {
  EMAIL: 'by e-mail',
  MEETING: 'at a meeting',
  CALL: 'in a call',
  MESSAGE: 'by message',
  IN_PERSON: 'in person',
  SOCIAL: 'on a social network',
}

/** How long ago the last contact was, in whole days of the account's zone. */
function sinceText(last: Date | null, now: Temporal.Instant, zone: string): string {
  if (!last) return 'no contact on record yet'
  const { days } = toInstant(last).toZonedDateTimeISO(zone).toPlainDate().until(now.toZonedDateTimeISO(zone).toPlainDate(), { largestUnit: 'days' })
  if (days <= 0) return 'last in touch today'
  return days === 1 ? 'last in touch yesterday' : `last in touch ${days} days ago`
}

/** The first line of a Markdown text that says something, without the signs it begins with. */
function firstLine(body: string): string {
  const line =
    body
      .split('\n')
      .map((each) => each.replace(/^[\s#>*+-]+/, '').trim())
      .find(Boolean) ?? ''
  return line.length > 140 ? `${line.slice(0, 139).toWellFormed()}…` : line
}
