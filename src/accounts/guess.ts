import { isRegion } from '../core/region.ts'
import { canonicalLocale } from './settings.ts'
import { isTimeZone } from '../core/wallTime.ts'

/** Settings of a new account as far as they can be told without asking. */
export interface Guess {
  locale: string
  region: string
  timeZone: string
}

/** Guesses from what the browser says of its languages (RFC 9110, Accept-Language), else from a language that is known; the zone is the first of the region's. */
export function guessSettings(acceptLanguage: string | null, known: string | null): Guess {
  const locale = [...preferred(acceptLanguage ?? ''), known ?? ''].map((tag) => canonicalLocale(tag)).find((tag) => tag !== null) ?? 'en'
  const likely = new Intl.Locale(locale).maximize().region ?? 'US'
  const region = isRegion(likely) ? likely : 'US'
  const zone = new Intl.Locale(`und-${region}`).getTimeZones()?.[0] ?? 'UTC'
  return { locale, region, timeZone: isTimeZone(zone) ? zone : 'UTC' }
}

/** Language tags of an Accept-Language header, the most wanted first. */
function preferred(header: string): string[] {
  return header
    .split(',')
    .slice(0, 20)
    .map((part) => {
      const [tag = '', weight] = part.trim().split(/\s*;\s*q=/i)
      return { tag, weight: weight === undefined ? 1 : Number(weight) }
    })
    .filter(({ tag, weight }) => /^[A-Za-z]/.test(tag) && weight > 0)
    .toSorted((one, other) => other.weight - one.weight)
    .map(({ tag }) => tag)
}
