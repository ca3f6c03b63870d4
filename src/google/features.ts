import type { PurposeKey } from '../consent/service.ts'

/** What of Google can be connected, each with a consent of its own. */
export const features = ['CONTACTS', 'GMAIL', 'CALENDAR'] as const
/** Something of Google that can be connected. */
export type Feature = (typeof features)[number]

/** What is synced by itself, with a cursor of its own; a feature is one or several of them, the first of which stands for it. `otherContacts` is only synced for those who ask for it. */
export const resources = ['contacts', 'groups', 'otherContacts', 'gmail', 'calendar'] as const
/** What is synced by itself, with a cursor of its own. */
export type Resource = (typeof resources)[number]

/** How a feature stands. */
export const featureStatuses = ['OFF', 'PENDING', 'SYNCING', 'IDLE', 'SCOPE_MISSING', 'NEEDS_REAUTHORIZATION', 'FAILED'] as const
/** How a feature stands. */
export type FeatureStatus = (typeof featureStatuses)[number]

const api = 'https://www.googleapis.com/auth'

/** What each feature needs to be allowed at Google, and no more than it uses. */
const scopes: Record<Feature, readonly string[]> = {
  CONTACTS: [`${api}/contacts.readonly`],
  GMAIL: [`${api}/gmail.metadata`],
  CALENDAR: [`${api}/calendar.events.owned`],
}

/** What is synced of a feature once it is connected; its main resource first. */
const synced: Record<Feature, readonly [Resource, ...Resource[]]> = {
  CONTACTS: ['contacts', 'groups'],
  GMAIL: ['gmail'],
  CALENDAR: ['calendar'],
}

/** What is synced of a feature once it is connected; its main resource first. */
export function resourcesOf(feature: Feature): readonly [Resource, ...Resource[]] {
  return synced[feature]
}

/** Which feature a resource belongs to. */
export function featureOf(resource: Resource): Feature {
  return resource === 'gmail' ? 'GMAIL' : resource === 'calendar' ? 'CALENDAR' : 'CONTACTS'
}

/** The purpose that each feature stands on. */
export const purposeOfFeature: Readonly<Record<Feature, PurposeKey>> = {
  CONTACTS: 'GOOGLE_CONTACTS',
  GMAIL: 'GOOGLE_GMAIL',
  CALENDAR: 'GOOGLE_CALENDAR',
}

/** The scopes that some features need. */
export function scopesOf(wanted: readonly Feature[]): string[] {
  return [...new Set(wanted.flatMap((feature) => scopes[feature]))]
}

/** What suggestions of people who are not saved need to be allowed. */
export const otherContactsScope = `${api}/contacts.other.readonly`

/** The scopes that a resource needs. */
export function scopesOfResource(resource: Resource): readonly string[] {
  return resource === 'otherContacts' ? [otherContactsScope] : scopes[featureOf(resource)]
}

/** Whether what was granted is enough for a feature. */
export function isAllowed(feature: Feature, granted: readonly string[]): boolean {
  return scopes[feature].every((scope) => granted.includes(scope))
}

/** Narrows a text to a feature. */
export function isFeature(text: string): text is Feature {
  return (features as readonly string[]).includes(text)
}

/** Narrows a text to a resource. */
export function isResource(text: string): text is Resource {
  return (resources as readonly string[]).includes(text)
}
