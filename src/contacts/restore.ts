import type { ArchivedRecord, Restoring } from '../archive/service.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, sql } from '../db/client.ts'
import { refreshFollowUps } from '../followUps/service.ts'
import { indexContacts } from '../search/service.ts'
import { purgeAtOnce } from './bin.ts'
import { familyKey, matchKey } from './matchKey.ts'
import { announcePersons } from './persons.ts'
import { readContacts } from './state.ts'
import { suppressedIn } from './suppressed.ts'
import { emailValue, organizationValue, phoneValue } from './values.ts'

/** How contacts come back from an archive. What they are found and sorted by follows from what the archive says. */
export const restores: readonly Restoring[] = [
  { model: 'Tag', complete: ({ name }) => ({ nameFolded: matchKey(text(name)) }) },
  {
    model: 'Contact',
    event: 'contact.created',
    complete: ({ displayName, nameFamily, nameGiven }) => ({
      sortName: matchKey(text(displayName)),
      familySortName: familyKey(maybe(nameFamily), maybe(nameGiven)),
    }),
    settle: settleContacts,
  },
  { model: 'ContactEmail', complete: ({ address }) => pick(emailValue({ address: text(address) }).value, ['normalized', 'canonical', 'addressFolded']) },
  { model: 'ContactPhone', complete: ({ number }, { region }) => pick(phoneValue({ number: text(number) }, region).value, ['e164', 'digits']) },
  { model: 'ContactAddress' },
  { model: 'ContactUrl' },
  { model: 'ContactOrganization', complete: ({ name }) => pick(organizationValue({ name: maybe(name) }).value, ['nameFolded']) },
  { model: 'ContactDate' },
  { model: 'ContactRelation' },
  { model: 'ContactCustomField' },
  { model: 'ContactTag' },
  { model: 'ContactSource' },
]

/** Makes contacts findable and sets their clocks. Whoever has asked to stand in no address book here stays out, archive or not. */
async function settleContacts(tx: Ctx, keys: readonly ArchivedRecord[]): Promise<void> {
  const ids = keys.map(({ id }) => text(id))
  const states = [...(await readContacts(tx, ids)).values()]
  const suppressed = new Set(
    (
      await suppressedIn(
        tx,
        states.map(({ lists }) => lists),
      )
    ).flatMap((held, index) => (held.length > 0 ? (states[index]?.id ?? []) : [])),
  )
  const kept = ids.filter((id) => !suppressed.has(id))
  for (const id of suppressed) await purgeAtOnce(tx, id)
  await execute(
    tx,
    sql`UPDATE contact_relations AS r SET "relatedContactId" = NULL WHERE r."ownerId" = ${ownerOf(tx)}::uuid AND r."contactId" = ANY(${ids}::uuid[]) AND r."relatedContactId" IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM contacts AS c WHERE c."ownerId" = ${ownerOf(tx)}::uuid AND c.id = r."relatedContactId")`,
  )
  await indexContacts(tx, kept)
  await refreshFollowUps(tx, kept)
  announcePersons(tx, kept)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function maybe(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function pick(value: Readonly<Record<string, unknown>>, names: readonly string[]): ArchivedRecord {
  return Object.fromEntries(names.map((name) => [name, value[name]]))
}
