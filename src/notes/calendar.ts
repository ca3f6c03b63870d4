import { type Ctx, ownerOf } from '../core/ctx.ts'
import { calendarEnd, calendarHead, calendarInstant, calendarText, component } from '../core/iCalendar.ts'
import { rows, sql } from '../db/client.ts'
import type { Note } from '../db/generated/prisma/client.ts'

const pageSize = 250

/** The owner's notes as an iCalendar file: a VJOURNAL each, on the day it was written. */
export async function* notesCalendar(ctx: Ctx): AsyncGenerator<string> {
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  yield calendarHead
  let after = '00000000-0000-0000-0000-000000000000'
  for (let more = true; more;) {
    const page = await rows<Note & { name: string }>(
      ctx,
      sql`SELECT n.*, c."displayName" AS name FROM notes AS n JOIN contacts AS c ON c."ownerId" = ${ownerId}::uuid AND c.id = n."contactId"
          WHERE n."ownerId" = ${ownerId}::uuid AND n.id > ${after}::uuid AND n."hiddenAt" IS NULL AND c."restrictedAt" IS NULL ORDER BY n.id LIMIT ${pageSize}`,
    )
    yield page
      .map((note) =>
        component('VJOURNAL', [
          ['UID', note.id],
          ['DTSTAMP', calendarInstant(note.updatedAt)],
          ['DTSTART', calendarInstant(note.createdAt)],
          ['SUMMARY', calendarText(`Note about ${note.name}`)],
          ['DESCRIPTION', calendarText(vault.open('Note.body', note.id, note.body))],
          ['CONTACT', calendarText(note.name)],
        ]),
      )
      .join('')
    after = page.at(-1)?.id ?? after
    more = page.length === pageSize
  }
  yield calendarEnd
}
