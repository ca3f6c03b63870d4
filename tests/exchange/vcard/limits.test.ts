import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readVcards, type VcardRow } from '../../../src/exchange/vcard/read.ts'
import { cardFile, cardText } from '../../support/cards.ts'

const read = (...chunks: (string | Uint8Array)[]): Promise<VcardRow[]> => Array.fromAsync(readVcards(chunks.map((chunk) => Buffer.from(chunk as string))))
const good = 'BEGIN:VCARD\nFN:Bo\nEND:VCARD\n'

test.each([
  ['larger than 5 MB, in one line', `BEGIN:VCARD\nNOTE:${'x'.repeat(5_000_001)}\nEND:VCARD\n`, 'The card is larger than 5 MB.'],
  ['larger than 5 MB, folded', `BEGIN:VCARD\nNOTE:x\n${` ${'y'.repeat(99)}\n`.repeat(50_000)}END:VCARD\n`, 'The card is larger than 5 MB.'],
  ['of more than 100,000 lines', `BEGIN:VCARD\nNOTE:x\n${' y\n'.repeat(100_000)}END:VCARD\n`, 'The card has more than 100,000 lines.'],
  ['of more than 1,000 properties', `BEGIN:VCARD\n${'TEL:1\n'.repeat(1_001)}END:VCARD\n`, 'The card has more than 1,000 properties.'],
])('a card %s is a row with a reason, and its neighbours go in', async (_name, card, reason) => {
  const rows = await read(good, card, good)
  expect(rows.map((row) => row.reason)).toEqual([undefined, reason, undefined])
  expect(rows[1]!.text.length).toBeLessThan(25_000)
})

test('a card within the limits goes in: a picture of more than 3 MB, 1,000 properties', async () => {
  const picture = Buffer.alloc(3_600_000, 7)
  const [first, second] = await read(
    `BEGIN:VCARD\nFN:Bo\nPHOTO;ENCODING=b:${picture.toString('base64').replace(/.{74}/g, '$&\n ')}\nEND:VCARD\n`,
    `BEGIN:VCARD\n${'TEL:1\n'.repeat(1_000)}END:VCARD\n`,
  )
  expect(first!.draft!.photo).toEqual({ bytes: new Uint8Array(picture) })
  expect(second!.draft!.phones).toHaveLength(1_000)
})

test('20,000 cards are read one at a time: what is held does not grow with the file', async () => {
  let taken = 0
  let furthest = 0
  const watched = (function* () {
    for (const chunk of cardFile(20_000)) {
      taken += chunk.length
      yield chunk
    }
  })()
  let read = 0
  let cards = 0
  for await (const row of readVcards(watched)) {
    expect(row.reason).toBeUndefined()
    read += Buffer.byteLength(cardText(row.index))
    cards++
    // Bytes that have been taken from the file but not handed on as cards yet.
    furthest = Math.max(furthest, taken - read)
  }
  expect(cards).toBe(20_000)
  expect(read).toBe(taken)
  expect(furthest).toBeLessThan(80_000)
})

test('what has been read of a card is the same however the file is cut into chunks', async () => {
  const bytes = Buffer.from([0, 1, 2, 3, 4, 5, 6, 7, 20].map((number) => cardText(number)).join(''))
  const whole = await read(bytes)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 40 }), async (sizes) => {
      const chunks: Buffer[] = []
      for (let start = 0, turn = 0; start < bytes.length; turn++) {
        const size = sizes[turn % sizes.length]!
        chunks.push(bytes.subarray(start, start + size))
        start += size
      }
      expect(await read(...chunks)).toEqual(whole)
    }),
    { numRuns: 30 },
  )
})

test('whatever the bytes are, reading ends and does not throw', async () => {
  const pieces = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom(
        'BEGIN:VCARD\r\n',
        'END:VCARD\r\n',
        'VERSION:2.1\n',
        'AGENT:\n',
        'AGENT:BEGIN:VCARD\n',
        'N;ENCODING=QUOTED-PRINTABLE:=C3=',
        'PHOTO;BASE64:',
        'item1.X-ABLabel:',
        'TEL;X-A(=4',
        'FN;"',
        'A;B="',
        '\r',
        '\n ',
        '=\n',
        ';',
        ':',
        ',',
        '\\',
        '\ufeff',
        'X-ABDATE:1',
        'ADR;LABEL="',
        'BDAY:--',
      )
      .map((text) => Buffer.from(text)),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(pieces, { maxLength: 40 }), async (chunks) => {
      for (const row of await read(...chunks)) expect(row.draft ?? row.reason).toBeDefined()
    }),
    { numRuns: 2_000 },
  )
})

test('a card damaged at any place neither throws nor takes its neighbour with it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(400),
      fc.array(fc.tuple(fc.nat(2_000), fc.integer({ min: 0x20, max: 0xff })), { minLength: 1, maxLength: 10 }),
      async (number, changes) => {
        const damaged = Buffer.from(cardText(number))
        const start = damaged.indexOf('\n') + 1
        const end = damaged.indexOf('END:VCARD') - 2
        for (const [at, byte] of changes) damaged[start + (at % (end - start))] = byte
        const rows = await read(damaged, good)
        expect(rows).toHaveLength(2)
        expect(rows.at(-1)!.draft).toMatchObject({ displayName: 'Bo' })
      },
    ),
    { numRuns: 500 },
  )
})

test('cost grows with the size, not its square: awkward megabytes are read', async () => {
  const megabytes = 2_000_000
  const awkward = [
    `BEGIN:VCARD\nNOTE;ENCODING=QUOTED-PRINTABLE:${'=\n'.repeat(40_000)}END:VCARD\n`,
    `BEGIN:VCARD\nNOTE:${'\\'.repeat(megabytes)}\nEND:VCARD\n`,
    `BEGIN:VCARD\nN:${';'.repeat(megabytes)}\nEND:VCARD\n`,
    `BEGIN:VCARD\nCATEGORIES:${','.repeat(megabytes)}\nEND:VCARD\n`,
    `BEGIN:VCARD\nTEL;${'"'.repeat(megabytes)}:1\nEND:VCARD\n`,
    `BEGIN:VCARD\nTEL;${'A;'.repeat(megabytes / 2)}:1\nEND:VCARD\n`,
    `BEGIN:VCARD\nFN:${' '.repeat(megabytes)}x\nEND:VCARD\n`,
    `BEGIN:VCARD\nFN:${'\\n '.repeat(megabytes / 3)}x\nEND:VCARD\n`,
    `BEGIN:VCARD\nBDAY:${'-'.repeat(megabytes)}\nEND:VCARD\n`,
    `BEGIN:VCARD\nAGENT:\n${'BEGIN:VCARD\nAGENT:\n'.repeat(40_000)}`,
    `BEGIN:VCARD\n${'AGENT:BEGIN:VCARD\n'.repeat(90_000)}`,
    '\r'.repeat(megabytes),
    'x'.repeat(megabytes),
  ]
  for (const file of awkward) for (const row of await read(file)) expect(row.draft ?? row.reason).toBeDefined()
}, 60_000)
