import type { Scope } from '../core/ctx.ts'

const areas = ['contacts', 'notes', 'reminders', 'interactions', 'privacy', 'account', 'google'] as const

/** Every scope that a token can carry. */
export const allScopes: readonly Scope[] = areas.flatMap((area) => [`${area}:read`, `${area}:write`] as const)

/** Whether a text names a scope. */
export function isScope(text: string): text is Scope {
  return (allScopes as readonly string[]).includes(text)
}
