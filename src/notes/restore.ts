import type { Restoring } from '../archive/service.ts'
import { ownerOf } from '../core/ctx.ts'
import { indexNewNotes } from '../search/service.ts'

/** How notes come back from an archive: contacts are found by their words again. */
export const restores: readonly Restoring[] = [
  {
    model: 'Note',
    event: 'note.created',
    settle: async (tx, keys) => {
      const ownerId = ownerOf(tx)
      const vault = await tx.app.vault.of(ownerId)
      const notes = await tx.db.note.findMany({
        where: { ownerId, id: { in: keys.map(({ id }) => String(id as string)) } },
        select: { id: true, contactId: true, body: true },
      })
      await indexNewNotes(
        tx,
        notes.map((note) => ({ ...note, body: vault.open('Note.body', note.id, note.body) })),
      )
    },
  },
]
