import type { PurposeKey } from '../consent/service.ts'

/** What of Google can be connected, each with a consent of its own. */
export const features = ['CONTACTS', 'GMAIL', 'CALENDAR'] as const
/** Something of Google that can be connected. */
export type Feature = (typeof features)[number]

/** How a feature stands. */
export const featureStatuses = ['OFF', 'PENDING', 'SYNCING', 'IDLE', 'SCOPE_MISSING', 'NEEDS_REAUTHORIZATION', 'FAILED'] as const
/** How a feature stands. */
export type FeatureStatus = (typeof featureStatuses)[number]

const api = 'https://www.googleapis.com/auth'

/** What each feature needs to be allowed at Google: to read, and no more than it uses. */
const scopes: Record<Feature, readonly string[]> = {
  CONTACTS: [`${api}/contacts.readonly`],
  GMAIL: [`${api}/gmail.metadata`],
  CALENDAR: [`${api}/calendar.events.owned`],
}

/** The purpose that each feature stands on. */
export const purposeOfFeature: Readonly<Record<Feature, PurposeKey>> = {
  CONTACTS: 'GOOGLE_CONTACTS',
  GMAIL: 'GOOGLE_GMAIL',
  CALENDAR: 'GOOGLE_CALENDAR',
}

/** The features that can be connected by now. */
export const available: ReadonlySet<Feature> = new Set<Feature>(['CONTACTS'])

/** The scopes that some features need. */
export function scopesOf(wanted: readonly Feature[]): string[] {
  return [...new Set(wanted.flatMap((feature) => scopes[feature]))]
}

/** Whether what was granted is enough for a feature. */
export function isAllowed(feature: Feature, granted: readonly string[]): boolean {
  return scopes[feature].every((scope) => granted.includes(scope))
}

/** Narrows a text to a feature. */
export function isFeature(text: string): text is Feature {
  return (features as readonly string[]).includes(text)
}
