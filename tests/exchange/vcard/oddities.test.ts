import { expect, test } from 'vitest'
import { readVcards, type VcardRow } from '../../../src/exchange/vcard/read.ts'

const crlf = (text: string) => text.replaceAll('\n', '\r\n')
const read = (...chunks: (string | Uint8Array)[]): Promise<VcardRow[]> => Array.fromAsync(readVcards(chunks.map((chunk) => Buffer.from(chunk as string))))
const card = (...lines: string[]) => ['BEGIN:VCARD', 'VERSION:3.0', ...lines, 'END:VCARD', ''].join('\r\n')
const draftOf = async (...lines: string[]) => (await read(card(...lines)))[0]!.draft!

test.each([
  ['LF', '\n'],
  ['CR LF', '\r\n'],
  ['CR', '\r'],
  ['CR CR LF', '\r\r\n'],
])('lines may end with %s', async (_name, end) => {
  const rows = await read(card('FN:Bo Ek', 'NOTE:one', ' two', 'TEL:1').replaceAll('\r\n', end).repeat(2))
  expect(rows.map((row) => row.draft)).toMatchObject(Array.from({ length: 2 }, () => ({ displayName: 'Bo Ek', about: 'onetwo', phones: [{ number: '1' }] })))
})

test.each([
  ['UTF-8', Buffer.from('\ufeff' + card('FN:Zoë 山'))],
  ['UTF-16 LE', Buffer.from('\ufeff' + card('FN:Zoë 山'), 'utf16le')],
  ['UTF-16 BE', Buffer.from('\ufeff' + card('FN:Zoë 山'), 'utf16le').swap16()],
  ['unmarked UTF-16 LE', Buffer.from(card('FN:Zoë 山'), 'utf16le')],
])('a file may be %s', async (_name, bytes) => {
  expect((await read(bytes))[0]!.draft!.displayName).toBe('Zoë 山')
  // The same, a byte at a time.
  expect((await read(...Array.from(bytes, (byte) => Uint8Array.of(byte))))[0]!.draft!.displayName).toBe('Zoë 山')
})

test('text that is not UTF-8 is taken for Windows-1252, line by line', async () => {
  const [row] = await read(
    Buffer.concat([Buffer.from(card('FN:J\xfcrgen \x96 M\xfcller', '').slice(0, -11), 'latin1'), Buffer.from('NOTE:Grüße\r\nEND:VCARD\r\n')]),
  )
  expect(row!.draft).toMatchObject({ displayName: 'Jürgen – Müller', about: 'Grüße' })
})

test('declared charsets are read; Latin-1 that is really UTF-8 is noticed', async () => {
  const shiftJis = Buffer.from([0x8e, 0x52, 0x93, 0x63])
  const [row] = await read(
    Buffer.concat([Buffer.from('BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=SHIFT_JIS:'), shiftJis, Buffer.from('\nNOTE;CHARSET=ISO-8859-1:Grüße\nEND:VCARD\n')]),
  )
  expect(row!.draft).toMatchObject({ displayName: '山田', about: 'Grüße' })
})

test('a line may be folded inside a character', async () => {
  const bytes = Buffer.from('BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zo')
  const [row] = await read(bytes, Uint8Array.of(0xc3), '\r\n ', Uint8Array.of(0xab), ' Ek\r\nEND:VCARD\r\n')
  expect(row!.draft!.displayName).toBe('Zoë Ek')
  expect(row!.text).toContain('FN:Zoë Ek')
})

test('a folded line that reads like the start or end of a card is text', async () => {
  const rows = await read(card('FN:Bo', 'NOTE:says', ' BEGIN:VCARD', ' END:VCARD', 'TEL:1'), '  ' + card('FN:Indented'))
  expect(rows.map((row) => row.draft)).toMatchObject([{ about: 'saysBEGIN:VCARDEND:VCARD', phones: [{ number: '1' }] }, { displayName: 'Indented' }])
})

test('a text that was cut inside a character is still UTF-8', async () => {
  const [row] = await read('BEGIN:VCARD\nFN:Grüße aus Köln ', Uint8Array.of(0xc3), '\nEND:VCARD\n')
  expect(row!.draft!.displayName).toBe('Grüße aus Köln \ufffd')
})

test('UTF-16 that ends in the middle of a character is read up to there', async () => {
  const bytes = Buffer.from('\ufeff' + card('FN:Zoë').trimEnd() + 'x', 'utf16le')
  expect((await read(bytes.subarray(0, -1)))[0]!.draft!.displayName).toBe('Zoë')
})

test('a card without END or VERSION is read, and so is the one after it', async () => {
  const rows = await read('BEGIN:VCARD\nFN:First\nBEGIN:VCARD\nFN:Second\nEND:VCARD\nBEGIN:VCARD\nFN:Third\nTEL:3')
  expect(rows.map((row) => row.draft?.displayName)).toEqual(['First', 'Second', 'Third'])
  expect(rows.map((row) => row.index)).toEqual([0, 1, 2])
})

test('groups, empty cards and text between cards are rows with a reason; the rest go in', async () => {
  const rows = await read(
    card('KIND:group', 'FN:Choir', 'MEMBER:urn:uuid:1'),
    card('X-ADDRESSBOOKSERVER-KIND:group', 'FN:Team'),
    card(),
    'Dear reader,\nhere are my cards.\n\n',
    card('FN:Bo'),
    'BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n',
  )
  expect(rows.map((row) => row.reason)).toEqual([
    'This card is a group of contacts, not a contact.',
    'This card is a group of contacts, not a contact.',
    'The card is empty.',
    'This is not part of any card: a card starts with BEGIN:VCARD.',
    undefined,
    'This is not part of any card: a card starts with BEGIN:VCARD.',
  ])
  expect(rows[3]!.text).toContain('here are my cards.')
  expect(rows[4]!.draft!.displayName).toBe('Bo')
})

test.each([
  ['2.1', 'AGENT:\nBEGIN:VCARD\nVERSION:2.1\nFN:The Agent\nTEL:2\nEND:VCARD'],
  ['2.1, on its line', 'AGENT:BEGIN:VCARD\nFN:The Agent\nTEL:2\nEND:VCARD'],
  ['3.0', 'AGENT:BEGIN:VCARD\\nFN:The Agent\\nTEL:2\\nEND:VCARD'],
])('a card inside a card (%s) is kept as text and not mixed up with it', async (_name, agent) => {
  const rows = await read(crlf(`BEGIN:VCARD\nVERSION:2.1\nFN:The Singer\n${agent}\nTEL:1\nEND:VCARD\n`), card('FN:Next'))
  expect(rows.map((row) => row.draft?.displayName)).toEqual(['The Singer', 'Next'])
  expect(rows[0]!.draft).toMatchObject({
    phones: [{ number: '1' }],
    unmodelled: [expect.stringMatching(/^AGENT:BEGIN:VCARD\\n.*FN:The Agent\\nTEL:2\\nEND:VCARD$/)],
  })
})

test.each([
  ['19960415', { year: 1996, month: 4, day: 15 }],
  ['1996-04-15', { year: 1996, month: 4, day: 15 }],
  ['1996-4-5', { year: 1996, month: 4, day: 5 }],
  ['--0415', { month: 4, day: 15 }],
  ['--04-15', { month: 4, day: 15 }],
  ['--04', { month: 4 }],
  ['---15', { day: 15 }],
  ['1996-04', { year: 1996, month: 4 }],
  ['1996', { year: 1996 }],
  ['--0229', { month: 2, day: 29 }],
  ['0000-04-15', { month: 4, day: 15 }],
  ['1996-04-15T10:22:00Z', { year: 1996, month: 4, day: 15 }],
  ['19960415T102200+0100', { year: 1996, month: 4, day: 15 }],
])('BDAY:%s is understood', async (written, date) => {
  expect((await draftOf(`BDAY:${written}`)).dates).toEqual([{ kind: 'BIRTHDAY', date }])
})

test.each(['circa 1800', '1996-13-01', '--0230', '2023-02-29', 'T102200', '-', '99999999'])('BDAY:%s, no date, is kept as it stands', async (written) => {
  const draft = await draftOf('FN:Bo', `BDAY;VALUE=text:${written}`)
  expect(draft.dates).toEqual([])
  expect(draft.unmodelled).toEqual([`BDAY;VALUE=text:${written}`])
})

test('escapes are undone, wherever they stand', async () => {
  const draft = await draftOf('FN:a\\,b\\;c\\\\n\\:d', 'N:back\\\\;semi\\;colon;com\\,ma;;', 'NOTE:one\\ntwo\\Nthree C:\\dir', 'CATEGORIES:x\\,y,z')
  expect(draft).toMatchObject({
    displayName: 'a,b;c\\n:d',
    name: { family: 'back\\', given: 'semi;colon', middle: 'com,ma' },
    about: 'one\ntwo\nthree C:\\dir',
    tags: ['x,y', 'z'],
  })
})

test('quoted-printable with delimiters inside, soft breaks and a missing last line', async () => {
  const [row] = await read(
    crlf(
      'BEGIN:VCARD\nVERSION:2.1\nN;ENCODING=QUOTED-PRINTABLE:A=3BB;C\nORG;QUOTED-PRINTABLE:=41=3B=42\nNOTE;ENCODING=QUOTED-PRINTABLE:one =\n two=0D=0A=\nthree: four=\n\nTEL:1\nEND:VCARD\n',
    ),
  )
  expect(row!.draft).toMatchObject({
    name: { family: 'A;B', given: 'C' },
    organizations: [{ name: 'A', department: 'B' }],
    about: 'one  two\nthree: four',
    phones: [{ number: '1' }],
  })
})

test('text that a program broke without folding is kept with the property it belongs to', async () => {
  const draft = await draftOf('FN:Bo', 'NOTE:first line', 'second line, plain', '', 'third', 'TEL:1')
  expect(draft).toMatchObject({ about: 'first line\nsecond line, plain\nthird', phones: [{ number: '1' }], unmodelled: [] })
})

test.each([
  ['base64 of 2.1', 'PHOTO;GIF;BASE64:R0lGODlh', { bytes: Uint8Array.from(Buffer.from('GIF89a')), contentType: 'image/gif' }],
  ['base64 of 3.0', 'PHOTO;TYPE=GIF;ENCODING=b:R0lG\r\n ODlh', { bytes: Uint8Array.from(Buffer.from('GIF89a')), contentType: 'image/gif' }],
  [
    'base64 that goes on without indentation',
    'PHOTO;ENCODING=BASE64;TYPE=GIF:\r\nR0lG\r\nODlh\r\n',
    { bytes: Uint8Array.from(Buffer.from('GIF89a')), contentType: 'image/gif' },
  ],
  ['a data: URI', 'PHOTO:data:image/gif;base64,R0lGODlh', { bytes: Uint8Array.from(Buffer.from('GIF89a')), contentType: 'image/gif' }],
  [
    'a data: URI with escapes',
    'PHOTO;VALUE=uri:data:image/gif\\;base64\\,R0lGODlh',
    { bytes: Uint8Array.from(Buffer.from('GIF89a')), contentType: 'image/gif' },
  ],
  ['an address', 'PHOTO;VALUE=URI:https://example.test/a.gif', { url: 'https://example.test/a.gif' }],
])('PHOTO is read from %s', async (_name, line, photo) => {
  expect((await draftOf('FN:Bo', line)).photo).toEqual(photo)
})

test('a picture at an address that is not of the web is kept, not followed', async () => {
  const draft = await draftOf('FN:Bo', 'PHOTO;VALUE=uri:file:///etc/hosts', 'PHOTO;VALUE=CID:<1@example.test>')
  expect(draft.photo).toBeUndefined()
  expect(draft.unmodelled).toHaveLength(2)
})

test('what a program writes twice, in the standard way and in its own, is there once', async () => {
  const draft = await draftOf(
    'FN:Bo',
    'ANNIVERSARY:20030304',
    'X-EVOLUTION-ANNIVERSARY:2003-03-04',
    'X-ANNIVERSARY:2004-01-01',
    'RELATED;TYPE=spouse:Cy',
    'X-SPOUSE:Cy',
    'NOTE:a',
    'NOTE:a',
    'NOTE:b',
  )
  expect(draft).toMatchObject({ relations: [{ name: 'Cy', kind: 'spouse' }], about: 'a\n\nb' })
  expect(draft.dates.map(({ date }) => date.year)).toEqual([2003, 2004])
})

test('control characters, which no database text can hold, are left out', async () => {
  expect(await draftOf('FN:a\u0000b\u0007c', 'X-FOO:d\u0000e')).toMatchObject({ displayName: 'abc', unmodelled: ['X-FOO:de'] })
})
