import type { Config, Controller } from '../config.ts'
import { type CookieDefinition, cookieRegistry, type Ground, noticeAt, purposes } from '../consent/service.ts'
import { dataMap } from '../policy/dataMap.ts'
import type { AnyPolicy } from '../policy/policy.ts'
import { type Recipient, recipientsOf } from '../policy/recipients.ts'
import { type RetentionRule, retentionSchedule } from '../policy/retention.ts'

/** What a privacy policy says, as the program does it. */
export interface PolicyFacts {
  controller: Controller
  purposes: {
    key: string
    title: string
    legalBasis: string
    because: string | null
    notice: string
    noticeVersion: string
    recipients: readonly string[]
    validFor: string | null
  }[]
  categories: string[]
  retention: RetentionRule[]
  cookies: { name: string; category: string; about: string; maxAgeSeconds: number }[]
  recipients: Recipient[]
  countries: readonly string[]
}

/** The facts at an instant, from the declarations and the settings. */
export function policyFacts(
  config: Pick<Config, 'controller' | 'smtpUrl' | 'blobs'>,
  policies: Readonly<Record<string, AnyPolicy>>,
  now: Temporal.Instant,
): PolicyFacts {
  const categories = dataMap(policies).flatMap((model) => model.columns.map(({ category }) => category))
  return {
    controller: config.controller,
    purposes: purposes.map((purpose) => {
      const { key, title, legalBasis, recipients, validFor } = purpose
      const { text, version } = noticeAt(purpose, now)
      return { key, title, legalBasis, because: becauseOf(purpose), notice: text, noticeVersion: version, recipients, validFor }
    }),
    categories: [...new Set(categories.filter((category) => !category.startsWith('system.')))].toSorted(),
    retention: retentionSchedule(policies).filter(({ category, period }) => category.includes('user.') || period !== 'P0D'),
    cookies: Object.entries<CookieDefinition>(cookieRegistry).map(([name, { category, about, maxAgeSeconds }]) => ({ name, category, about, maxAgeSeconds })),
    recipients: recipientsOf(config),
    countries: config.controller.processingCountries,
  }
}

function becauseOf(ground: Ground): string | null {
  if (ground.legalBasis === 'LEGAL_OBLIGATION') return ground.citation
  return ground.legalBasis === 'LEGITIMATE_INTEREST' ? ground.assessment : null
}
