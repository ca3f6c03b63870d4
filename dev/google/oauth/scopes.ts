const api = 'https://www.googleapis.com/auth'

/** The scopes the simulator knows, under short names. */
export const scopes = {
  openid: 'openid',
  email: `${api}/userinfo.email`,
  profile: `${api}/userinfo.profile`,
  contacts: `${api}/contacts`,
  contactsReadonly: `${api}/contacts.readonly`,
  otherContactsReadonly: `${api}/contacts.other.readonly`,
  gmailMetadata: `${api}/gmail.metadata`,
  gmailReadonly: `${api}/gmail.readonly`,
  calendarEventsOwned: `${api}/calendar.events.owned`,
  calendarEvents: `${api}/calendar.events`,
  calendarListReadonly: `${api}/calendar.calendarlist.readonly`,
} as const

const shortWritings: Record<string, string> = { email: scopes.email, profile: scopes.profile }

/** What the consent page says of each scope that a person may refuse. */
export const scopeSentences: Record<string, string> = {
  [scopes.contacts]: 'See, edit, download and permanently delete your contacts',
  [scopes.contactsReadonly]: 'See and download your contacts',
  [scopes.otherContactsReadonly]: 'See the people you have been in touch with but have not saved',
  [scopes.gmailMetadata]: 'See the headers and labels of your e-mail, never its text',
  [scopes.gmailReadonly]: 'Read your e-mail and its settings',
  [scopes.calendarEventsOwned]: 'See, create, change and delete events on calendars you own',
  [scopes.calendarEvents]: 'See and change events on all your calendars',
  [scopes.calendarListReadonly]: 'See the list of your calendars',
}

const known: ReadonlySet<string> = new Set(Object.values(scopes))

/** Scopes as Google answers with them: `email` and `profile` become their long forms, no repeats. Unknown ones are listed apart. */
export function readScopes(text: string): { valid: string[]; invalid: string[] } {
  const all = [
    ...new Set(
      text
        .split(/\s+/)
        .filter(Boolean)
        .map((scope) => shortWritings[scope] ?? scope),
    ),
  ]
  return { valid: all.filter((scope) => known.has(scope)), invalid: all.filter((scope) => !known.has(scope)) }
}

/** Whether a scope only says who one is; such scopes have no tick box. */
export function isIdentity(scope: string): boolean {
  return scope === scopes.openid || scope === scopes.email || scope === scopes.profile
}
