import { type Ctx, ownerOf } from '../core/ctx.ts'
import { calendarEnd, calendarHead, calendarInstant, type CalendarLine, calendarText, component, quotedParam } from '../core/iCalendar.ts'
import { rows, sql } from '../db/client.ts'
import type { Interaction } from '../db/generated/prisma/client.ts'
import type { OwnerVault } from '../vault/vault.ts'

const pageSize = 250

type Shown = Interaction & { people: { name: string | null; address: string | null; role: string }[] | null }

/** When the owner was in touch, as an iCalendar file: a VEVENT each. Those whose contacts all lie in the bin, or may only be stored, are left out. */
export async function* interactionsCalendar(ctx: Ctx): AsyncGenerator<string> {
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  yield calendarHead
  let after = '00000000-0000-0000-0000-000000000000'
  for (let more = true; more;) {
    const page = await rows<Shown>(
      ctx,
      sql`SELECT i.*, (
            SELECT json_agg(json_build_object('name', coalesce(c."displayName", p.name), 'address', p.address, 'role', p.role) ORDER BY p.position)
            FROM interaction_participants AS p LEFT JOIN contacts AS c ON c."ownerId" = ${ownerId}::uuid AND c.id = p."contactId"
            WHERE p."ownerId" = ${ownerId}::uuid AND p."interactionId" = i.id AND c."restrictedAt" IS NULL
          ) AS people
          FROM interactions AS i WHERE i."ownerId" = ${ownerId}::uuid AND i.id > ${after}::uuid AND i."hiddenAt" IS NULL ORDER BY i.id LIMIT ${pageSize}`,
    )
    yield page
      .filter(({ people }) => people !== null)
      .map((interaction) => event(vault, interaction))
      .join('')
    after = page.at(-1)?.id ?? after
    more = page.length === pageSize
  }
  yield calendarEnd
}

function event(vault: OwnerVault, { people, ...interaction }: Shown): string {
  const { id, kind, occurredAt, endedAt } = interaction
  const subject = vault.openMaybe('Interaction.subject', id, interaction.subject)
  const location = vault.openMaybe('Interaction.location', id, interaction.location)
  const names = (people ?? []).map(({ name, address }) => name ?? address ?? '').filter(Boolean)
  const attendees = (people ?? []).flatMap(({ name, address, role }): CalendarLine[] =>
    address === null || !/^[^\s<>,;:"]+@[^\s<>,;:"]+$/.test(address)
      ? []
      : [[`${role === 'ORGANIZER' ? 'ORGANIZER' : 'ATTENDEE'}${name === null ? '' : `;CN=${quotedParam(name)}`}`, `mailto:${address}`]],
  )
  return component('VEVENT', [
    ['UID', id],
    ['DTSTAMP', calendarInstant(interaction.updatedAt)],
    ['DTSTART', calendarInstant(occurredAt)],
    ...(endedAt === null ? [] : [['DTEND', calendarInstant(endedAt)] as const]),
    ['SUMMARY', calendarText(subject ?? `${words[kind] ?? kind}${names.length > 0 ? ` (${names.join(', ')})` : ''}`)],
    ...(location === null ? [] : [['LOCATION', calendarText(location)] as const]),
    ['CATEGORIES', calendarText(kind)],
    ['TRANSP', 'TRANSPARENT'],
    ...attendees,
    ...(names.length === 0 ? [] : [['CONTACT', calendarText(names.join(', '))] as const]),
  ])
}

const words: Readonly<Record<string, string>> = {
  EMAIL: 'E-mail',
  MEETING: 'Meeting',
  CALL: 'Call',
  MESSAGE: 'Message',
  IN_PERSON: 'Met in person',
  SOCIAL: 'In touch on a social network',
  OTHER: 'In touch',
}
