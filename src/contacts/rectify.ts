import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { InvalidInputError } from '../core/errors.ts'
import { execute, sql } from '../db/client.ts'
import { inTransaction, record } from '../events/service.ts'
import type { Execution, Executor } from '../privacy/service.ts'
import { type Edit, editContact } from './edit.ts'
import { regionOf } from './reads.ts'
import { saveContacts } from './save.ts'
import { meansOf } from './service.ts'
import { type ContactState, lockContacts, nameParts, type ScalarName } from './state.ts'
import { emailValue, type Keyed, phoneValue } from './values.ts'

type Correction = Execution['details']['corrections'][number]

/**
 * Puts right what contacts say, as if by the owner's hand, so that no sync or import puts it back; and puts aside a source's record that is wrong, of
 * which none is kept from then on. A list's entry is named with the value that is wrong: `emails:old@example.org`.
 */
export const rectifyContacts: Executor = async (ctx, { subject, details }) => {
  const mine = details.corrections.filter(({ model }) => model !== 'Interaction')
  if (mine.length === 0) return null
  // Somebody in address books names no contacts: what they put right holds in each.
  const targets = subject.kind === 'USER' ? [{ ownerId: subject.ownerId, contactId: null }] : subject.places
  for (const { ownerId, contactId } of targets) {
    await inTransaction({ ...ctx, actor: { kind: 'system', ownerId, reason: 'rectification' } }, async (tx) => {
      for (const correction of mine) {
        if (correction.model === 'ContactSource') await putAside(tx, correction.id, contactId)
        else await correct(tx, contactId ?? correction.id, correction)
      }
    })
  }
  return 'DONE'
}

async function correct(tx: Ctx, id: string, correction: Correction): Promise<void> {
  const before = (await lockContacts(tx, [id])).get(id)
  if (!before) return
  await saveContacts(tx, [{ before, after: editContact(before, editFor(before, correction, await regionOf(tx)), await meansOf(tx)) }])
}

const scalars: ReadonlySet<string> = new Set<ScalarName>(['displayName', 'about', ...Object.values(nameParts)])

function editFor(before: ContactState, { field, value }: Correction, region: string | undefined): Edit {
  if (scalars.has(field)) return { scalars: { [field]: value?.trim() || null }, lists: {} }
  const [list = '', ...rest] = field.split(':')
  const wrong = rest.join(':')
  if (list !== 'emails' && list !== 'phones') throw new InvalidInputError({ path: ['field'], message: 'There is no such field.' })
  const read = (text: string, label: string | null): Keyed =>
    list === 'emails' ? emailValue({ address: text, label }) : phoneValue({ number: text, label }, region)
  const key = read(wrong, null).key
  const entries = before.lists[list].flatMap((row): (Keyed & { id: string })[] => {
    if (row.key !== key) return [row]
    return value === null ? [] : [{ ...read(value, row.value['label'] === undefined ? null : (row.value['label'] as string | null)), id: row.id }]
  })
  return { scalars: {}, lists: { [list]: entries } }
}

async function putAside(tx: Ctx, id: string, contactId: string | null): Promise<void> {
  const at = toDate(tx.clock.now())
  const which = contactId === null ? sql`id = ${id}::uuid` : sql`"contactId" = ${contactId}::uuid`
  const changed = await execute(
    tx,
    sql`UPDATE contact_sources SET raw = NULL, "correctedAt" = ${at}::timestamptz WHERE "ownerId" = ${ownerOf(tx)}::uuid AND ${which} AND kind <> 'MANUAL' AND "correctedAt" IS NULL`,
  )
  if (changed > 0)
    record(tx, { type: 'contact.sourceCorrected', entityType: contactId === null ? 'ContactSource' : 'Contact', entityId: contactId ?? id, changed: ['raw'] })
}
