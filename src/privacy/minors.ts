import { type Ctx, ownerOf } from '../core/ctx.ts'
import { InvalidInputError, NotFoundError } from '../core/errors.ts'
import { isId } from '../core/ids.ts'
import { rows, sql } from '../db/client.ts'
import type { PrivacyRequest } from '../db/generated/prisma/client.ts'
import { inTransaction, record } from '../events/service.ts'
import { asController } from './controller.ts'
import { requireOfficer } from './officers.ts'
import { file, type Filing } from './requests.ts'

const nothing = {
  type: 'MINOR_ERASURE',
  regime: 'BOTH',
  requester: 'SELF',
  text: null,
  corrections: [],
  purpose: null,
  delayHours: 0,
  identifiers: [],
  replyTo: null,
} as const

/**
 * Reports that a contact of the actor's is a child's: it is out of reach from the commit on and is erased within a day. Nobody is written to.
 * @throws NotFoundError
 */
export async function reportMinorContact(ctx: Ctx, contactId: string): Promise<PrivacyRequest> {
  const ownerId = ownerOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const found = isId(contactId)
      ? await rows(tx, sql`SELECT 1 FROM contacts WHERE "ownerId" = ${ownerId}::uuid AND id = ${contactId}::uuid AND "deletedAt" IS NULL FOR UPDATE`)
      : []
    if (found.length === 0) throw new NotFoundError('There is no contact with that id.')
    const request = await file(
      tx,
      reported({ subject: { kind: 'CONTACT_PERSON', addressHash: null }, place: { ownerId, contactId }, provenBy: 'OWNER_REPORT' }),
    )
    record(tx, { type: 'contact.reportedMinor', entityType: 'Contact', entityId: contactId })
    return request
  })
}

/** Contacts of the actor's that have a text in their name, the first by name: at most 20. */
export function contactsNamed(ctx: Ctx, text: string): Promise<{ id: string; displayName: string }[]> {
  const pattern = `%${text.replaceAll('\0', '').replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
  return rows(
    ctx,
    sql`SELECT id, "displayName" FROM contacts WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND "deletedAt" IS NULL AND "displayName" ILIKE ${pattern} ORDER BY "displayName", id LIMIT 20`,
  )
}

/** Reports, as an officer, that an account is a child's: nobody is let in from the commit on and it is erased within a day. @throws NotFoundError for anybody else and for an address without an account, InvalidInputError for one that several have */
export async function reportMinorAccount(ctx: Ctx, email: string): Promise<PrivacyRequest> {
  const officer = await requireOfficer(ctx)
  if (email.includes('\0')) throw new NotFoundError('There is no account with that address.')
  return asController(ctx, `officer ${officer.accountId}`, async (tx) => {
    const [account, ...more] = await rows<{ ownerId: string }>(tx, sql`SELECT "ownerId" FROM accounts WHERE lower(email) = lower(${email})`)
    if (!account) throw new NotFoundError('There is no account with that address.')
    if (more.length > 0) throw new InvalidInputError({ path: ['accountEmail'], message: 'Several accounts have had that address.' })
    return file(tx, reported({ subject: { kind: 'USER', ownerId: account.ownerId }, provenBy: 'OFFICER_REPORT' }))
  })
}

function reported(of: Pick<Filing, 'subject' | 'place' | 'provenBy'>): Filing {
  return { ...nothing, corrections: [], identifiers: [], provenLevel: 4, ...of }
}
