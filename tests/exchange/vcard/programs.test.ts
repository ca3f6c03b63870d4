import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { displayNameOf } from '../../../src/contacts/normalize.ts'
import { readVcards } from '../../../src/exchange/vcard/read.ts'
import { writeVcard } from '../../../src/exchange/vcard/write.ts'

const fixtures = new URL('../fixtures/', import.meta.url)

async function draftsOf(file: string | URL) {
  const rows = await Array.fromAsync(readVcards([readFileSync(typeof file === 'string' ? new URL(file, fixtures) : file)]))
  expect(rows.map((row) => row.reason)).toEqual(rows.map(() => undefined))
  return rows.map((row) => row.draft!)
}

test('a 2.1 card of a phone: quoted-printable names, bare types, labels of the own, Android fields, a folded picture', async () => {
  const [card, second] = await draftsOf('phone-2.1.vcf')
  expect(card).toMatchObject({
    displayName: 'Ing. Søren Østergård',
    name: { prefix: 'Ing.', given: 'Søren', family: 'Østergård', nickname: 'Sørle' },
    about: 'Rye bread on Fridays.\nClosed in July; ask for Bo.',
    emails: [{ address: 'soren@example.test', label: 'home' }],
    phones: [
      { number: '+45 20 00 00 01', label: 'mobile', primary: true },
      { number: '+45 33 00 00 02', label: 'work fax' },
      { number: '+45 20 00 00 03', label: 'Sommerhus' },
    ],
    addresses: [{ label: 'home', street: 'Æblevej 4, 2. th', city: 'Århus', postalCode: '8000', country: 'Danmark' }],
    organizations: [{ name: 'Bageriet på Hjørnet', title: 'Baker' }],
    dates: [
      { kind: 'BIRTHDAY', date: { month: 4, day: 15 } },
      { kind: 'ANNIVERSARY', date: { year: 2012, month: 8, day: 1 } },
      { kind: 'OTHER', label: 'Opening day', date: { year: 2015, month: 5, day: 9 } },
    ],
    relations: [
      { name: 'Bo', kind: 'sister' },
      { name: 'Karin', kind: 'Godmother' },
    ],
    tags: ['Bakers'],
    unmodelled: ['X-ANDROID-CUSTOM:vnd.example.item/unheard-of;1;2;3'],
    photo: { contentType: 'image/jpeg' },
  })
  expect((card!.photo as { bytes: Uint8Array }).bytes.subarray(0, 3)).toEqual(Uint8Array.of(0xff, 0xd8, 0xff))
  expect(second).toMatchObject({ phones: [{ number: '112233', label: 'mobile' }] })
})

test('a 2.1 card of Outlook: Windows-1252, its own X- properties, key and picture ended by a blank line', async () => {
  const [card] = await draftsOf('outlook-2.1.vcf')
  expect(card).toMatchObject({
    displayName: 'Dr. Käthe Müßig',
    name: { prefix: 'Dr.', given: 'Käthe', family: 'Müßig' },
    about: 'Speaks fast\nbring the grüne folder – twice',
    emails: [{ address: 'kaethe@example.test', primary: true }],
    phones: [
      { number: '(030) 555-0101', label: 'work' },
      { number: '(030) 555-0102', label: 'home' },
      { number: '(030) 555-0100', label: 'company' },
    ],
    addresses: [{ label: 'work', extended: 'Zimmer 7', street: 'Uferstraße 12', city: 'Berlin', postalCode: '10115', country: 'Deutschland' }],
    organizations: [{ name: 'Brückenbau Beispiel', department: 'Statik', title: 'Engineer' }],
    dates: [
      { kind: 'BIRTHDAY', date: { year: 1971, month: 5, day: 30 } },
      { kind: 'ANNIVERSARY', date: { year: 1999, month: 6, day: 12 } },
    ],
    relations: [
      { name: 'Ottilie Rand', kind: 'manager' },
      { name: 'Piet Holm', kind: 'assistant' },
      { name: 'Jonas', kind: 'spouse' },
      { name: 'Mia', kind: 'child' },
    ],
    unmodelled: [
      'LABEL;TYPE=WORK,PREF:Uferstr. 12\\n10115 Berlin',
      'X-MS-OL-DEFAULT-POSTAL-ADDRESS:2',
      'ROLE:Structural engineer',
      'KEY:data:application/x-x509-user-cert;base64,TUlJQmtleWJ5dGVzZm9ydGhldGVzdA==',
      'X-MS-IMADDRESS:kaethe.im@example.test',
    ],
    photo: { contentType: 'image/jpeg' },
  })
})

test("a 3.0 card of Google's web: labels by group, escaped URLs, phonetic names, a star among the labels", async () => {
  const [card, second] = await draftsOf('web-3.0.vcf')
  expect(card).toMatchObject({
    displayName: 'Prof. Inês Quintela, PhD',
    name: {
      prefix: 'Prof.',
      given: 'Inês',
      middle: 'Maria Luz',
      family: 'Quintela',
      suffix: 'PhD',
      nickname: 'Nê, Inesita',
      phoneticGiven: 'Ee-nesh',
      phoneticFamily: 'Keen-tella',
    },
    starred: true,
    tags: ['Sea people'],
    about: 'Plays the cavaquinho.\nOwes me a "proper" coffee; bring C:\\docs.',
    emails: [
      { address: 'ines@example.test', label: 'work' },
      { address: 'ines.choir@example.test', label: 'Choir' },
    ],
    urls: [{ url: 'http://tides.example.test/ines', label: 'PROFILE' }],
    dates: [
      { kind: 'BIRTHDAY', date: { year: 1969, month: 2, day: 28 } },
      { kind: 'ANNIVERSARY', date: { year: 1994, month: 9, day: 10 } },
    ],
    relations: [
      { name: 'Rui', kind: 'spouse' },
      { name: 'Teresa', kind: 'Bandmate' },
    ],
    unmodelled: ['X-AIM;TYPE=HOME:inestides', 'X-SKYPE-USERNAME:ines.q'],
  })
  expect(second).toMatchObject({ emails: [{ address: 'only.mail@example.test' }] })
})

test("a 3.0 card of Apple's: built-in labels, dates without a year, country codes, profiles kept", async () => {
  const [card] = await draftsOf('apple-3.0.vcf')
  expect(card).toMatchObject({
    emails: [
      { address: 'haru@example.test', label: 'other', primary: true },
      { address: 'haru.home@example.test', label: 'home' },
    ],
    phones: [
      { number: '090-0000-0001', label: 'iPhone', primary: true },
      { number: '03-0000-0002', label: 'home fax' },
      { number: '03-0000-0003', label: 'main' },
      { number: '03-0000-0004', label: 'assistant phone' },
    ],
    addresses: [{ label: 'home', street: '1-2-3 Hon, Room 4', countryCode: 'JP' }],
    urls: [{ url: 'https://cranes.example.test', label: 'home page' }],
    organizations: [{ name: 'Paper Crane Press', department: 'Binding', title: 'Editor' }],
    dates: [
      { kind: 'BIRTHDAY', date: { month: 11, day: 3 } },
      { kind: 'ANNIVERSARY', date: { year: 2008, month: 6, day: 21 } },
      { kind: 'OTHER', label: 'Star festival', date: { month: 7, day: 7 } },
    ],
    relations: [{ name: 'Yuki', kind: 'sister' }],
    unmodelled: [
      'IMPP;X-SERVICE-TYPE=Jabber;TYPE=HOME,pref:xmpp:haru@example.test',
      'X-SOCIALPROFILE;TYPE=twitter;X-USER=harucranes:http://social.example.test/harucranes',
      'X-ABUID:00000000-AAAA-BBBB-CCCC-000000000001:ABPerson',
    ],
  })
  expect(card!.dates[0]!.date).not.toHaveProperty('year')
})

test('a 3.0 card of Evolution: its relations and anniversary, quoted types, units of an organisation', async () => {
  const [card] = await draftsOf('evolution-3.0.vcf')
  expect(card).toMatchObject({
    uid: 'pas-id-0000000000000001',
    phones: [
      { number: '+234 800 000 0001', label: 'work' },
      { number: '+234 800 000 0002', label: 'telex' },
    ],
    addresses: [{ street: 'Long Road That Folds In The Middle Of Its Own Name 5', poBox: 'PO 12' }],
    organizations: [{ name: 'Kite Works', department: 'Design; Tails' }],
    relations: [
      { name: 'Ada O.', kind: 'spouse' },
      { name: 'Big Kite', kind: 'manager' },
      { name: 'Small Kite', kind: 'assistant' },
    ],
    tags: ['Kites', 'Wind and weather'],
    unmodelled: ['X-EVOLUTION-FILE-AS:Okafor\\, Chidi', 'ROLE:Tail maker', 'X-EVOLUTION-BLOG-URL:http://kites.example.test/blog'],
  })
})

test('a 4.0 card: tel URIs, preferences, titles by group, second names and address labels kept', async () => {
  const [card] = await draftsOf('standard-4.0.vcf')
  expect(card).toMatchObject({
    displayName: 'Maja Lind',
    name: { given: 'Maja', family: 'Lind', suffix: 'Jr., M.Sc.' },
    emails: [
      { address: 'maja@example.test', label: 'work' },
      { address: 'maja.first@example.test', primary: true },
    ],
    phones: [
      { number: '+46-8-000-0001 ext. 102', label: 'work', primary: true },
      { number: '+46-70-000-0002', label: 'work mobile' },
    ],
    organizations: [{ name: 'Lighthouse Trust', title: 'Keeper' }, { name: 'Night School' }],
    relations: [{ name: 'Old Bosun', kind: 'friend' }],
    photo: { url: 'https://photos.example.test/maja.jpg' },
    unmodelled: [
      'FN;LANGUAGE=fi:Maija Lind',
      'GENDER:F',
      'LANG;PREF=1:sv',
      'LABEL;TYPE=work:Rocky Point\\nGothenburg',
      'GEO;TYPE=work:geo:57.7,11.9',
      'RELATED;TYPE=contact:urn:uuid:11111111-2222-4333-8444-666666666666',
      'KEY;TYPE=work;VALUE=uri:http://keys.example.test/maja.asc',
      'TZ:+0100',
      'X-FAVOURITE;X-OF=a^nb:lamp\\, lit',
    ],
  })
  expect(card!.emails[0]).not.toHaveProperty('primary')
})

test('every card survives being exported and imported again, with what the model has no place for', async () => {
  for (const name of readdirSync(fixtures).filter((file) => file.endsWith('.vcf'))) {
    for (const draft of await draftsOf(name)) {
      const exported = { ...draft, displayName: displayNameOf(draft) }
      const [again] = await Array.fromAsync(readVcards([Buffer.from(writeVcard(exported))]))
      expect(again?.draft).toEqual(exported)
    }
  }
})

// Cards written by real programs, which are no part of the repository.
const realCards = new URL('../../../../shared/data/vcards/', import.meta.url)

test.runIf(existsSync(realCards))('cards written by real programs go in whole and survive the way out and in again', async () => {
  for (const name of readdirSync(realCards)) {
    const drafts = await draftsOf(new URL(name, realCards))
    expect(drafts.length).toBe(readFileSync(new URL(name, realCards), 'latin1').match(/^BEGIN:VCARD/gm)!.length)
    for (const draft of drafts) {
      const exported = { ...draft, displayName: displayNameOf(draft) }
      expect(exported.displayName).not.toBe('')
      const [again] = await Array.fromAsync(readVcards([Buffer.from(writeVcard(exported))]))
      expect(again?.draft).toEqual(exported)
    }
  }
})
