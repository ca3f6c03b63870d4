import { type Ctx, ownerOf } from '../core/ctx.ts'
import { syncPersons } from '../directory/persons.ts'
import { setOff } from '../events/service.ts'

/** So many contacts one effect is about. */
const batch = 500

/** Sets off that the directory of people follows what these contacts hold now, or that they are gone; people who use their rights are found by it. In the open transaction. */
export function announcePersons(tx: Ctx, contactIds: readonly string[]): void {
  for (let at = 0; at < contactIds.length; at += batch)
    setOff(tx, { kind: 'contact.persons', payload: { contactIds: contactIds.slice(at, at + batch).join(',') } })
}

/** Makes the directory agree with contacts: the handler of `contact.persons`. */
export async function followPersons(ctx: Ctx, { contactIds = '' }: Record<string, string>): Promise<void> {
  await syncPersons(ctx, ownerOf(ctx), contactIds.split(',').filter(Boolean))
}
