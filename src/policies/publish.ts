import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { App } from '../app.ts'
import { toDate, toInstant } from '../core/clock.ts'
import { ConflictError, InvalidInputError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { parse } from '../core/parse.ts'
import { execute, sql } from '../db/client.ts'
import { transaction } from '../db/transaction.ts'
import { composePolicy } from './compose.ts'
import { policyFacts, type PolicyFacts } from './facts.ts'
import { announceBy, canTakeEffect, hashOf, needsAnnouncement, noticePeriod, type PublishedPolicy, readVersions } from './versions.ts'

/** What a version is published with. */
export const PolicyPublish = z.strictObject({
  text: z.string().min(1, 'A policy has a text.').max(200_000),
  reason: z.string('Say what has changed and why.').trim().min(1, 'Say what has changed and why.').max(2000),
  material: z.boolean('Say whether the change matters to people.'),
  effectiveAt: z.instanceof(Temporal.Instant).optional(),
})
export type PolicyPublish = z.input<typeof PolicyPublish>

/** It takes up to a day to tell everybody, before the time that they have begins. */
const tellingTakes = { hours: 24 }

/**
 * Publishes a version, for good. It says what the program does, or is refused; what the program does otherwise than under the last version matters, and
 * whatever matters takes effect once everybody has been told for thirty days. @throws InvalidInputError, ConflictError
 */
export async function publishPolicy(app: App, input: PolicyPublish): Promise<PublishedPolicy> {
  const { text, reason, material, effectiveAt: asked } = parse(PolicyPublish, input)
  const now = app.clock.now()
  const facts = policyFacts(app.config, app.policies, asked ?? now)
  const composed = composePolicy(text, facts)
  return transaction(app.database, async (db) => {
    const tx = { app, db }
    await execute(tx, sql`SELECT pg_advisory_xact_lock(hashtextextended('policy versions', 0))`)
    const versions = await readVersions(tx)
    const waiting = versions.find((version) => isAwaited(version, now))
    if (waiting) throw new ConflictError(`Not everybody has been told of version ${waiting.version} yet; publish when that is done.`)
    // One that not everybody was told of in time never holds, and nothing is compared with it.
    const last = versions.findLast(canTakeEffect)
    const previous = versions.at(-1)
    if (last?.text === composed) throw new ConflictError('That is the text of the last version.')
    const earliest = material && last ? now.add(noticePeriod).add(tellingTakes) : now
    const effectiveAt = asked ?? (material && last ? startOfNextDay(earliest) : now)
    const path = ['effectiveAt']
    if (Temporal.Instant.compare(effectiveAt, earliest) < 0)
      throw new InvalidInputError({ path, message: `A version that is published now can take effect on ${earliest.toString()} at the earliest.` })
    if (last && Temporal.Instant.compare(effectiveAt, toInstant(last.effectiveAt)) < 0)
      throw new InvalidInputError({ path, message: 'The last version takes effect later than that.' })
    if (last && !material && JSON.stringify(deepSorted(last.facts)) !== JSON.stringify(deepSorted(facts)))
      throw new InvalidInputError({
        path: ['material'],
        message: `What the program does has changed since the last version (${changedParts(last.facts, facts).join(', ')}), and that matters.`,
      })
    const row: Omit<PublishedPolicy, 'hash' | 'announcedAt'> = {
      version: (previous?.version ?? 0) + 1,
      id: newId(app.clock),
      text: composed,
      // As it comes back from the database.
      facts: JSON.parse(JSON.stringify(facts)) as PolicyFacts,
      reason,
      material,
      changedPurposes: last ? changedPurposes(last.facts, facts) : [],
      publishedAt: toDate(now),
      effectiveAt: toDate(effectiveAt),
    }
    const made = { ...row, hash: hashOf(row, previous?.hash ?? null) }
    await db.policyVersion.create({ data: { ...made, facts: made.facts as never } })
    return { ...made, announcedAt: null }
  })
}

/** Whether a version may still take effect, once everybody has been told. */
function isAwaited(version: PublishedPolicy, now: Temporal.Instant): boolean {
  return needsAnnouncement(version) && version.announcedAt === null && Temporal.Instant.compare(now, announceBy(version)) <= 0
}

/** The text that Kith brings along, its parts still empty. */
export function policyTemplate(): Promise<string> {
  return readFile(new URL('privacy.en.md', import.meta.url), 'utf8')
}

/** What would be published now, from the text that Kith brings along or another. @throws InvalidInputError */
export async function draftPolicy(app: App, text?: string): Promise<string> {
  return composePolicy(text ?? (await policyTemplate()), policyFacts(app.config, app.policies, app.clock.now()))
}

/** The purposes that are others than before: asked for otherwise, on another ground, for others to receive, or new. */
export function changedPurposes(before: PolicyFacts, after: PolicyFacts): string[] {
  const told = new Map(before.purposes.map((purpose) => [purpose.key, JSON.stringify(deepSorted({ ...purpose, title: '' }))]))
  return after.purposes.filter((purpose) => told.get(purpose.key) !== JSON.stringify(deepSorted({ ...purpose, title: '' }))).map(({ key }) => key)
}

function changedParts(before: PolicyFacts, after: PolicyFacts): string[] {
  return (Object.keys(after) as (keyof PolicyFacts)[]).filter((part) => JSON.stringify(deepSorted(before[part])) !== JSON.stringify(deepSorted(after[part])))
}

function deepSorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deepSorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, each]) => [key, deepSorted(each)]),
  )
}

function startOfNextDay(instant: Temporal.Instant): Temporal.Instant {
  return instant.toZonedDateTimeISO('UTC').add({ days: 1 }).startOfDay().toInstant()
}
