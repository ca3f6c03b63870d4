/** How one was in touch. */
export const kinds = ['EMAIL', 'MEETING', 'CALL', 'MESSAGE', 'IN_PERSON', 'SOCIAL', 'OTHER'] as const
/** Who reached out: the contact, the owner, or both as in a meeting. */
export const directions = ['INBOUND', 'OUTBOUND', 'MUTUAL'] as const
/** Where an interaction is known from. */
export const sources = ['GMAIL', 'CALENDAR', 'MANUAL'] as const
