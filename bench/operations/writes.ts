import { sealedWords } from '../../src/search/terms.ts'
import { personOf } from '../people.ts'
import { type Catalogue, type Operation, relayId, type Sample } from './operation.ts'
import { rowsOf, type Said } from './written.ts'

/** (i) A note. */
const noteCreate: Operation = {
  key: 'i',
  title: 'noteCreate',
  kind: 'write',
  depth: 1,
  samples: async (catalogue) => {
    const contacts = await contactsOf(catalogue, 100)
    const bodies = await catalogue.rows<{ body: string }>(`SELECT body FROM bench.texts WHERE kind = 'body' ORDER BY place LIMIT $1`, [contacts.length])
    return contacts.map(({ reader, id }, index): Sample => {
      const body = bodies[index]?.body ?? ''
      const rows = { contact: id, body, words: sealedWords(body) }
      return {
        reader,
        floor: [id, body, rows.words],
        kith: { contactId: relayId('Contact', id), body },
        postgraphile: { owner: reader.ownerId, ...rows },
        plain: { rows },
      }
    })
  },
  query: `mutation Note($contactId: ID!, $body: String!) { noteCreate(input: { contactId: $contactId, body: $body }) { ... on Note { id body pinned createdAt } ... on Error { code message } } }`,
  peers: `mutation Note($rows: JSON!) { noteCreate(rows: $rows) { id body pinned createdAt } }`,
  postgraphile: `mutation Note($owner: UUID!, $contact: UUID!, $body: String!, $words: [String]!) { noteCreate(input: { owner: $owner, contact: $contact, body: $body, words: $words }) { result { id: rowId body pinned createdAt } } }`,
  floor: {
    sql: `SELECT json_build_object('noteCreate', json_build_object('id', n.id, 'body', n.body, 'pinned', n.pinned, 'createdAt', n."createdAt"))::text AS answer FROM twin.note_create($1::uuid, $2::uuid, $3::text, $4::text[]) AS n`,
  },
}

/** (j) A contact of which an address, a number, a title and a tag change. */
const contactUpdate: Operation = {
  key: 'j',
  title: 'contactUpdate with e-mails, phones, organisations and tags',
  kind: 'write',
  depth: 1,
  samples: async (catalogue) => {
    const contacts = await contactsOf(catalogue, 100)
    return ['one', 'two'].flatMap((variant) =>
      contacts.map(({ reader, id, given, family }, index): Sample => {
        const input = {
          starred: variant === 'one',
          emails: [
            { address: `kept${index}@mail.example`, label: 'home', primary: true },
            { address: `${variant}${index}@work.example.com`, label: 'work' },
          ],
          phones: [{ number: `+49 30 ${variant === 'one' ? 4_000_000 + index : 5_000_000 + index}`, label: 'home' }],
          organizations: [{ name: 'Harbour Works', title: variant === 'one' ? 'Carpenter' : 'Glazier' }],
          tags: ['Choir', variant === 'one' ? 'Climbing' : 'Garden'],
        }
        const contact = { id, ...rowsOf({ ...input, name: { given, family } } satisfies Said) }
        return {
          reader,
          floor: [JSON.stringify(contact)],
          kith: { id: relayId('Contact', id), input },
          postgraphile: { owner: reader.ownerId, contact },
          plain: { rows: contact },
        }
      }),
    )
  },
  query: `mutation Update($id: ID!, $input: ContactUpdateInput!) { contactUpdate(id: $id, input: $input) { ... on Contact { id displayName starred emails { address } phones { number } tags updatedAt } ... on Error { code message } } }`,
  peers: `mutation Update($rows: JSON!) { contactUpdate(rows: $rows) { id displayName starred emails { address } phones { number } tags updatedAt } }`,
  postgraphile: `mutation Update($owner: UUID!, $contact: JSON!) { contactUpdate(input: { owner: $owner, contact: $contact }) { result { id: rowId displayName starred updatedAt
    emails: contactEmailsByOwnerIdAndContactId(orderBy: [POSITION_ASC, ROW_ID_ASC]) { nodes { address } } phones: contactPhonesByOwnerIdAndContactId(orderBy: [POSITION_ASC, ROW_ID_ASC]) { nodes { number } }
    tags: contactTagsByOwnerIdAndContactId(orderBy: [POSITION_ASC]) { nodes { tag: ownerTag { name } } } } } }`,
  floor: {
    // What the function wrote is not yet to be seen by the statement that calls it: the answer repeats what was sent, as hand-written code would.
    sql: `SELECT json_build_object('contactUpdate', json_build_object('id', c.id, 'displayName', c."displayName", 'starred', c.starred, 'updatedAt', c."updatedAt",
        'emails', (SELECT json_agg(json_build_object('address', v->>'address')) FROM jsonb_array_elements($2::jsonb->'emails') AS v), 'phones', (SELECT json_agg(json_build_object('number', v->>'number')) FROM jsonb_array_elements($2::jsonb->'phones') AS v),
        'tags', (SELECT json_agg(v->>'name') FROM jsonb_array_elements($2::jsonb->'tags') AS v)))::text AS answer FROM twin.contact_update($1::uuid, $2::jsonb) AS c`,
  },
}

/** (k) A hundred contacts at once. */
const contactsCreate: Operation = {
  key: 'k',
  title: 'contactsCreate with 100 contacts',
  kind: 'write',
  depth: 1,
  connections: 4,
  samples: async ({ writers }) =>
    writers.flatMap((reader, place): Sample[] =>
      [0, 1].map((turn) => {
        const inputs = Array.from({ length: 100 }, (_, index): Said => {
          const n = (place * 2 + turn) * 100 + index
          const { about, tags } = personOf(n)
          return {
            name: { given: `Given${n}`, family: `Family${n % 37}` },
            ...(about && { about }),
            emails: [{ address: `new${n}@mail.example`, label: 'home' }],
            phones: [{ number: `+49 30 ${6_000_000 + n}`, label: 'home' }],
            organizations: n % 2 === 0 ? [{ name: 'Copper Press', title: 'Printer' }] : [],
            tags,
          }
        })
        const [firstRow, ...rows] = inputs.map(rowsOf)
        // Words of organisations are the same again and again; their variants travel once.
        const contacts = [firstRow, ...rows.map((row) => ({ ...row, variants: [] }))]
        return { reader, floor: [JSON.stringify(contacts)], kith: { inputs }, postgraphile: { owner: reader.ownerId, contacts }, plain: { rows: contacts } }
      }),
    ),
  query: `mutation Bulk($inputs: [ContactCreateInput!]!) { contactsCreate(inputs: $inputs) { ... on ContactsCreated { rows { contact { id displayName createdAt } } } ... on Error { code message } } }`,
  peers: `mutation Bulk($rows: JSON!) { contactsCreate(rows: $rows) { rows { contact { id displayName createdAt } } } }`,
  postgraphile: `mutation Bulk($owner: UUID!, $contacts: JSON!) { contactsCreate(input: { owner: $owner, contacts: $contacts }) { result { id: rowId displayName createdAt } } }`,
  floor: {
    sql: `SELECT json_build_object('contactsCreate', json_agg(json_build_object('id', c.id, 'displayName', c."displayName", 'createdAt', c."createdAt")))::text AS answer FROM twin.contacts_create($1::uuid, $2::jsonb) AS c`,
  },
}

/** What is written. */
export const writes: readonly Operation[] = [noteCreate, contactUpdate, contactsCreate]

async function contactsOf({ writers, rows }: Catalogue, many: number) {
  const found = await rows<{ ownerId: string; id: string; given: string; family: string }>(
    `SELECT "ownerId", b.id, p.given, p.family FROM bench.book AS b JOIN bench.persons AS p ON p.n = b.person WHERE "ownerId" = ANY ($1) AND p.nickname IS NULL AND p.about IS NULL AND p.given ~ '^[A-Z][a-z]+$' ORDER BY k, a LIMIT $2`,
    [writers.map(({ ownerId }) => ownerId), many],
  )
  return found.flatMap((contact) => {
    const reader = writers.find(({ ownerId }) => ownerId === contact.ownerId)
    return reader ? [{ reader, ...contact }] : []
  })
}
