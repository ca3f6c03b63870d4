import { readFile } from 'node:fs/promises'
import { toInstant } from '../core/clock.ts'
import { InvalidInputError } from '../core/errors.ts'
import { announcePolicies, canTakeEffect, draftPolicy, policyTemplate, publishPolicy, readVersions } from '../policies/service.ts'
import { open } from './open.ts'
import { progress } from './progress.ts'

/** Prints the privacy policy as it would be published now. @throws InvalidInputError naming what contradicts the program */
export async function policyPrint({ file }: { file?: string }): Promise<void> {
  await using opened = await open({ simulator: false })
  process.stdout.write(await draftPolicy(opened.app, file === undefined ? undefined : await readFile(file, 'utf8')))
}

/** Publishes a version, and plans the mails that tell everybody of one that matters; a worker sends them. @throws InvalidInputError, ConflictError */
export async function policyPublish(options: { reason: string; material?: boolean; effective?: string; file?: string }): Promise<void> {
  const shown = progress()
  await using opened = await open({ simulator: false, shown })
  const { app } = opened
  const effectiveAt = options.effective === undefined ? undefined : readDay(options.effective)
  const published = await publishPolicy(app, {
    text: options.file === undefined ? await policyTemplate() : await readFile(options.file, 'utf8'),
    reason: options.reason,
    material: options.material ?? false,
    ...(effectiveAt && { effectiveAt }),
  })
  shown.step('Planning the notices')
  await app.queue.start()
  await announcePolicies(app)
  await app.relay.drain()
  shown.done()
  process.stdout.write(`Published version ${published.version}; it takes effect on ${toInstant(published.effectiveAt).toString()}.\n`)
}

/** Lists the published versions, the latest first. */
export async function policyList(): Promise<void> {
  await using opened = await open({ simulator: false })
  const { app } = opened
  for (const version of (await readVersions({ app, db: app.database.prisma })).toReversed()) {
    const told = canTakeEffect(version) ? '' : version.announcedAt === null ? ', not everybody is told yet' : ', told too late: it does not take effect'
    process.stdout.write(
      `${version.version}  from ${toInstant(version.effectiveAt).toString()}${version.material ? ', material' : ''}${told}  ${version.reason}\n`,
    )
  }
}

/** The beginning of a day in UTC, or an instant. @throws InvalidInputError */
function readDay(text: string): Temporal.Instant {
  try {
    return /^\d{4}-\d{2}-\d{2}$/.test(text) ? Temporal.PlainDate.from(text).toZonedDateTime('UTC').toInstant() : Temporal.Instant.from(text)
  } catch {
    throw new InvalidInputError({ path: ['--effective'], message: `${text} is neither a day such as 2030-01-31 nor an instant` })
  }
}
