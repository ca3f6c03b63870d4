import fc from 'fast-check'
import type { ContactDraft, DraftDate } from '../../src/contacts/draft.ts'
import { isPartialDate } from '../../src/core/partialDate.ts'
import type { ExportedContact } from '../../src/exchange/vcard/write.ts'

const awkward = [
  '\\',
  ';',
  ',',
  ':',
  '"',
  '^',
  "'",
  '=',
  'n',
  'N',
  ' ',
  '\t',
  '|',
  '+',
  '-',
  '@',
  '\u2028',
  'é',
  'ß',
  '日',
  '🙂',
  'BEGIN:VCARD',
  '\\n',
  '=3D',
  ' ::: ',
  '* ',
]
const text = fc.oneof(
  { weight: 3, arbitrary: fc.string({ minLength: 1, maxLength: 12 }) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(...awkward), { minLength: 1, maxLength: 12 }).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 120 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }) },
)
const clean = (value: string) =>
  value
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    .trim()

/** Text of one line, as a form would store it: neither empty nor with space around it. */
export const line = text.map((value) => clean(value.replaceAll('\n', ''))).filter((value) => value !== '')

/** Text of several lines. */
export const lines = fc
  .array(text, { minLength: 1, maxLength: 3 })
  .map((parts) => clean(parts.join('\n')))
  .filter((value) => value !== '')

const label = fc.oneof(fc.constantFrom('home', 'work', 'mobile', 'work fax', 'fax work', 'fax', 'pager', 'other', 'main', 'home page', 'Anniversary'), line)
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 })
const said = (value: object) => Object.values(value).some((part) => part !== undefined)

const partialDate = fc
  .record({ year: maybe(fc.integer({ min: 1, max: 9999 })), month: maybe(fc.integer({ min: 1, max: 12 })), day: maybe(fc.integer({ min: 1, max: 31 })) })
  .filter(isPartialDate)

const date: fc.Arbitrary<DraftDate> = fc
  .record({ kind: fc.constantFrom('BIRTHDAY' as const, 'ANNIVERSARY' as const, 'OTHER' as const), label: maybe(label), date: partialDate })
  .filter((one) => one.kind === 'OTHER' || one.label?.toUpperCase() !== one.kind)

const parameter = fc.constantFrom('', ';TYPE=home', ';TYPE=home,work', ';X-PLACE="a:b;c"', ';LANGUAGE=sv', ";X-NICK=^'Bo^'")
const unmodelled = fc.oneof(
  fc.constantFrom(
    'item1.X-SHOE:42',
    'item1.X-ABLABEL:Shoe',
    'GENDER:F',
    'IMPP:xmpp:ada@example.test',
    'KEY:data:application/pgp-keys;base64,AAAA',
    'TZ:Europe/Stockholm',
  ),
  fc.tuple(parameter, line).map(([params, value]) => `X-MEMO${params}:${value}`),
)

const photo: fc.Arbitrary<ContactDraft['photo']> = fc.oneof(
  fc.record({ bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }), contentType: fc.constantFrom('image/jpeg', 'image/png', undefined) }),
  fc.webUrl().map((url) => ({ url })),
)

/** Lists in which at most one entry is the primary one. */
const reachable = <Entry extends object>(entry: fc.Arbitrary<Entry>): fc.Arbitrary<(Entry & { primary?: true | undefined })[]> =>
  fc
    .tuple(fc.array(entry, { maxLength: 4 }), fc.integer({ min: -1, max: 3 }))
    .map(([list, primary]) => list.map((one, at) => (at === primary ? { ...one, primary: true as const } : one)))

/** Contacts with every part that a file can hold, in the form that reading gives them. */
export const exportedContact: fc.Arbitrary<ExportedContact> = fc.record({
  displayName: line,
  name: maybe(
    fc
      .record({
        prefix: maybe(line),
        given: maybe(line),
        middle: maybe(line),
        family: maybe(line),
        suffix: maybe(line),
        nickname: maybe(line),
        phoneticGiven: maybe(line),
        phoneticFamily: maybe(line),
      })
      .filter(said),
  ),
  about: maybe(lines),
  starred: fc.constantFrom(true, undefined),
  emails: reachable(fc.record({ address: line.filter((address) => !/^mailto:/i.test(address)), label: maybe(label) })),
  phones: reachable(fc.record({ number: line.filter((number) => !/^tel:/i.test(number)), label: maybe(label) })),
  addresses: fc.array(
    fc
      .record({
        street: maybe(lines),
        extended: maybe(lines),
        poBox: maybe(line),
        city: maybe(line),
        region: maybe(line),
        postalCode: maybe(line),
        country: maybe(line),
      })
      .filter(said)
      .chain((parts) => fc.record({ label: maybe(label), countryCode: fc.constantFrom(undefined, 'SE', 'JP') }).map((more) => ({ ...parts, ...more }))),
    { maxLength: 3 },
  ),
  urls: fc.array(fc.record({ url: line, label: maybe(label) }), { maxLength: 3 }),
  organizations: fc.array(fc.record({ name: maybe(line), department: maybe(line), title: maybe(line) }).filter(said), { maxLength: 3 }),
  dates: fc.array(date, { maxLength: 4 }),
  relations: fc.array(fc.record({ name: line, kind: maybe(fc.oneof(fc.constantFrom('spouse', 'co-worker', 'manager'), line)) }), { maxLength: 3 }),
  customFields: fc.array(fc.record({ name: line, value: lines }), { maxLength: 3 }),
  tags: fc.uniqueArray(line, { maxLength: 3 }),
  photo: maybe(photo),
  uid: maybe(line),
  unmodelled: fc.uniqueArray(unmodelled, { maxLength: 4 }),
})
