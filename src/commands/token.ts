import { demoClient } from '../config.ts'
import { InvalidInputError } from '../core/errors.ts'
import { toDate } from '../core/clock.ts'
import type { Scope } from '../core/ctx.ts'
import { systemCtx } from '../jobs/relay.ts'
import { closest } from '../closest.ts'
import { allScopes, isScope } from '../tokens/scopes.ts'
import { createToken } from '../tokens/service.ts'
import { open } from './open.ts'
import { ownerOfAddress } from './owners.ts'

/** Makes an API token and prints it, and nothing else, on standard output. @throws InvalidInputError, NotFoundError */
export async function tokenCreate(options: { email: string; scopes: string; name: string; expires?: string }): Promise<void> {
  const scopes = readScopes(options.scopes)
  await using opened = await open({ simulator: false })
  const { app, config } = opened
  const expiresAt = options.expires === undefined ? undefined : readExpiry(options.expires, app.clock.now())
  await app.queue.start()
  const ownerId = await ownerOfAddress(app, options.email, { simulated: config.google === null || config.google.clientId === demoClient.clientId })
  const { token } = await createToken(systemCtx(app, ownerId, 'command line'), {
    name: options.name,
    scopes,
    ...(expiresAt && { expiresAt: toDate(expiresAt) }),
  })
  process.stdout.write(`${token}\n`)
}

/** The scopes of a list separated by commas or spaces; `all` is every one. @throws InvalidInputError */
export function readScopes(text: string): Scope[] {
  const names = text.split(/[\s,]+/).filter(Boolean)
  if (names.includes('all')) return [...allScopes]
  return names.map((name) => {
    if (isScope(name)) return name
    const meant = closest(name, allScopes)
    throw new InvalidInputError({
      path: ['--scopes'],
      message: `there is no scope ${name}${meant ? `; perhaps ${meant} is meant` : ''}. There are: all, ${allScopes.join(', ')}`,
    })
  })
}

/** An instant from now on: a day (`2030-01-31`, to its end in UTC), an instant, or a period such as `P30D` or `30d`. @throws InvalidInputError */
export function readExpiry(text: string, now: Temporal.Instant): Temporal.Instant {
  try {
    if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return Temporal.PlainDate.from(text).add({ days: 1 }).toZonedDateTime('UTC').toInstant()
    if (/^\d+d$/i.test(text)) return now.add({ hours: 24 * Number.parseInt(text, 10) })
    if (/^P/i.test(text)) return now.toZonedDateTimeISO('UTC').add(Temporal.Duration.from(text)).toInstant()
    return Temporal.Instant.from(text)
  } catch {
    throw new InvalidInputError({ path: ['--expires'], message: `${text} is neither a day such as 2030-01-31, nor a period such as 30d or P3M` })
  }
}
