import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCsv } from '../../../src/exchange/csv/read.ts'
import { csvHeader, writeCsvRows } from '../../../src/exchange/csv/write.ts'
import type { ExportedContact } from '../../../src/exchange/vcard/write.ts'
import { exportedContact } from '../../support/drafts.ts'

/** What a CSV file can hold of a contact: no picture's bytes and nothing unmodelled; the birthday has a column of its own, before the other dates. */
function inCsv(contact: ExportedContact): ExportedContact {
  const birthday = contact.dates.find(({ kind, label }) => kind === 'BIRTHDAY' && label === undefined)
  const dates = birthday ? [birthday, ...contact.dates.filter((date) => date !== birthday)] : contact.dates
  return { ...contact, dates, photo: contact.photo && 'url' in contact.photo ? contact.photo : undefined, unmodelled: [] }
}

const file = (contacts: ExportedContact[]) => [Buffer.from(csvHeader() + writeCsvRows(contacts))]

test('contacts written as CSV are read back as they were', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(exportedContact, { minLength: 1, maxLength: 3 }), async (contacts) => {
      const rows = await Array.fromAsync(readCsv(file(contacts)))
      expect(rows.map((row) => row.draft)).toEqual(contacts.map(inCsv))
    }),
    { numRuns: 300 },
  )
})

test('lists longer than their columns lose nothing', async () => {
  const [contact] = fc.sample(exportedContact, { numRuns: 1, seed: 1 })
  const many = (count: number) => Array.from({ length: count }, (_, at) => at)
  const long: ExportedContact = {
    ...contact!,
    emails: many(9).map((at) => ({ address: `a${at}@example.test`, ...(at % 2 ? { label: `x ::: ${at}\\` } : {}), ...(at === 7 ? { primary: true } : {}) })),
    phones: many(12).map((at) => ({ number: `+4670${at}` })),
    addresses: many(7).map((at) => (at % 2 ? { city: `City ${at}` } : { street: `Street ${at}`, label: 'home' })),
    organizations: many(6).map((at) => (at % 2 ? { title: `T${at}` } : { name: `O${at}`, department: '=D' })),
    customFields: many(11).map((at) => ({ name: `N${at}`, value: `C:\\v ::: ${at}` })),
    dates: many(9).map((at) => ({ kind: 'OTHER' as const, label: `D${at}`, date: { month: 1, day: at + 1 } })),
  }
  const [row] = await Array.fromAsync(readCsv(file([long])))
  expect(row!.draft).toEqual(inCsv(long))
})

test('no cell starts like a formula', () => {
  fc.assert(
    fc.property(exportedContact, (contact) => {
      for (const cell of (parse(writeCsvRows([contact])) as string[][]).flat()) expect(cell).not.toMatch(/^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/)
    }),
    { numRuns: 200 },
  )
})
