import type { Ctx } from '../core/ctx.ts'
import { rowId } from '../graphql/globalIds.ts'
import { findByReference } from './reads.ts'

/** An id that no row has. */
const absent = '00000000-0000-0000-0000-000000000000'

/** The row id of a contact that an argument names: its opaque id, or `ref:` and its external reference. What names nothing gives an id that no row has. */
export async function contactRowId(ctx: Ctx, id: string, { binned = false } = {}): Promise<string> {
  if (!id.startsWith('ref:')) return rowId('Contact', id)
  const reference = id.slice('ref:'.length)
  if (reference.includes('\0')) return absent
  return (await findByReference(ctx, reference)) ?? (binned ? await findByReference(ctx, reference, { binned }) : null) ?? absent
}
