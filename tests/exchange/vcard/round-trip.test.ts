import fc from 'fast-check'
import ICAL from 'ical.js'
import { parse as parseVcard4 } from 'vcard4'
import { expect, test } from 'vitest'
import { readVcards } from '../../../src/exchange/vcard/read.ts'
import { type ExportedContact, writeVcard } from '../../../src/exchange/vcard/write.ts'
import { exportedContact } from '../../support/drafts.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** The texts of a contact that are components of N, ADR and ORG. */
function structuredTexts({ name, addresses, organizations }: ExportedContact) {
  return [name ?? {}, ...addresses, ...organizations].flatMap((value) => Object.values(value)).filter((text) => typeof text === 'string')
}

async function readOne(card: string) {
  const rows = await Array.fromAsync(readVcards([Buffer.from(card)]))
  expect(rows).toHaveLength(1)
  return rows[0]!
}

test('a contact written as a vCard is read back as it was', async () => {
  await fc.assert(
    fc.asyncProperty(exportedContact, async (contact) => {
      const { draft } = await readOne(writeVcard(contact))
      expect(draft).toEqual(contact)
    }),
    { numRuns: 600 },
  )
})

test('the text kept of a card reads as the card itself did', async () => {
  await fc.assert(
    fc.asyncProperty(exportedContact, async (contact) => {
      const first = await readOne(writeVcard(contact))
      const second = await readOne(first.text)
      expect(second.draft).toEqual(first.draft)
    }),
    { numRuns: 100 },
  )
})

test('other programs read what is written: ical.js agrees on every value', () => {
  fc.assert(
    fc.property(exportedContact, (contact) => {
      const [, properties] = ICAL.parse(writeVcard(contact)) as [string, [string, Record<string, string>, string, ...unknown[]][]]
      const values = (name: string) => properties.filter(([said]) => said === name).map(([, , , value]) => value)
      // ical.js takes `\\,` for an escaped comma and leaves `\;` as it is, so texts with a backslash or semicolon are not compared.
      const plain = (text: string) => !/[\\;]/.test(text)
      expect(values('version')).toEqual(['4.0'])
      expect((values('fn') as string[]).filter(plain)).toEqual([contact.displayName].filter(plain))
      if (contact.emails.every(({ address }) => plain(address))) expect(values('email')).toEqual(contact.emails.map(({ address }) => address))
      if (contact.about !== undefined && plain(contact.about)) expect(values('note')).toEqual([contact.about])
      expect(values('tel')).toHaveLength(contact.phones.length)
      expect(values('adr')).toHaveLength(contact.addresses.length)
    }),
    { numRuns: 200 },
  )
})

test('what is written keeps to RFC 6350 where a strict reader looks: vcard4 takes it', () => {
  fc.assert(
    // vcard4 takes these words for the start of another card wherever they stand, and a text between two quotation marks
    // for one component of a structured value, which RFC 6350 section 3.3 says of parameters only.
    fc.property(
      exportedContact.filter((contact) => !JSON.stringify(contact).includes('BEGIN:VCARD') && !structuredTexts(contact).some((text) => text.includes('"'))),
      (contact) => {
        expect(() => parseVcard4(writeVcard(contact))).not.toThrow()
      },
    ),
    { numRuns: 200 },
  )
})

test('lines are folded at 75 octets, between characters, and end with CR LF', () => {
  fc.assert(
    fc.property(exportedContact, (contact) => {
      const bytes = Buffer.from(writeVcard(contact))
      const lines = bytes.toString('latin1').split('\r\n')
      expect(lines.pop()).toBe('')
      for (const line of lines) {
        expect(line.length).toBeLessThanOrEqual(75)
        expect(line).not.toMatch(/[\r\n]/)
        expect(() => utf8.decode(Buffer.from(line, 'latin1'))).not.toThrow()
      }
    }),
    { numRuns: 200 },
  )
})
