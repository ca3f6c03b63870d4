import { z } from 'zod'
import { parseSendTime, parseTimeZone } from '../core/wallTime.ts'
import { isRegion } from '../core/region.ts'
import { textInput } from '../core/textInput.ts'

const needed = 'This cannot be left empty.'

/** A region of ISO 3166-1, by which phone numbers without a country code are read. */
export const Region = z
  .string(needed)
  .transform((text) => text.trim().toUpperCase())
  .refine(isRegion, 'Name a country or territory by its two letters (ISO 3166-1), such as DE.')

/** A BCP 47 language tag in canonical letter case. */
export const Locale = z.string(needed).transform((text, context) => {
  const locale = canonicalLocale(text)
  if (locale !== null) return locale
  context.addIssue({
    code: 'custom',
    message: 'Name a language by its BCP 47 tag, such as en-GB.',
  })
  return z.NEVER
})

/** An IANA time zone. */
export const TimeZone = z.string(needed).pipe(textInput(parseTimeZone))

/** A local time of day, HH:MM. */
export const SendTime = z.string(needed).pipe(textInput((text) => parseSendTime(text).toString({ smallestUnit: 'minute' })))

/** What people call themselves; an empty name is none. */
export const Name = z
  .string()
  .transform((text) => text.replaceAll('\0', '').trim() || null)
  .pipe(z.string().max(200, 'A name has at most 200 characters.').nullable())

/** When all-day reminders and alerts go out, unless the account says otherwise. */
export const defaultSendTime = '09:00'

/** A language tag as BCP 47 writes it, or null when it is not one. */
export function canonicalLocale(text: string): string | null {
  if (text.length > 35) return null
  try {
    return Intl.getCanonicalLocales(text.trim())[0] ?? null
  } catch {
    return null
  }
}
