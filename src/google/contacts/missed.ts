import { type Ctx, ownerOf } from '../../core/ctx.ts'
import { execute, rows, sql } from '../../db/client.ts'
import { inTransaction } from '../../events/service.ts'
import { type Place, type Run, step } from '../run.ts'
import { markDirty } from '../schedule.ts'
import { relabel } from './groups.ts'
import { getPeople, maxBatch } from './people.ts'
import { holdLabels, readLabels, savePeople } from './store.ts'

/**
 * Fetches those of whom something was left out while their contacts lay in the bin or were restricted, and do so no more. Nothing of them was kept meanwhile, and a list
 * of changes does not tell it again. The first batch stands at `beginning`; answers whether there was one.
 */
export async function fetchMissed(ctx: Ctx, run: Run, beginning: Partial<Place>): Promise<boolean> {
  let place = beginning
  for (let after = ''; ;) {
    const names = await missedPeople(ctx, after)
    const last = names.at(-1)
    if (last === undefined) return place !== beginning
    const found = await getPeople(ctx, names)
    const people = names.flatMap((name) => {
      const person = found.get(name)
      if (!person) return []
      return person.resourceName === name ? [person] : [{ ...person, metadata: { ...person.metadata, previousResourceNames: [name] } }]
    })
    await step(ctx, run, place, async (tx, count) => {
      count(await savePeople(tx, people, run.runId))
      // The list of changes says that they are gone.
      await forgetMissed(
        tx,
        names.filter((name) => found.get(name) === null),
      )
    })
    place = {}
    after = last
  }
}

/** A contact is to be kept in step again: of whom something was left out is fetched now. */
export async function catchUpMissed(ctx: Ctx): Promise<void> {
  const [missed] = await missedPeople(ctx, '')
  if (missed !== undefined) await inTransaction(ctx, (tx) => markDirty(tx, 'contacts'))
}

/** Reads those records anew, from what is kept of them, that have changed since their contacts were as they are: a merge was undone. */
export async function rereadPeople(ctx: Ctx, { contactIds = '' }: Record<string, string>): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    await holdLabels(tx)
    const changed = await rows<{ externalId: string }>(
      tx,
      sql`SELECT "externalId" FROM contact_sources WHERE "ownerId" = ${ownerOf(tx)}::uuid AND kind = 'GOOGLE' AND "contactId" = ANY(${contactIds.split(',')}::uuid[]) AND "goneAt" IS NULL AND fingerprint IS NULL ORDER BY 1`,
    )
    await relabel(
      tx,
      changed.map(({ externalId }) => externalId),
      await readLabels(tx),
    )
  })
}

async function missedPeople(ctx: Ctx, after: string): Promise<string[]> {
  const found = await rows<{ resourceName: string }>(
    ctx,
    sql`SELECT p."resourceName" FROM google_people AS p
        JOIN contact_sources AS s ON s."ownerId" = p."ownerId" AND s.kind = 'GOOGLE' AND s."externalId" = p."resourceName"
        JOIN contacts AS c ON c."ownerId" = s."ownerId" AND c.id = s."contactId" AND c."deletedAt" IS NULL AND c."restrictedAt" IS NULL
        WHERE p."ownerId" = ${ownerOf(ctx)}::uuid AND p.missed AND p."resourceName" > ${after} ORDER BY 1 LIMIT ${maxBatch}::int`,
  )
  return found.map(({ resourceName }) => resourceName)
}

async function forgetMissed(tx: Ctx, resourceNames: readonly string[]): Promise<void> {
  if (resourceNames.length > 0)
    await execute(
      tx,
      sql`UPDATE google_people SET missed = false WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "resourceName" = ANY(${[...resourceNames]}::text[])`,
    )
}
