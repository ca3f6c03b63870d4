import type pg from 'pg'
import { displayNameOf } from '../../src/contacts/normalize.ts'
import { familyKey, matchKey } from '../../src/contacts/matchKey.ts'
import { emailValue, type Keyed, organizationValue, phoneValue, tables } from '../../src/contacts/values.ts'
import { personOf } from '../people.ts'

const lists = ['emails', 'phones', 'organizations'] as const

/** Fills `bench.persons` and its lists with a crowd, each as Kith itself would write them: contacts of the accounts are taken from it. */
export async function makePersons(client: pg.ClientBase, count: number): Promise<void> {
  await client.query(
    `CREATE TABLE bench.persons (n int PRIMARY KEY, "displayName" text, "sortName" text, "familySortName" text, given text, family text, nickname text, about text, tag text)`,
  )
  for (const list of lists) await client.query(`CREATE TABLE bench.person_${list} (n int, position int, ${columnsOf(list)})`)
  for (let from = 0; from < count; from += 5000) {
    const persons = Array.from({ length: Math.min(5000, count - from) }, (_, index) => personRow(from + index))
    await insert(
      client,
      'bench.persons',
      `n int, "displayName" text, "sortName" text, "familySortName" text, given text, family text, nickname text, about text, tag text`,
      persons.map(({ person }) => person),
    )
    for (const list of lists)
      await insert(
        client,
        `bench.person_${list}`,
        `n int, position int, ${columnsOf(list)}`,
        persons.flatMap((each) => each[list]),
      )
  }
  for (const list of lists) await client.query(`CREATE INDEX ON bench.person_${list} (n)`)
  await client.query('ANALYZE bench.persons')
}

function columnsOf(list: (typeof lists)[number]): string {
  return Object.entries(tables[list].columns)
    .map(([name, type]) => `"${name}" ${type}`)
    .join(', ')
}

async function insert(client: pg.ClientBase, table: string, columns: string, rows: readonly object[]): Promise<void> {
  await client.query(`INSERT INTO ${table} SELECT * FROM json_to_recordset($1) AS r(${columns})`, [JSON.stringify(rows)])
}

function personRow(n: number) {
  const draft = personOf(n)
  const displayName = displayNameOf(draft)
  const { given = null, family = null, nickname = null } = draft.name ?? {}
  // One address or number of a list is the primary one.
  const listOf = <Entry>(entries: readonly Entry[], valueOf: (entry: Entry, primary: boolean) => Keyed) =>
    entries.map((entry, position) => ({ n, position, ...valueOf(entry, position === 0).value }))
  return {
    person: {
      n,
      displayName,
      sortName: matchKey(displayName),
      familySortName: familyKey(family, given),
      given,
      family,
      nickname,
      about: draft.about ?? null,
      tag: draft.tags[0] ?? null,
    },
    emails: listOf(draft.emails, ({ address }, primary) => emailValue({ address, primary })),
    phones: listOf(draft.phones, ({ number }, primary) => phoneValue({ number, primary }, 'DE')),
    organizations: listOf(draft.organizations, (organization) => organizationValue(organization)),
  }
}
