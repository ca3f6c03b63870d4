import { z } from 'zod'
import type { Ctx } from '../core/ctx.ts'
import { type CookieCategory, purposeOfCategory } from './cookieRegistry.ts'
import { validUntil } from './dates.ts'
import { withdrawConsent } from './decide.ts'
import { standingOf } from './ledger.ts'
import { noticeAt, purposeOf } from './purposes.ts'
import { refusedBy, type Signals } from './signals.ts'
import { fold, permits, type Standing } from './states.ts'

/** The purposes that a browser keeps a decision on by itself, whether somebody is signed in or not. */
export const devicePurposes = ['FUNCTIONAL_COOKIES', 'ANALYTICAL_COOKIES', 'PERFORMANCE_COOKIES', 'SALE_OR_SHARING'] as const
/** A purpose that a browser keeps a decision on. */
export type DevicePurpose = (typeof devicePurposes)[number]

const Choice = z.strictObject({
  yes: z.boolean(),
  // The day alone: the second would tell browsers apart.
  on: z.iso.date(),
  notice: z.string().max(40),
  /** Said although the browser sends Global Privacy Control, knowing it. */
  told: z.literal(true).optional(),
})
/** What a browser has decided on a purpose. */
export type Choice = z.output<typeof Choice>
const Choices = z.partialRecord(z.enum(devicePurposes), Choice)
/** What a browser has decided, as its cookie says; empty before it has. No identifier is in it. */
export type Choices = z.output<typeof Choices>

/** Reads the cookie that holds a browser's choices; what cannot be read is no choice. */
export function readChoices(cookie: string | undefined): Choices {
  if (cookie === undefined) return {}
  try {
    const { data } = Choices.safeParse(JSON.parse(Buffer.from(cookie, 'base64url').toString('utf8')))
    // Selling and sharing takes two steps of someone who is known: a browser alone can only say no.
    return data?.SALE_OR_SHARING?.yes ? {} : (data ?? {})
  } catch {
    return {}
  }
}

/** What the cookie holds. */
export function writeChoices(choices: Choices): string {
  return Buffer.from(JSON.stringify(choices)).toString('base64url')
}

/** The choices with others made on top. */
export function choose(before: Choices, wanted: { [Key in DevicePurpose]?: boolean | undefined }, now: Temporal.Instant, told = false): Choices {
  const on = now.toZonedDateTimeISO('UTC').toPlainDate().toString()
  const made = devicePurposes.flatMap((key): [DevicePurpose, Choice][] => {
    const yes = wanted[key]
    const purpose = purposeOf(key)
    return yes === undefined || !purpose ? [] : [[key, { yes, on, notice: noticeAt(purpose, now).version, ...(yes && told ? { told } : {}) }]]
  })
  return { ...before, ...Object.fromEntries(made) }
}

/** How a purpose stands on a browser. */
export function deviceStanding(choices: Choices, key: DevicePurpose, now: Temporal.Instant): Standing {
  const choice = choices[key]
  const purpose = purposeOf(key)
  if (!choice || !purpose) return { state: 'UNKNOWN', source: null, since: null }
  const at = Temporal.PlainDate.from(choice.on).toZonedDateTime('UTC').toInstant()
  // A cookie that says it was written tomorrow was not written by us.
  if (Temporal.Instant.compare(at, now) > 0) return { state: 'UNKNOWN', source: null, since: null }
  const decision = { state: choice.yes ? ('GIVEN' as const) : ('REFUSED' as const), source: 'UI' as const, noticeVersion: choice.notice, at }
  return fold(purpose, [{ ...decision, validUntil: validUntil(purpose, at) }], [], now)
}

/** Whether a cookie of a category may be set in a browser that has made these choices and sends these signals. */
export function allowsCategory(category: CookieCategory, choices: Choices, signals: Signals, now: Temporal.Instant): boolean {
  const key = purposeOfCategory[category]
  if (key === null) return true
  const heard = choices[key]?.told ? { ...signals, gpc: false } : signals
  return permits(deviceStanding(choices, key, now).state) && !refusedBy(heard).includes(key)
}

/**
 * Brings a browser's choices and the account that it signs in to together, without widening either: the browser's no becomes the account's, unless the
 * account has decided on a later day; the account's no becomes the browser's; and a yes of one is none of the other. Answers the browser's choices then.
 */
export async function joinChoices(ctx: Ctx, choices: Choices): Promise<Choices> {
  const now = ctx.clock.now()
  let joined = choices
  for (const key of devicePurposes) {
    const purpose = purposeOf(key)
    const device = deviceStanding(choices, key, now)
    if (!purpose || device.since === null) continue
    const account = await standingOf(ctx, purpose)
    if (device.state === 'REFUSED' && !isLaterDay(account, device.since)) await withdrawConsent(ctx, key, { source: 'UI', method: 'device' })
    if (device.state === 'GIVEN' && isNo(account)) joined = choose(joined, { [key]: false }, now)
  }
  return joined
}

function isNo({ state }: Standing): boolean {
  return state === 'REFUSED' || state === 'WITHDRAWN' || state === 'INVALIDATED'
}

function isLaterDay({ since }: Standing, day: Temporal.Instant): boolean {
  return since !== null && Temporal.Instant.compare(since, day.add({ hours: 24 })) >= 0
}
