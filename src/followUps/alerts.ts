import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'
import { planDelivery } from '../deliveries/service.ts'
import { inTransaction, record } from '../events/service.ts'
import { refreshDue } from '../jobs/due.ts'
import { refreshFollowUps } from './service.ts'

interface OverdueRow {
  id: string
  displayName: string
  followUpDueAt: Date
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
  const vault = await ctx.app.vault.of(ownerId)
  await inTransaction(ctx, async (tx) => {
    const account = await tx.db.account.findUnique({ where: { ownerId } })
    if (!account) return
    const now = tx.clock.now()
    const overdue = await overdueContacts(tx, ownerId, toDate(now))
    if (overdue.length === 0) return
    const today = now.toZonedDateTimeISO(account.timeZone).startOfDay()
    const sentToday = await tx.db.delivery.count({ where: { ownerId, kind: 'FOLLOW_UP_ALERT', entityId: account.id, occurrenceAt: toDate(today.toInstant()) } })
    const ids = overdue.map((contact) => contact.id)
    if (sentToday > 0) {
      // Who came due after today's mail has gone out waits for tomorrow's.
      const tomorrow = today.add({ days: 1 }).withPlainTime(account.sendTime).toInstant()
      await tx.db.contact.updateMany({ where: { ownerId, id: { in: ids } }, data: { followUpAlertAt: toDate(tomorrow) } })
      return
    }
    const lines = overdue.map((contact) => {
      const talked = contact.interactionId && contact.subject ? vault.open('Interaction.subject', contact.interactionId, contact.subject) : contact.noteId && contact.body ? vault.open('Note.body', contact.noteId, contact.body) : null
      return `- ${contact.displayName}: ${sinceText(contact.lastInteractionAt, now, account.timeZone)}${contact.kind ? ` (${contact.kind.toLowerCase().replace('_', ' ')})` : ''}${talked ? `\n  Last talked about: ${firstLine(talked)}` : ''}`
    })
    await planDelivery(tx, {
      kind: 'FOLLOW_UP_ALERT',
      entityId: account.id,
      occurrenceAt: toDate(today.toInstant()),
      subject: overdue.length === 1 ? `Time to get in touch with ${overdue[0]?.displayName ?? ''}` : `Time to get in touch with ${overdue.length} people`,
      text: `You wanted to stay in touch with:\n\n${lines.join('\n')}\n\nLog a call, a message or a meeting, and the clock starts again.\n${tx.app.config.publicUrl}\n`,
    })
    await tx.db.contact.updateMany({ where: { ownerId, id: { in: ids } }, data: { followUpAlertedAt: toDate(now) } })
    record(tx, ...overdue.map((contact) => ({ type: 'contact.followUpAlerted' as const, entityType: 'Contact', entityId: contact.id })))
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
    const { _min } = await tx.db.contact.aggregate({ where: { ownerId, deletedAt: null, archivedAt: null }, _min: { followUpAlertAt: true } })
    return _min.followUpAlertAt
  })
}

function overdueContacts(tx: Ctx, ownerId: string, now: Date): Promise<OverdueRow[]> {
  return rows<OverdueRow>(
    tx,
    sql`SELECT c.id, c."displayName", c."followUpDueAt", c."lastInteractionAt", last.id AS "interactionId", last.kind, last.subject, note.id AS "noteId", note.body
        FROM contacts AS c
        LEFT JOIN LATERAL (
          SELECT i.id, i.kind, i.subject FROM interaction_contacts AS ic JOIN interactions AS i ON i."ownerId" = ic."ownerId" AND i.id = ic."interactionId"
          WHERE ic."ownerId" = ${ownerId}::uuid AND ic."contactId" = c.id AND ic.counted AND i."hiddenAt" IS NULL ORDER BY ic."occurredAt" DESC, ic."interactionId" DESC LIMIT 1
        ) AS last ON true
        LEFT JOIN LATERAL (
          SELECT n.id, n.body FROM notes AS n WHERE n."ownerId" = ${ownerId}::uuid AND n."contactId" = c.id AND n."hiddenAt" IS NULL ORDER BY n."createdAt" DESC, n.id DESC LIMIT 1
        ) AS note ON true
        WHERE c."ownerId" = ${ownerId}::uuid AND c."followUpAlertAt" <= ${now}::timestamptz AND c."deletedAt" IS NULL AND c."archivedAt" IS NULL
        ORDER BY c."followUpDueAt", c.id LIMIT 200 FOR UPDATE OF c`,
  )
}

/** How long ago the last contact was, in whole days of the account's zone. */
function sinceText(last: Date | null, now: Temporal.Instant, zone: string): string {
  if (!last) return 'no contact on record yet'
  const days = toInstant(last).toZonedDateTimeISO(zone).toPlainDate().until(now.toZonedDateTimeISO(zone).toPlainDate(), { largestUnit: 'days' }).days
  if (days <= 0) return 'last in touch today'
  return days === 1 ? 'last in touch yesterday' : `last in touch ${days} days ago`
}

function firstLine(body: string): string {
  const [line = ''] = body.trim().split('\n')
  return line.length > 140 ? `${line.slice(0, 139)}…` : line
}
