import emailAddresses from 'email-addresses'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyDraft, type ContactDraft } from '../../src/contacts/draft.ts'
import { displayNameOf, fold, normalizeEmail, normalizePhone, words } from '../../src/contacts/normalize.ts'

test.each([
  ['Ada@Example.TEST', 'Ada@Example.TEST', 'ada@example.test'],
  ['  mailto:ada@example.test ', 'ada@example.test', 'ada@example.test'],
  ['"Lovelace, A." <ada@example.test>', 'ada@example.test', 'ada@example.test'],
  ['ada (home) @example.test', 'ada@example.test', 'ada@example.test'],
  ['"a b"@example.test', '"a b"@example.test', '"a b"@example.test'],
  ['JÜRGEN@BÜCHER.example', 'JÜRGEN@BÜCHER.example', 'jürgen@xn--bcher-kva.example'],
  ['ju\u0308rgen@example.test', 'ju\u0308rgen@example.test', 'jürgen@example.test'],
  ['ada@[192.0.2.1]', 'ada@[192.0.2.1]', 'ada@[192.0.2.1]'],
])('%s is an e-mail address', (text, address, normalized) => {
  expect(normalizeEmail(text)).toEqual({ address, normalized, canonical: normalized })
})

test.each([
  '',
  '@',
  'ada',
  'ada@',
  '@example.test',
  'ada@@example.test',
  'ada@example..test',
  'a b@example.test',
  `${'a'.repeat(65)}@example.test`,
  `ada@${'b.'.repeat(200)}test`,
  'x'.repeat(100_000),
])('what is no e-mail address is refused: %.20s', (text) => expect(normalizeEmail(text)).toBeNull())

test('what is taken for an address, a parser of RFC 5322 takes for the same one', () => {
  const atom = fc.string({ unit: fc.constantFrom(...'abcÅé09.-_+!'), minLength: 1, maxLength: 8 })
  const domain = fc.string({ unit: fc.constantFrom(...'abc09.-'), minLength: 1, maxLength: 10 })
  const written = fc.oneof(
    fc.tuple(atom, domain).map(([local, host]) => `${local}@${host}`),
    fc.tuple(atom, atom, domain).map(([name, local, host]) => `"${name}, x" <${local}@${host}>`),
    fc.tuple(atom, domain).map(([local, host]) => `"${local} q"@${host}`),
    fc.tuple(atom, domain, atom).map(([local, host, comment]) => `${local}@${host} (${comment})`),
  )
  fc.assert(
    fc.property(written, (text) => {
      const ours = normalizeEmail(text)
      if (!ours) return
      const theirs = emailAddresses.parseOneAddress({ input: text, rfc6532: true })
      expect(theirs).toMatchObject({ type: 'mailbox', address: ours.address.replaceAll('"', '') })
    }),
    { numRuns: 300 },
  )
})

test('the writings that reach one Gmail mailbox share a canonical address; elsewhere dots and plus signs count', () => {
  for (const text of ['ada.love@gmail.com', 'A.d.a.Love+news@GoogleMail.com', 'adalove@gmail.com'])
    expect(normalizeEmail(text)!.canonical).toBe('adalove@gmail.com')
  expect(normalizeEmail('a.da+news@example.test')!.canonical).toBe('a.da+news@example.test')
})

test.each([
  ['08-123 456 78', 'SE', '+46812345678', '0812345678'],
  ['0046 8 123 456 78', 'SE', '+46812345678', '0046812345678'],
  ['+46 (0)8 123 456 78', 'US', '+46812345678', '460812345678'],
  ['(415) 555-0132', 'us', '+14155550132', '4155550132'],
  ['٠٥٠ ١٢٣ ٤٥٦٧', 'SA', '+966501234567', '0501234567'],
  ['＋４６８１２３４５６７８', 'US', '+46812345678', '46812345678'],
  ['112', 'SE', undefined, '112'],
  ['ask Bo', 'SE', undefined, ''],
  ['070 123 45 67', 'XX', undefined, '0701234567'],
  ['070 123 45 67', undefined, undefined, '0701234567'],
])('the phone number %s in %s', (text, region, e164, digits) => {
  const phone = normalizePhone(text, region)
  expect(phone.number).toBe(text)
  expect(phone.e164).toBe(e164)
  expect(phone.digits).toBe(digits)
})

test('an extension is told apart from its number', () => {
  expect(normalizePhone('+1 415 555 0132 ext. 102', 'SE')).toEqual({
    number: '+1 415 555 0132 ext. 102',
    e164: '+14155550132',
    extension: '102',
    digits: '14155550132',
  })
})

test.each([
  ['Zoë O’Brien-Smith', 'zoe o brien smith'],
  ['Æsop Straße ﬁne', 'aesop strasse fine'],
  ['STRAẞE', 'strasse'],
  ['İstanbul ISPARTA ısı', 'istanbul isparta isi'],
  ['Łódź Đặng Ørsted', 'lodz dang orsted'],
  ['Σίσυφος', 'σισυφοσ'],
  ['Ёлкин', 'елкин'],
  ['ＡＢＣ１２', 'abc12'],
  ['한국', '한국'],
  ['ガギグ', 'ガギグ'],
  ['हिन्दी', 'हिन्दी'],
  ['مُحَمَّد', 'محمد'],
  ['שָׁלוֹם', 'שלום'],
  ['soft\u00adhyphen', 'softhyphen'],
  ['  — 👍 — ', ''],
])('%s folds to %s', (text, folded) => {
  expect(fold(text)).toBe(folded)
})

test('folding twice is folding once, and case and composition never matter', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
      const folded = fold(text)
      expect(fold(folded)).toBe(folded)
      expect(fold(text.normalize('NFD'))).toBe(folded)
      expect(words(text).join(' ')).toBe(folded)
    }),
  )
})

test('no text makes normalisation throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 60 })), (text) => {
      normalizeEmail(text)
      normalizePhone(text, 'SE')
      fold(text)
    }),
    { numRuns: 300 },
  )
})

const draft = (parts: Partial<ContactDraft>): ContactDraft => ({ ...emptyDraft(), ...parts })

test.each<[string, Partial<ContactDraft>]>([
  ['A. L.', { displayName: 'A. L.', name: { given: 'Ada' } }],
  ['Dr. Ada King Lovelace Jr.', { name: { prefix: 'Dr.', given: 'Ada', middle: 'King', family: 'Lovelace', suffix: 'Jr.' } }],
  ['山田太郎', { name: { given: '太郎', family: '山田' } }],
  ['김민수', { name: { given: '민수', family: '김' } }],
  ['Ace', { displayName: ' ', name: { nickname: 'Ace', given: ' ' } }],
  ['Kite Works', { organizations: [{ name: 'Kite Works', title: 'Chief' }], emails: [{ address: 'a@example.test' }] }],
  ['a@example.test', { emails: [{ address: 'a@example.test' }], phones: [{ number: '1' }] }],
  ['070 1', { phones: [{ number: '070 1' }] }],
  ['', {}],
])('a contact is called %s', (name, parts) => {
  expect(displayNameOf(draft(parts))).toBe(name)
})
