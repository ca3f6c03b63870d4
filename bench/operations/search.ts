import { soundsOf } from '../../src/search/terms.ts'
import { searches } from '../people.ts'
import type { Operation, Sample } from './operation.ts'

/** So many texts are searched for. */
const texts = 60

/** (e) Search: starts of names, whole names, slips, organisations, tags, words of notes. */
export const search: Operation = {
  key: 'e',
  title: 'Search: 20 contacts that fit best',
  kind: 'read',
  depth: 2,
  samples: async ({ searched, rows }) => {
    // One letter finds half of a book, and what is written with other letters or digits is looked up in other ways; the peers' function knows words only.
    const asked = searches(texts * 3, 200).filter(({ kind, text }) => kind !== 'one letter' && kind !== 'nothing at all' && /^[a-z]+( [a-z]+)*$/i.test(text))
    const words = new Set(asked.flatMap(({ text }) => text.toLowerCase().split(' ')))
    const sounds = [...words].flatMap((word) => soundsOf(word).map((sound) => ({ word, sound })))
    await rows('INSERT INTO twin.sounds SELECT * FROM json_to_recordset($1) AS s(word text, sound text) ON CONFLICT DO NOTHING', [JSON.stringify(sounds)])
    const samples = asked.map(({ text }, index): Sample => {
      const reader = searched[index % searched.length]
      if (!reader) throw new Error('Nothing can be searched.')
      return { reader, floor: [text], kith: { text }, postgraphile: { ownerId: reader.ownerId, text } }
    })
    const found: unknown[][] = []
    for (const { reader, floor } of samples) found.push(await rows('SELECT FROM twin.search_contacts($1, $2) LIMIT 1', [reader.ownerId, ...floor]))
    return samples.filter((_, index) => found[index]?.length)
  },
  query: `query Search($text: String) { contacts(search: $text, first: 20) { nodes { id displayName starred emails { address } } } }`,
  postgraphile: `query Search($ownerId: UUID!, $text: String!) { searchContacts(owner: $ownerId, text: $text, first: 20) { nodes { id: rowId displayName starred emails: contactEmailsByOwnerIdAndContactId(orderBy: [POSITION_ASC, ROW_ID_ASC]) { nodes { address } } } } }`,
  floor: {
    sql: `SELECT json_build_object('contacts', COALESCE(json_agg(json_build_object('id', c.id, 'displayName', c."displayName", 'starred', c.starred,
        'emails', (SELECT COALESCE(json_agg(json_build_object('address', address) ORDER BY position, id), '[]') FROM twin.contact_emails AS e WHERE e."ownerId" = $1 AND e."contactId" = c.id))), '[]'))::text AS answer
      FROM (SELECT * FROM twin.search_contacts($1::uuid, $2::text) LIMIT 20) AS c`,
  },
}
