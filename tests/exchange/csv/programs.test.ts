import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readCsv } from '../../../src/exchange/csv/read.ts'

const fixture = (name: string) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url))
const read = (...chunks: (string | Uint8Array)[]) => Array.fromAsync(readCsv(chunks.map((chunk) => Buffer.from(chunk as string))))
const drafts = async (...chunks: (string | Uint8Array)[]) => (await read(...chunks)).map((row) => row.draft)

test("Google's present columns: labels, groups, several values a cell, formatted addresses only where there is no other", async () => {
  const [ines, mail] = await drafts(fixture('google-new.csv'))
  expect(ines).toEqual({
    name: {
      prefix: 'Prof.',
      given: 'Inês',
      middle: 'Maria',
      family: 'Quintela',
      suffix: 'PhD',
      nickname: 'Nê',
      phoneticGiven: 'Ee-nesh',
      phoneticFamily: 'Keen-tella',
    },
    about: 'Plays the cavaquinho.\nOwes me a "proper" coffee',
    starred: true,
    tags: ['Sea people'],
    photo: { url: 'https://photos.example.test/ines.jpg' },
    emails: [
      { address: 'ines@example.test', label: 'work', primary: true },
      { address: 'a@example.test', label: 'Choir' },
      { address: 'b@example.test', label: 'Choir' },
    ],
    phones: [
      { number: '+351 900 000 001', label: 'mobile' },
      { number: '+351 900 000 002', label: 'work fax' },
    ],
    addresses: [{ label: 'home', street: 'Rua das Flores 3', extended: '4.º andar', city: 'Porto', postalCode: '4050-262', country: 'PT', countryCode: 'PT' }],
    urls: [{ url: 'http://tides.example.test', label: 'profile' }],
    organizations: [{ name: 'University of Examples', title: 'Reader', department: 'Tides' }],
    dates: [
      { kind: 'BIRTHDAY', date: { year: 1969, month: 2, day: 28 } },
      { kind: 'ANNIVERSARY', date: { year: 1994, month: 9, day: 10 } },
      { kind: 'OTHER', label: 'Regatta', date: { month: 7, day: 1 } },
    ],
    relations: [{ name: 'Rui', kind: 'spouse' }],
    customFields: [{ name: 'Shoe size', value: '38' }],
    unmodelled: [],
  })
  expect(mail).toMatchObject({ emails: [{ address: 'only.mail@example.test' }], tags: [] })
})

test("Google's former columns; what the model has no word for becomes a custom field", async () => {
  const [haru] = await drafts(fixture('google-old.csv'))
  expect(haru).toMatchObject({
    displayName: 'Haru Tanaka',
    name: { given: 'Haru', family: 'Tanaka', nickname: 'Haru-chan', phoneticGiven: 'ハル', phoneticFamily: 'タナカ' },
    emails: [{ address: 'haru@example.test', label: 'home', primary: true }],
    addresses: [{ label: 'home', street: '1-2-3 Hon, Room 4' }],
    organizations: [{ name: 'Paper Crane Press', department: 'Binding', title: 'Editor' }],
    dates: [
      { kind: 'BIRTHDAY', date: { month: 11, day: 3 } },
      { kind: 'ANNIVERSARY', date: { year: 2008, month: 6, day: 21 } },
    ],
    relations: [{ name: 'Yuki', kind: 'sister' }],
    tags: ['Cranes'],
  })
  expect(haru!.customFields).toEqual(
    expect.arrayContaining([
      { name: 'Maiden Name', value: 'Mori' },
      { name: 'Location', value: 'Tokyo' },
      { name: 'Occupation', value: 'Editor' },
      { name: 'Hobby', value: 'Origami' },
      { name: 'Organization 1 - Yomi Name', value: 'ペーパー' },
      { name: 'Skype', value: 'haru.cranes' },
      { name: 'Blood type', value: 'A' },
    ]),
  )
  expect(haru!.customFields).toHaveLength(7)
})

test("Outlook's columns in Windows-1252: streets of several lines, American dates, its fillers left out", async () => {
  const [kaethe, bo] = await drafts(fixture('outlook.csv'))
  expect(kaethe).toMatchObject({
    name: { prefix: 'Dr.', given: 'Käthe', family: 'Müßig' },
    emails: [{ address: 'kaethe@example.test' }, { address: 'k2@example.test' }],
    phones: expect.arrayContaining([
      { number: '(030) 555-0101', label: 'work' },
      { number: '(030) 555-0105', label: 'work' },
      { number: '(030) 555-0103', label: 'work fax' },
      { number: '(030) 555-0100', label: 'main' },
      { number: '(030) 555-0102', label: 'home' },
      { number: '(030) 555-0104', label: 'assistant' },
    ]),
    addresses: [{ label: 'work', street: 'Uferstraße 12\nZimmer 7', poBox: 'PF 9', city: 'Berlin', postalCode: '10115', country: 'Germany' }],
    organizations: [{ name: 'Brückenbau Beispiel', department: 'Statik', title: 'Engineer' }],
    dates: [
      { kind: 'ANNIVERSARY', date: { year: 1999, month: 6, day: 12 } },
      { kind: 'BIRTHDAY', date: { year: 1971, month: 5, day: 30 } },
    ],
    tags: ['Bridges', 'Choir'],
    relations: [
      { name: 'Piet Holm', kind: 'assistant' },
      { name: 'Mia', kind: 'child' },
      { name: 'Ole', kind: 'child' },
      { name: 'Ottilie Rand', kind: 'manager' },
      { name: 'Jonas', kind: 'spouse' },
    ],
    urls: [{ url: 'http://bridges.example.test' }],
    customFields: [
      { name: 'E-mail 2 Display Name', value: 'Private' },
      { name: 'Hobby', value: 'Chess' },
      { name: 'User 1', value: 'Seat 4' },
    ],
  })
  expect(bo).toMatchObject({ name: { given: 'Bo', family: 'Ek' }, phones: [{ number: '070-000 00 01', primary: true }], dates: [], customFields: [] })
})

test.each([
  ['comma', 'First Name,E-mail Address,Notes\nBo,bo@example.test,"a, b"\n'],
  ['semicolon', 'first name;E-MAIL ADDRESS;NOTES\r\nBo;bo@example.test;a, b\r\n'],
  ['tab', 'First Name\tE-mail Address\tNotes\rBo\tbo@example.test\ta, b\r'],
  ['the one it names', 'sep=;\nFirst Name;E-mail Address;Notes\nBo;bo@example.test;a, b\n'],
])('cells may be parted by %s', async (_name, file) => {
  for (const bytes of [Buffer.from(file), Buffer.from(`\ufeff${file}`), Buffer.from(`\ufeff${file}`, 'utf16le')]) {
    expect(await drafts(bytes)).toMatchObject([{ name: { given: 'Bo' }, emails: [{ address: 'bo@example.test' }], about: 'a, b' }])
  }
})

test.each([
  ['1980-04-15', { year: 1980, month: 4, day: 15 }],
  ['4/15/1980', { year: 1980, month: 4, day: 15 }],
  ['15/4/1980', { year: 1980, month: 4, day: 15 }],
  ['3/4/1980', { year: 1980, month: 3, day: 4 }],
  ['3.4.1980', { year: 1980, month: 4, day: 3 }],
  ['1980/4/15', { year: 1980, month: 4, day: 15 }],
  ['--04-15', { month: 4, day: 15 }],
])('a birthday of %s is understood', async (written, date) => {
  expect((await drafts(`First Name,Birthday\nBo,${written}\n`))[0]!.dates).toEqual([{ kind: 'BIRTHDAY', date }])
})

test('a birthday that is no date is kept as it stands', async () => {
  expect((await drafts('First Name,Birthday\nBo,in spring\n'))[0]).toMatchObject({ dates: [], customFields: [{ name: 'Birthday', value: 'in spring' }] })
})

test('only one address is the primary one, the first that says so', async () => {
  const [bo] = await drafts('First Name,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value\nBo,* Home,a@example.test,* Work,b@example.test\n')
  expect(bo!.emails).toEqual([
    { address: 'a@example.test', label: 'home', primary: true },
    { address: 'b@example.test', label: 'work' },
  ])
})

test('cells beyond the columns and columns without a name are kept', async () => {
  expect((await drafts('First Name,,Last Name\nBo,x,Ek,y\n'))[0]!.customFields).toEqual([
    { name: 'Column 2', value: 'x' },
    { name: 'Column 4', value: 'y' },
  ])
})

test('a line that cannot be read is a row with a reason, and the rest go in', async () => {
  const rows = await read(`First Name,Notes\nBo,fine\n"never closed,x\nCy,fine\n${'y'.repeat(1_100_000)},z\nDi,fine\n,\n`)
  expect(rows.map((row) => row.draft?.name?.given ?? row.reason)).toEqual([
    'Bo',
    'A quotation mark in this line is never closed.',
    'Cy',
    'The line is longer than 1 MB.',
    'Di',
  ])
  expect(rows.map((row) => row.index)).toEqual([0, 1, 2, 3, 4])
})

test('a file whose columns nobody knows is one row that says so', async () => {
  const rows = await read('colour,taste\nred,sour\nblue,sweet\n')
  expect(rows).toMatchObject([{ index: 0, reason: expect.stringContaining('names no column that is known') }])
})

test('apostrophes that keep a spreadsheet from running a formula are taken off, others stay', async () => {
  expect((await drafts("First Name,Last Name,Notes\n'=1+1,'t Hooft,''@x\n"))[0]).toMatchObject({ name: { given: '=1+1', family: "'t Hooft" }, about: "'@x" })
})
