import * as z from 'zod'
import type { Settings } from '../simulation.ts'

/** The settings that can be changed from outside; what is not named stays. */
export const SettingsInput = z.strictObject({
  autoApprove: z.string().nullable().optional(),
  accessTokenSeconds: z.int().positive().optional(),
  firstPagesPerMinute: z.int().positive().nullable().optional(),
  photoRedirect: z.url().optional(),
  oversizedPhotoBytes: z.int().positive().optional(),
  calendarTokenDays: z.number().positive().optional(),
  conference: z
    .strictObject({ afterGets: z.int().nonnegative(), afterSeconds: z.number().nonnegative(), outcome: z.enum(['success', 'failure']) })
    .partial()
    .optional(),
  notifications: z.strictObject({ drop: z.boolean(), duplicate: z.boolean(), reorder: z.boolean(), wrongToken: z.boolean() }).partial().optional(),
})

/** Changes what is named, also within the groups. */
export function changeSettings(settings: Settings, { conference, notifications, ...rest }: z.infer<typeof SettingsInput>): Settings {
  Object.assign(settings, rest)
  Object.assign(settings.conference, conference)
  Object.assign(settings.notifications, notifications)
  return settings
}

/** Puts values back, group by group: whoever holds a group of settings sees it. */
export function restoreSettings<Group extends object>(settings: Group, defaults: Group): void {
  for (const [name, value] of Object.entries(defaults)) {
    const current: unknown = settings[name as keyof Group]
    if (isGroup(current) && isGroup(value)) restoreSettings(current, value)
    else Object.assign(settings, { [name]: value as unknown })
  }
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
