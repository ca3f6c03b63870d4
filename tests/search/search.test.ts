import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createContact, updateContact } from '../../src/contacts/service.ts'
import { deleteContact, purgeContact } from '../../src/contacts/bin.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { createNote, deleteNote, updateNote } from '../../src/notes/service.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

const clock = fixedClock('2026-05-04T10:00:00Z')
let kith: TestApp
let ada: Person

const people = [
  {
    name: { given: 'Anna', family: 'Smith', nickname: 'Nan' },
    emails: [{ address: 'anna.smith@work.example' }],
    organizations: [{ name: 'Windmill Bakery' }],
    tags: ['Choir'],
  },
  { name: { given: 'Anna' } },
  { name: { given: 'Annabel', family: 'Lee' }, phones: [{ number: '+49 30 1234567' }] },
  { name: { given: 'Hanna', family: 'Annable' } },
  { name: { given: 'Zoë', family: 'Núñez' }, phones: [{ number: '+1 (212) 555-0100' }], emails: [{ address: 'zo@mail.example' }] },
  { name: { given: 'Jürgen', family: 'Grünwald' }, phones: [{ number: '0171 5556677 ext. 12' }] },
  { name: { given: 'Søren', family: 'Łęcki' }, organizations: [{ name: 'Café Größe' }] },
  { name: { given: 'Stephen', family: 'Kowalczyk' }, tags: ['Book club'] },
  { name: { given: 'Conor', family: "O'Brien" }, emails: [{ address: 'conor+lists@gmail.example' }] },
  { name: { given: '陽子', family: '山本' } },
  { name: { given: '민준', family: '김' }, organizations: [{ name: '서울대학교' }] },
  { name: { given: 'Ольга', family: 'Фёдорова' } },
  { name: { given: 'محمد', family: 'الأحمد' } },
  { name: { given: 'Ελένη', family: 'Παπαδοπούλου' } },
  { displayName: 'Flower line', phones: [{ number: '1-800-FLOWERS' }] },
  { name: { given: 'Ida', family: 'Quill' }, about: 'Collects Fernrohre and old maps; 彼女は東京タワーが好き' },
  { name: { given: 'Xu' } },
  { displayName: 'grace@hopper.example' },
]
const ids = new Map<string, string>()

/** What a search finds, by the names shown, the best first. */
async function find(search: string, who: Person = ada): Promise<string[]> {
  const { data, errors } = await who.graphql('query ($search: String!) { contacts(search: $search, first: 100) { nodes { displayName } totalCount } }', {
    search,
  })
  expect(errors).toBeUndefined()
  const names = data.contacts.nodes.map((node: { displayName: string }) => node.displayName)
  expect(data.contacts.totalCount).toBe(names.length)
  return names
}
const idOf = (name: string) => ids.get(name) ?? expect.fail(`There is no ${name}.`)
/** What is kept of an account's words. */
async function kept(who: Person) {
  const { rows } = await kith.app.database.pool.query(
    `SELECT (SELECT count(*)::int FROM search_terms WHERE "ownerId" = $1) AS terms, (SELECT count(*)::int FROM search_variants WHERE "ownerId" = $1) AS variants`,
    [who.ownerId],
  )
  return rows[0]
}

beforeAll(async () => {
  kith = await testApp({ clock })
  ada = await kith.signUp({ region: 'DE' })
  for (const person of people) {
    const id = await createContact(ada.ctx, person)
    const { data } = await ada.graphql('query ($id: ID!) { contact(id: $id) { displayName } }', { id: Buffer.from(`Contact:${id}`).toString('base64url') })
    ids.set(data.contact.displayName, id)
  }
  await createNote(ada.ctx, { contactId: idOf('Stephen Kowalczyk'), body: 'Met in **Trondheim**; his sister plays the *Nyckelharpa*.' })
  await createNote(ada.ctx, { contactId: idOf('Anna'), body: '京都で会った。' })
})
afterAll(() => kith.close())

describe('a search finds a contact by', () => {
  test.each([
    ['a name, whatever the accents and case', 'nunez', 'Zoë Núñez'],
    ['a name with accents that it has not', 'ÁNNA', 'Anna'],
    ['letters that are no accents', 'soren lecki', 'Søren Łęcki'],
    ['a sharp s', 'grosse', 'Søren Łęcki'],
    ['a nickname', 'Nan', 'Anna Smith'],
    ['the start of a name', 'kowal', 'Stephen Kowalczyk'],
    ['a name with an apostrophe', "o'brien", "Conor O'Brien"],
    ['words in another order', 'smith anna', 'Anna Smith'],
    ['the start of several words', 'ste kow', 'Stephen Kowalczyk'],
    ['how it sounds', 'Steven', 'Stephen Kowalczyk'],
    ['a letter left out', 'Kowalzyk', 'Stephen Kowalczyk'],
    ['a letter too many', 'Kowwalczyk', 'Stephen Kowalczyk'],
    ['a wrong letter', 'Kowalcsyk', 'Stephen Kowalczyk'],
    ['letters that changed places', 'Kowaclzyk', 'Stephen Kowalczyk'],
    ['a slip at the end of a long name', 'Παπαδοπουλυο', 'Ελένη Παπαδοπούλου'],
    ['a slip in an organisation', 'windmlil', 'Anna Smith'],
    ['an e-mail address', 'anna.smith@work.example', 'Anna Smith'],
    ['the start of an address', 'anna.sm', 'Anna Smith'],
    ['an address in other letters', 'ZO@Mail.Example', 'Zoë Núñez'],
    ['a word of an address', 'lists', "Conor O'Brien"],
    ['the domain of an address', 'work.example', 'Anna Smith'],
    ['the domain with its sign', '@gmail.example', "Conor O'Brien"],
    ['the name of a domain', 'gmail', "Conor O'Brien"],
    ['an organisation', 'bakery', 'Anna Smith'],
    ['a tag', 'book club', 'Stephen Kowalczyk'],
    ['the start of a tag', 'choi', 'Anna Smith'],
    ['a word of a note', 'nyckelharpa', 'Stephen Kowalczyk'],
    ['a word of a note in Markdown', 'trondheim', 'Stephen Kowalczyk'],
    ['a word of about', 'fernrohre', 'Ida Quill'],
    ['words of different kinds', 'anna windmill choir', 'Anna Smith'],
    ['a name and a word of a note', 'kowalczyk sister', 'Stephen Kowalczyk'],
    ['a name and a number', 'annabel 1234567', 'Annabel Lee'],
    ['a national number', '030 1234567', 'Annabel Lee'],
    ['an international number', '+49301234567', 'Annabel Lee'],
    ['a number with 00', '0049 30 1234567', 'Annabel Lee'],
    ['a number with its trunk prefix in brackets', '+49 (0)30 12345', 'Annabel Lee'],
    ['the start of a national number', '030 123', 'Annabel Lee'],
    ['the end of a number', '34567', 'Annabel Lee'],
    ['a number of another country as its people write it', '(212) 555-0100', 'Zoë Núñez'],
    ['a number with 001', '001 212 555', 'Zoë Núñez'],
    ['a number with an extension', '0171/5556677 ext 12', 'Jürgen Grünwald'],
    ['a number without the extension that it has', '+49 171 5556677', 'Jürgen Grünwald'],
    ['a tel: link', 'tel:+49-171-5556677', 'Jürgen Grünwald'],
    ['a number in letters', '1-800-FLOWERS', 'Flower line'],
    ['a number that is kept in letters', '1 800 356 9377', 'Flower line'],
    ['a number in Arabic digits', '٠٣٠١٢٣٤٥٦٧', 'Annabel Lee'],
    ['a whole Japanese name', '山本陽子', '山本陽子'],
    ['a part of a Japanese name', '陽子', '山本陽子'],
    ['one character', '本', '山本陽子'],
    ['Korean in the middle of a word', '대학', '김민준'],
    ['Chinese characters in a note', '京都', 'Anna'],
    ['Japanese in about', '東京タワー', 'Ida Quill'],
    ['a Russian name without its points', 'федорова', 'Ольга Фёдорова'],
    ['a Russian name with a slip', 'Олга', 'Ольга Фёдорова'],
    ['an Arabic name without its marks', 'الاحمد', 'محمد الأحمد'],
    ['a Greek name without accents', 'παπαδοπουλου', 'Ελένη Παπαδοπούλου'],
    ['a name of two letters', 'xu', 'Xu'],
    ['one letter', 'x', 'Xu'],
    ['a name that is written like an address', 'grace@hop', 'grace@hopper.example'],
    ['the starts of two names, written like a domain', 'ann.lee', 'Annabel Lee'],
  ])('%s', async (_what, search, name) => {
    expect(await find(search)).toContain(name)
  })
})

describe('a search does not find', () => {
  test.each([
    ['a contact that lacks one of the words', 'anna nothing'],
    ['what is two slips away', 'Kwoalzcyk'],
    ['Chinese characters that do not stand together', '都京'],
    ['the end of a Latin word', 'czyk'],
    ['punctuation alone', '?!'],
    ['wildcards', '%'],
    ['every contact for an underscore', '_'],
  ])('%s', async (_what, search) => {
    expect(await find(search)).toEqual([])
  })

  test('the contacts of another account', async () => {
    const bea = await kith.signUp()
    await createContact(bea.ctx, { name: { given: 'Anna', family: 'Elsewhere' } })
    expect(await find('anna', bea)).toEqual(['Anna Elsewhere'])
    expect(await find('elsewhere')).toEqual([])
  })
})

describe('a search puts', () => {
  test('the name that is the text first, then those that begin with it, then slips and sounds', async () => {
    const found = await find('anna')
    expect(found.slice(0, 3)).toEqual(['Anna', 'Anna Smith', 'Annabel Lee'])
    expect(found.slice(3)).toContain('Hanna Annable')
  })

  test('a name before a word of a note', async () => {
    const bea = await kith.signUp()
    const note = await createContact(bea.ctx, { name: { given: 'Aaron' }, about: 'knows Lund well' })
    await createNote(bea.ctx, { contactId: note, body: 'Lund again' })
    await createContact(bea.ctx, { name: { given: 'Zora', family: 'Lund' } })
    expect(await find('lund', bea)).toEqual(['Zora Lund', 'Aaron'])
  })
})

describe('what is gone is not found', () => {
  test('archived contacts unless asked for, and contacts in the bin', async () => {
    const bea = await kith.signUp()
    const archived = await createContact(bea.ctx, { name: { given: 'Orla' } })
    const binned = await createContact(bea.ctx, { name: { given: 'Orla', family: 'Two' } })
    await bea.graphql('mutation ($id: ID!) { contactArchive(id: $id) { __typename } }', { id: Buffer.from(`Contact:${archived}`).toString('base64url') })
    await deleteContact(bea.ctx, binned)
    expect(await find('orla', bea)).toEqual([])
    const { data } = await bea.graphql('{ contacts(search: "orla", includeArchived: true) { totalCount nodes { displayName } } }')
    expect(data.contacts).toEqual({ totalCount: 1, nodes: [{ displayName: 'Orla' }] })
  })

  test('what an edit took away, and no word of it is kept', async () => {
    const bea = await kith.signUp()
    const id = await createContact(bea.ctx, {
      name: { given: 'Quentin' },
      about: 'falconer',
      organizations: [{ name: 'Thornfield' }],
      emails: [{ address: 'quentin@example.test' }],
    })
    const note = await createNote(bea.ctx, { contactId: id, body: 'likes marmalade' })
    await updateContact(bea.ctx, id, { name: { given: 'Bo' }, about: null, organizations: [], emails: [] })
    await updateNote(bea.ctx, note.id, { body: 'likes honey' })
    for (const word of ['quentin', 'quentni', 'falconer', 'thornfield', 'marmalade']) expect(await find(word, bea)).toEqual([])
    expect(await find('honey', bea)).toEqual(['Bo'])
    await deleteNote(bea.ctx, note.id)
    expect(await find('honey', bea)).toEqual([])
    expect(await kept(bea)).toEqual({ terms: 1, variants: 0 })
  })

  test('a word stays as long as another contact has it', async () => {
    const bea = await kith.signUp()
    const first = await createContact(bea.ctx, { name: { given: 'Matilda' } })
    await createContact(bea.ctx, { name: { given: 'Matilda', family: 'Other' } })
    await updateContact(bea.ctx, first, { name: { given: 'Bo' } })
    expect(await find('matidla', bea)).toEqual(['Matilda Other'])
  })

  test('a contact that has left the bin leaves no word behind', async () => {
    const bea = await kith.signUp()
    const id = await createContact(bea.ctx, { name: { given: 'Quentin' }, about: 'falconer', phones: [{ number: '030 7654321' }] })
    await createNote(bea.ctx, { contactId: id, body: 'likes marmalade' })
    await deleteContact(bea.ctx, id)
    clock.advance({ days: 31 })
    await purgeContact(bea.ctx, id)
    expect(await kept(bea)).toEqual({ terms: 0, variants: 0 })
  })
})

test('a word of a note finds the note', async () => {
  const notes = async (search: string) => {
    const { data } = await ada.graphql('query ($search: String!) { notes(search: $search) { totalCount nodes { body } } }', { search })
    expect(data.notes.totalCount).toBe(data.notes.nodes.length)
    return data.notes.nodes.map((note: { body: string }) => note.body.slice(0, 6))
  }
  expect(await notes('sister Trondheim')).toEqual(['Met in'])
  expect(await notes('sister Kyoto')).toEqual([])
  expect(await notes('京都')).toEqual(['京都で会った'])
})
