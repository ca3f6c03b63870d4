import { createHash } from 'node:crypto'
import type { App } from '../app.ts'
import { toInstant } from '../core/clock.ts'
import { rows, sql } from '../db/client.ts'
import type { PolicyVersion as Row } from '../db/generated/prisma/client.ts'
import type { PolicyFacts } from './facts.ts'

/** How long before it takes effect everybody must have been told of a change that matters. */
export const noticePeriod = { hours: 30 * 24 }

/** A published version. */
export interface PublishedPolicy extends Omit<Row, 'facts'> {
  facts: PolicyFacts
  /** When every account had been told; null for a change that nobody has to be told of, and while some are still to be told. */
  announcedAt: Date | null
}

/** Every published version, the first one first. @throws Error when one of them is not what was published */
export async function readVersions(ctx: Parameters<typeof rows>[0]): Promise<PublishedPolicy[]> {
  const versions = await rows<Row & { announcedAt: Date | null }>(
    ctx,
    sql`SELECT v.*, a."completedAt" AS "announcedAt" FROM policy_versions AS v LEFT JOIN policy_announcements AS a ON a.version = v.version ORDER BY v.version`,
  )
  let previous: Uint8Array | null = null
  for (const version of versions) {
    if (Buffer.compare(hashOf(version, previous), version.hash) !== 0) throw new Error(`Version ${version.version} of the policy is not what was published.`)
    previous = version.hash
  }
  return versions as unknown as PublishedPolicy[]
}

/** Whether a version is such that everybody must be told before it holds: it matters, and another one holds already. */
export function needsAnnouncement({ material, version }: Pick<PublishedPolicy, 'material' | 'version'>): boolean {
  return material && version > 1
}

/** The latest instant at which everybody must have been told of a version. */
export function announceBy({ effectiveAt }: Pick<PublishedPolicy, 'effectiveAt'>): Temporal.Instant {
  return toInstant(effectiveAt).subtract(noticePeriod)
}

/** Whether a version will hold from its date on: not one that not everybody was told of in time. */
export function canTakeEffect(version: PublishedPolicy): boolean {
  if (!needsAnnouncement(version)) return true
  return version.announcedAt !== null && Temporal.Instant.compare(toInstant(version.announcedAt), announceBy(version)) <= 0
}

/** The version that holds now; null before the first one does. */
export async function currentPolicy(app: App): Promise<PublishedPolicy | null> {
  const now = app.clock.now()
  const holding = (await readVersions({ app, db: app.database.prisma })).filter(
    (version) => canTakeEffect(version) && Temporal.Instant.compare(toInstant(version.effectiveAt), now) <= 0,
  )
  return holding.at(-1) ?? null
}

/** SHA-256 of a version and of the hash of the one before. */
export function hashOf(
  { version, id, text, facts, reason, material, changedPurposes, publishedAt, effectiveAt }: Omit<Row, 'hash' | 'facts'> & { facts: unknown },
  previous: Uint8Array | null,
): Buffer<ArrayBuffer> {
  const parts = [version, id, text, canonical(facts), reason, material, changedPurposes, publishedAt.getTime(), effectiveAt.getTime()]
  return createHash('sha256')
    .update(JSON.stringify([...parts, previous === null ? null : Buffer.from(previous).toString('hex')]))
    .digest()
}

// PostgreSQL keeps the keys of an object in an order of its own.
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, each]) => [key, canonical(each)])
}
