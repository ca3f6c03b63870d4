import type pg from 'pg'
import { randomNumbers } from '../../tests/support/cards.ts'
import { tags, vocabulary } from '../people.ts'

/** How many texts of each kind there are to choose from. */
const count = 4096

/** Fills `bench.texts` with bodies of about 120 characters and titles of about 25, and `bench.tags`. */
export async function makeTexts(client: pg.ClientBase): Promise<void> {
  const random = randomNumbers(11)
  const words = (many: number): string => Array.from({ length: many }, () => vocabulary[Math.floor(vocabulary.length * random() ** 2.2)]).join(' ')
  const texts = Array.from({ length: count }, (_, place) => [
    { kind: 'body', place, body: words(10 + Math.floor(random() * 15)) },
    { kind: 'title', place, body: words(3 + Math.floor(random() * 2)) },
  ]).flat()
  await client.query('CREATE TABLE bench.texts (kind text, place int, body text, PRIMARY KEY (kind, place))')
  await client.query('INSERT INTO bench.texts SELECT * FROM json_to_recordset($1) AS t(kind text, place int, body text)', [JSON.stringify(texts)])
  await client.query('CREATE TABLE bench.tags AS SELECT name, place - 1 AS place FROM unnest($1::text[]) WITH ORDINALITY AS t(name, place)', [tags])
}
