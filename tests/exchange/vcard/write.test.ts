import { expect, test } from 'vitest'
import { emptyDraft } from '../../../src/contacts/draft.ts'
import { writeVcard } from '../../../src/exchange/vcard/write.ts'

test('a card says what the standard has words for in them, and the rest in extensions that others read', () => {
  const card = writeVcard({
    ...emptyDraft(),
    displayName: 'Ada, L.',
    name: { given: 'Ada', family: 'L;ove', nickname: 'Ace', phoneticGiven: 'Ay-da' },
    uid: 'urn:uuid:1',
    starred: true,
    about: 'one\r\ntwo',
    emails: [
      { address: 'ada@example.test', label: 'home', primary: true },
      { address: 'b@example.test', label: 'Boat' },
    ],
    phones: [{ number: '+46 70', label: 'work fax' }],
    addresses: [{ street: 'Mill Lane 1', city: 'Lund', countryCode: 'SE', label: 'home' }],
    organizations: [{ name: 'Kite', department: 'A; B', title: 'Chief' }, { title: 'Poet' }],
    dates: [
      { kind: 'BIRTHDAY', date: { month: 4, day: 5 } },
      { kind: 'ANNIVERSARY', date: { year: 2001, month: 2, day: 3 } },
      { kind: 'OTHER', label: 'Regatta', date: { year: 2002, month: 7 } },
    ],
    relations: [
      { name: 'Bo', kind: 'spouse' },
      { name: 'Cy', kind: 'manager' },
    ],
    customFields: [{ name: 'Shoe', value: '38' }],
    tags: ['a,b', 'c'],
    photo: { bytes: Uint8Array.of(1, 2, 3), contentType: 'image/png' },
    unmodelled: ['item1.X-HAT:blue', 'GENDER:F', 'GENDER:O'],
    updatedAt: Temporal.Instant.from('2026-01-02T03:04:05.678Z'),
  })
  expect(card.split('\r\n')).toEqual([
    'BEGIN:VCARD',
    'VERSION:4.0',
    'PRODID:-//Kith//Kith//EN',
    'UID:urn:uuid:1',
    'FN:Ada\\, L.',
    'N:L\\;ove;Ada;;;',
    'NICKNAME:Ace',
    'X-PHONETIC-FIRST-NAME:Ay-da',
    'EMAIL;TYPE=home;PREF=1:ada@example.test',
    'item2.EMAIL:b@example.test',
    'item2.X-ABLabel:Boat',
    'TEL;TYPE="work,fax":+46 70',
    'item3.ADR;TYPE=home:;;Mill Lane 1;Lund;;;',
    'item3.X-ABADR:se',
    'item4.ORG:Kite;A;B',
    'item4.TITLE:Chief',
    'item5.TITLE:Poet',
    'BDAY:--0405',
    'ANNIVERSARY:20010203',
    'item6.X-ABDATE:2002-07',
    'item6.X-ABLabel:Regatta',
    'RELATED;TYPE=spouse;VALUE=text:Bo',
    'item7.RELATED;VALUE=text:Cy',
    'item7.X-ABLabel:_$!<Manager>!$_',
    'CATEGORIES:a\\,b,c',
    'NOTE:one\\ntwo',
    'PHOTO:data:image/png;base64,AQID',
    'X-KITH-STARRED:TRUE',
    'item8.X-KITH-FIELD:38',
    'item8.X-ABLabel:Shoe',
    'item1.X-HAT:blue',
    'GENDER:F',
    'X-GENDER:O',
    'REV:20260102T030405Z',
    'END:VCARD',
    '',
  ])
})

test('no value, however it is made, adds a line to the card', () => {
  const bad = 'x\r\nEND:VCARD\nBEGIN:VCARD\u0085\u0000y'
  const card = writeVcard({
    ...emptyDraft(),
    displayName: bad,
    uid: bad,
    emails: [{ address: bad, label: bad }],
    urls: [{ url: bad }],
    addresses: [{ street: bad, countryCode: bad }],
    photo: { bytes: Uint8Array.of(1), contentType: bad },
    unmodelled: [`X-A:${bad}`],
  })
  expect(card.match(/^(?:BEGIN|END):VCARD/gm)).toEqual(['BEGIN:VCARD', 'END:VCARD'])
  expect(card.replaceAll('\r\n', '')).not.toMatch(/[\p{Cc}]/u)
})
