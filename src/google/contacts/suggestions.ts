import { isPermitted } from '../../consent/service.ts'
import { createContact } from '../../contacts/service.ts'
import { toDate } from '../../core/clock.ts'
import { type Ctx, ownerOf } from '../../core/ctx.ts'
import { NotFoundError } from '../../core/errors.ts'
import { newId } from '../../core/ids.ts'
import { execute, rows, sql } from '../../db/client.ts'
import type { GoogleOtherContact } from '../../db/generated/prisma/client.ts'
import type { Listing } from '../../db/keyset.ts'
import { inTransaction, record, setOff } from '../../events/service.ts'
import { otherContactsScope, purposeOfFeature } from '../features.ts'

/** Somebody whom the owner has been in touch with and not saved. */
export type Suggestion = Pick<GoogleOtherContact, 'id' | 'name' | 'emails' | 'phones'>

/** The owner's suggestions by name, without those whose address a contact has by now. */
export function suggestionsListing(ctx: Ctx): Listing {
  const ownerId = ownerOf(ctx)
  return {
    name: 'contact suggestions',
    select: sql`s.id, s.name, s.emails, s.phones, s."sortName"`,
    from: sql`google_other_contacts AS s`,
    where: sql`s."ownerId" = ${ownerId}::uuid AND NOT EXISTS (SELECT 1 FROM contact_emails AS e WHERE e."ownerId" = ${ownerId}::uuid AND e.canonical = ANY(s.canonical))`,
    keys: [
      { column: sql`s."sortName"`, type: 'text', direction: 'asc', nulls: 'none' },
      { column: sql`s.id`, type: 'uuid', direction: 'asc', nulls: 'none' },
    ],
  }
}

/** Makes a contact of a suggestion; answers the contact's id. @throws NotFoundError */
export async function acceptSuggestion(ctx: Ctx, id: string): Promise<string> {
  return inTransaction(ctx, async (tx) => {
    const [taken] = await rows<GoogleOtherContact>(
      tx,
      sql`DELETE FROM google_other_contacts WHERE "ownerId" = ${ownerOf(tx)}::uuid AND id = ${id}::uuid RETURNING *`,
    )
    if (!taken) throw new NotFoundError('There is no suggestion with that id.')
    return createContact(tx, {
      displayName: taken.name,
      emails: taken.emails.map((address) => ({ address })),
      phones: taken.phones.map((number) => ({ number })),
    })
  })
}

/** Begins to bring suggestions in. In an open transaction, once Google allows it. */
export async function startSuggestions(tx: Ctx): Promise<void> {
  const at = toDate(tx.clock.now())
  const [state] = await rows<{ id: string }>(
    tx,
    sql`INSERT INTO google_sync_states AS s ("ownerId", id, feature, resource, status, "nextRunAt", "updatedAt")
        VALUES (${ownerOf(tx)}::uuid, ${newId(tx.clock)}::uuid, 'CONTACTS', 'otherContacts', 'PENDING', ${at}::timestamptz, ${at}::timestamptz)
        ON CONFLICT ("ownerId", resource) DO UPDATE SET status = 'PENDING', "errorCode" = NULL, "nextRunAt" = excluded."nextRunAt", fence = s.fence + 1, "leaseOwner" = NULL, "leaseUntil" = NULL, "notBefore" = NULL, failures = 0, "updatedAt" = excluded."updatedAt"
        RETURNING id`,
  )
  if (!state) throw new Error('A resource has a state.')
  record(tx, { type: 'google.featureChanged', entityType: 'GoogleSyncState', entityId: state.id, changed: ['status'] })
  setOff(tx, { kind: 'google.schedule', payload: { stateId: state.id } })
}

/** Goes on bringing suggestions in, where an owner has asked for them and they have come to a stop, as far as the owner and Google allow it. In an open transaction. */
export async function resumeSuggestions(tx: Ctx, granted: readonly string[]): Promise<void> {
  if (!granted.includes(otherContactsScope) || !(await isPermitted(tx, purposeOfFeature.CONTACTS))) return
  const [stopped] = await rows(
    tx,
    sql`SELECT 1 FROM google_sync_states WHERE "ownerId" = ${ownerOf(tx)}::uuid AND resource = 'otherContacts' AND status IN ('OFF', 'SCOPE_MISSING', 'NEEDS_REAUTHORIZATION')`,
  )
  if (stopped) await startSuggestions(tx)
}

/** Stops suggestions and forgets them. */
export async function stopSuggestions(ctx: Ctx): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const stopped = await rows<{ id: string }>(
      tx,
      sql`DELETE FROM google_sync_states WHERE "ownerId" = ${ownerOf(tx)}::uuid AND resource = 'otherContacts' RETURNING id`,
    )
    for (const { id } of stopped) {
      record(tx, { type: 'google.disconnected', entityType: 'GoogleSyncState', entityId: id })
      setOff(tx, { kind: 'google.schedule', payload: { stateId: id } })
    }
    await execute(tx, sql`DELETE FROM google_other_contacts WHERE "ownerId" = ${ownerOf(tx)}::uuid`)
  })
}
