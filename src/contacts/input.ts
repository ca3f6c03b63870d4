import { z } from 'zod'
import { partialDateInput } from '../core/partialDate.ts'
import { line, text } from '../core/text.ts'
import { isCountryCode } from './countries.ts'
import { normalizeEmail } from './normalize.ts'

/** How long and how many: characters of a text, entries of a list. */
export const limits = {
  name: 200,
  about: 50_000,
  label: 100,
  email: 320,
  phone: 100,
  url: 2000,
  address: 500,
  custom: 10_000,
  reference: 200,
  entries: 100,
} as const

const label = line(limits.label).nullish()
const namePart = line(limits.name).nullish()
const id = z.string().nullish()

function needed(max: number, message: string) {
  return line(max).transform((value, context) => {
    if (value !== null) return value
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
}

function list<Entry extends z.ZodType>(entry: Entry) {
  return z.array(entry).max(limits.entries, `At most ${limits.entries} entries.`).nullish()
}

/** A list of which at most one entry is primary. */
function primaryList<Entry extends z.ZodType<{ primary?: boolean | null | undefined }>>(entry: Entry) {
  return list(entry).superRefine((entries, context) => {
    const primary = (entries ?? []).flatMap((each, index) => (each.primary === true ? [index] : []))
    for (const index of primary.slice(1))
      context.addIssue({ code: 'custom', path: [index, 'primary'], message: 'Only one entry of a list is the primary one.' })
  })
}

function blockOf(max: number) {
  return text({ max, multiline: true })
    .transform((value) => value.trim() || null)
    .nullish()
}

const email = z.object({
  id,
  address: needed(limits.email, 'Give an address.').refine((address) => normalizeEmail(address) !== null, 'This is not an e-mail address.'),
  label,
  primary: z.boolean().nullish(),
})
const phone = z.object({
  id,
  number: needed(limits.phone, 'Give a number.').refine((number) => /\p{N}|\p{L}/u.test(number), 'This is not a phone number.'),
  label,
  primary: z.boolean().nullish(),
})

const addressPart = line(limits.address).nullish()
const address = z
  .object({
    id,
    label,
    street: blockOf(limits.address),
    extended: addressPart,
    poBox: addressPart,
    city: addressPart,
    region: addressPart,
    postalCode: addressPart,
    country: addressPart,
    countryCode: line(10)
      .transform((code) => code?.toUpperCase() ?? null)
      .refine((code) => code === null || isCountryCode(code), 'This is no country code of ISO 3166, such as DE.')
      .nullish(),
  })
  .refine(({ id: _id, label: _label, ...parts }) => Object.values(parts).some(Boolean), 'Give a part of the address.')

// What opens something that talks to people or shows a page; what runs code or reads files (javascript, data, file, …) is none of these.
const schemes = new Set(
  'http https mailto tel sms ftp ftps sftp sip sips xmpp irc ircs matrix skype facetime im geo gopher gemini nostr callto whatsapp tg signal threema acct'.split(
    ' ',
  ),
)

const url = z.object({
  id,
  url: needed(limits.url, 'Give an address.').superRefine((value, context) => {
    const scheme = /^([a-z][a-z0-9+.-]*):(?!\d)/i.exec(value)?.[1]?.toLowerCase()
    if (scheme !== undefined && !schemes.has(scheme)) context.addIssue({ code: 'custom', message: `Addresses that begin with ${scheme}: are not taken.` })
    else if (/\s/.test(value) || !URL.canParse(scheme === undefined ? `https://${value}` : value))
      context.addIssue({ code: 'custom', message: 'This is not a web address.' })
  }),
  label,
})

const organization = z
  .object({ id, name: namePart, department: namePart, title: namePart })
  .refine(({ name, department, title }) => name || department || title, 'Give a name, a department or a title.')
const date = z.object({ id, kind: z.enum(['BIRTHDAY', 'ANNIVERSARY', 'OTHER']), label, date: partialDateInput })
const relation = z
  .object({ id, name: namePart, contactId: z.string().nullish(), kind: label })
  .refine(({ name, contactId }) => name || contactId, { path: ['name'], message: 'Give a name, or a contact.' })
const customField = z.object({
  id,
  name: needed(limits.label, 'Give the field a name.'),
  value: text({ max: limits.custom, multiline: true }).refine((value) => value.trim() !== '', 'Give a value.'),
})

/** What the API takes for a contact, new or changed; ids are row ids. */
export const contactInput = z.object({
  name: z
    .object({
      prefix: namePart,
      given: namePart,
      middle: namePart,
      family: namePart,
      suffix: namePart,
      nickname: namePart,
      phoneticGiven: namePart,
      phoneticFamily: namePart,
    })
    .nullish(),
  displayName: line(limits.name).nullish(),
  about: blockOf(limits.about),
  starred: z.boolean().nullish(),
  emails: primaryList(email),
  phones: primaryList(phone),
  addresses: list(address),
  urls: list(url),
  organizations: list(organization),
  dates: list(date),
  relations: list(relation),
  customFields: list(customField),
  tags: list(needed(limits.label, 'A tag needs a name.')),
  externalReference: line(limits.reference).nullish(),
})

/** What the API takes for a contact. */
export type ContactInput = z.input<typeof contactInput>
/** What the API takes for a contact, checked and normalised. */
export type CheckedInput = z.output<typeof contactInput>
