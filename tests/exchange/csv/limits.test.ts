import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCsv } from '../../../src/exchange/csv/read.ts'

const read = (...chunks: (string | Uint8Array)[]) => Array.fromAsync(readCsv(chunks.map((chunk) => Buffer.from(chunk as string))))

test('whatever the bytes are, reading ends and does not throw', async () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom(
        'First Name,E-mail 1 - Value,Labels\n',
        'E-mail 1 - Label',
        '"',
        '""',
        ',',
        ';',
        '\t',
        '\r',
        '\n',
        ' ::: ',
        '* ',
        "'=",
        'sep=;\n',
        '\ufeff',
        '\\e',
        'Birthday',
        '0/0/00',
      )
      .map((text) => Buffer.from(text)),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (chunks) => {
      for (const row of await read(...chunks)) expect(row.draft ?? row.reason).toBeDefined()
    }),
    { numRuns: 2_000 },
  )
})

test('what is read is the same however the file is cut into chunks', async () => {
  const bytes = Buffer.from('First Name,Notes,E-mail 1 - Value\r\nZoë,"a ""b""\r\nc",z@example.test\r\n\r\n"山",,\r\nBo,"d,e",\n')
  const whole = await read(bytes)
  expect(whole).toHaveLength(3)
  for (let size = 1; size < bytes.length; size++) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
    expect(await read(...chunks)).toEqual(whole)
  }
})

test('20,000 lines are read one at a time: what is held does not grow with the file', async () => {
  const line = (number: number) => `Person,${number},"person${number}@example.test","of a note, ""long"" enough"\r\n`
  let taken = 0
  let given = 0
  let furthest = 0
  const chunks = (function* () {
    yield Buffer.from('First Name,Last Name,E-mail Address,Notes\r\n')
    for (let start = 0; start < 20_000; start += 500) {
      const chunk = Buffer.from(Array.from({ length: 500 }, (_, at) => line(start + at)).join(''))
      taken += chunk.length
      yield chunk
    }
  })()
  for await (const row of readCsv(chunks)) {
    expect(row.draft?.name?.family).toBe(String(row.index))
    given += line(row.index).length
    furthest = Math.max(furthest, taken - given)
  }
  expect(given).toBe(taken)
  expect(furthest).toBeLessThan(80_000)
})

test('cost grows with the size, not its square: awkward megabytes are read', async () => {
  const head = 'First Name,Labels,E-mail 1 - Value,Notes\n'
  const unique = Array.from({ length: 60_000 }, (_, at) => `t${at}`)
  const awkward = [
    `${head}${'z","\n'.repeat(100_000)}`,
    `${head}${'"\n'.repeat(100_001)}`,
    `${head}Bo,${unique.join(' ::: ')},,\n`,
    `${head}Bo,${unique.join(';')},,\n`,
    `${head}Bo,,${unique.join(' ::: ')},\n`,
    `${head}Bo${','.repeat(900_000)}\n`,
    `${head}Bo,,,${' '.repeat(900_000)}x\n`,
    ','.repeat(4_000_000),
    '\n'.repeat(4_000_000),
  ]
  for (const file of awkward) for (const row of await read(file)) expect(row.draft ?? row.reason).toBeDefined()
}, 60_000)
