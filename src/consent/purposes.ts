import { createHash } from 'node:crypto'
import type { LegalBasis, Purpose } from '../policy/policy.ts'

/** A text that says what a consent is about; it never changes, another version follows. */
export interface Notice {
  version: string
  /** Since when it is shown, ISO 8601 in UTC. */
  since: string
  text: string
  /** Whether it asks for something else than the one before: who consented to that one has not consented to this. */
  material: boolean
}

/** On what ground data is used: a law is cited, and an interest has been weighed against those of the people concerned. */
export type Ground =
  | { legalBasis: Exclude<LegalBasis, 'LEGITIMATE_INTEREST' | 'LEGAL_OBLIGATION'> }
  | { legalBasis: 'LEGITIMATE_INTEREST'; assessment: string }
  | { legalBasis: 'LEGAL_OBLIGATION'; citation: string }

/** What data is used for, as its owner is told and asked. */
export type ConsentPurpose = Ground & {
  key: string
  title: string
  /** Whether an account cannot be without it. */
  required: boolean
  /** Which of the policies' purposes it permits. */
  permits: readonly Purpose[]
  /** Whether it goes on while an account is restricted to storage (GDPR, Article 18). */
  whileRestricted: boolean
  /** Whether data from Google's APIs may be used for it: Google lets them serve features that the user sees, and nothing else. */
  limitedUse: boolean
  /** Where consent is asked for: for the account, or for one browser. */
  scope: 'ACCOUNT' | 'DEVICE'
  /** How long consent lasts without being renewed, an ISO 8601 period; null: until it is withdrawn. */
  validFor: string | null
  /** How long nobody is asked again who said no, an ISO 8601 period. */
  askAgainAfter: string
  /** Whether yes takes a second, separate yes (CCPA Regulations, section 7028). */
  twoSteps: boolean
  /** Who receives the data for it, beside those who host Kith. */
  recipients: readonly string[]
  /** Every notice there was, the first one first. */
  notices: readonly [Notice, ...Notice[]]
}

const since = '2026-12-01T00:00:00Z'
const notice = (text: string): readonly [Notice] => [{ version: '1', since, text, material: true }]
const kept = { required: true, scope: 'ACCOUNT', validFor: null, askAgainAfter: 'P12M', twoSteps: false, recipients: [] } as const
const asked = { legalBasis: 'CONSENT', required: false, whileRestricted: false, scope: 'ACCOUNT', validFor: null, twoSteps: false, recipients: [] } as const
const google = { ...asked, permits: ['GOOGLE_IMPORT', 'CRM'], limitedUse: true, askAgainAfter: 'P12M', recipients: ['Google'] } as const
// Half a year: what France's authority asks of cookies, for yes and for no.
const cookie = { ...asked, permits: [], limitedUse: false, scope: 'DEVICE', validFor: 'P6M', askAgainAfter: 'P6M' } as const

/** Every purpose that personal data is used for, the reasons that need no consent first. */
export const purposes = [
  {
    ...kept,
    key: 'ACCOUNT',
    title: 'Keeping your account',
    legalBasis: 'CONTRACT',
    permits: ['ACCOUNT', 'OPERATION'],
    whileRestricted: true,
    limitedUse: false,
    notices: notice('Your name, your address and your settings, so that you have an account and can sign in to it.'),
  },
  {
    ...kept,
    key: 'CRM',
    title: 'Keeping your address book',
    legalBasis: 'CONTRACT',
    permits: ['CRM', 'OPERATION'],
    whileRestricted: false,
    limitedUse: true,
    notices: notice('The people you know, your notes and when you were in touch: stored, sorted and searched for you alone.'),
  },
  {
    ...kept,
    key: 'REMINDING',
    title: 'Reminding you',
    legalBasis: 'CONTRACT',
    permits: ['REMINDING', 'CRM', 'ACCOUNT', 'OPERATION'],
    whileRestricted: false,
    limitedUse: true,
    notices: notice('Mail about the reminders, follow-ups and digests that you have set up.'),
  },
  {
    ...kept,
    key: 'SECURITY',
    title: 'Keeping accounts safe',
    legalBasis: 'LEGITIMATE_INTEREST',
    assessment:
      'Whoever has an account wants it safe; what is kept for it are times, names of browsers and of fields, for no longer than the account is there.',
    permits: ['SECURITY', 'ACCOUNT', 'OPERATION'],
    whileRestricted: true,
    limitedUse: false,
    notices: notice('Sessions, tokens and a log of what changed, so that misuse is seen and stopped.'),
  },
  {
    ...kept,
    key: 'ACCOUNTABILITY',
    title: 'Being able to show what was done',
    legalBasis: 'LEGAL_OBLIGATION',
    citation: 'GDPR, Articles 5(2) and 7(1)',
    permits: ['ACCOUNTABILITY', 'ACCOUNT', 'OPERATION'],
    whileRestricted: true,
    limitedUse: false,
    notices: notice('Records of consents, requests and deletions, which the law asks of whoever holds personal data.'),
  },
  {
    ...google,
    key: 'GOOGLE_CONTACTS',
    title: 'Importing your Google contacts',
    notices: notice('Kith reads the contacts of your Google account, with their pictures, into your address book. It changes nothing at Google.'),
  },
  {
    ...google,
    key: 'GOOGLE_GMAIL',
    title: 'Seeing whom you write with in Gmail',
    notices: notice('Kith reads who wrote to whom and when from the headers of your Gmail messages. It never reads what they say.'),
  },
  {
    ...google,
    key: 'GOOGLE_CALENDAR',
    title: 'Seeing whom you meet in Google Calendar',
    notices: notice('Kith reads the meetings of your own Google calendars and, when you ask for it, adds one.'),
  },
  {
    ...asked,
    key: 'MARKETING',
    title: 'News about Kith by mail',
    permits: ['MARKETING'],
    limitedUse: false,
    validFor: 'P24M',
    askAgainAfter: 'P12M',
    notices: notice('Now and then a mail about what is new in Kith. Every one of them has a link that ends it.'),
  },
  {
    ...asked,
    key: 'SALE_OR_SHARING',
    title: 'Selling or sharing your data, or passing it on for marketing',
    permits: [],
    limitedUse: false,
    askAgainAfter: 'P12M',
    twoSteps: true,
    notices: notice(
      'Kith neither sells nor shares personal data. Whoever runs this server may do so with your express permission only, and never with what comes from Google.',
    ),
  },
  {
    ...cookie,
    key: 'FUNCTIONAL_COOKIES',
    title: 'Remembering how you like the pages',
    notices: notice('A cookie that remembers settings of the pages, such as their language, in this browser.'),
  },
  {
    ...cookie,
    key: 'ANALYTICAL_COOKIES',
    title: 'Measuring how the pages are used',
    notices: notice('Cookies and records by which visits to the pages can be counted and told apart.'),
  },
  {
    ...cookie,
    key: 'PERFORMANCE_COOKIES',
    title: 'Measuring how fast the pages are',
    notices: notice('Cookies and records by which the speed of the pages is measured in your browser.'),
  },
] as const satisfies readonly ConsentPurpose[]

/** The name of a purpose. */
export type PurposeKey = (typeof purposes)[number]['key']

const byKey = new Map<string, ConsentPurpose>(purposes.map((purpose) => [purpose.key, purpose]))

/** A purpose by its name; undefined when there is none of that name. */
export function purposeOf(key: string): (ConsentPurpose & { key: PurposeKey }) | undefined {
  return byKey.get(key) as (ConsentPurpose & { key: PurposeKey }) | undefined
}

/** The notice that is shown at an instant: the last one that has begun, or the first while none has. */
export function noticeAt({ notices }: Pick<ConsentPurpose, 'notices'>, now: Temporal.Instant): Notice {
  return notices.findLast((each) => Temporal.Instant.compare(Temporal.Instant.from(each.since), now) <= 0) ?? notices[0]
}

/** SHA-256 of what a notice says, by which it is shown later that nothing else was. */
export function noticeHash({ version, text }: Notice): Buffer<ArrayBuffer> {
  return createHash('sha256')
    .update(JSON.stringify([version, text]))
    .digest()
}
