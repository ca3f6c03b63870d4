import emailAddresses from 'email-addresses'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalizeEmail } from '../../src/contacts/normalize.ts'
import { readAddresses } from '../../src/gmail/addresses.ts'
import { foldChanges } from '../../src/gmail/changes.ts'
import { readMessage } from '../../src/gmail/message.ts'
import type { Known } from '../../src/gmail/mirror.ts'
import { readBatch, writeBatch } from '../../src/gmail/multipart.ts'
import { batchesOf, planParts, type Wanted } from '../../src/gmail/plan.ts'
import { decodeWords } from '../../src/gmail/words.ts'

describe('the addresses of a header', () => {
  const read = (header: string) => readAddresses(header).addresses.map(({ normalized, name }) => [normalized, name])

  test.each<[string, [string, string | null][]]>([
    ['ada@example.test', [['ada@example.test', null]]],
    ['Ada Example <Ada@Example.test>', [['ada@example.test', 'Ada Example']]],
    [
      '"Example, Ada" <ada@example.test>, bob@example.test',
      [
        ['ada@example.test', 'Example, Ada'],
        ['bob@example.test', null],
      ],
    ],
    [
      'Friends: ada@example.test, Bob <bob@example.test>;, eve@example.test',
      [
        ['ada@example.test', null],
        ['bob@example.test', 'Bob'],
        ['eve@example.test', null],
      ],
    ],
    ['undisclosed-recipients:;', []],
    ['=?iso-8859-1?Q?Andr=E9?= <andre@example.test>', [['andre@example.test', 'André']]],
    ['=?utf-8?Q?Doe=2C_Jane?= <jane@example.test>', [['jane@example.test', 'Doe, Jane']]],
    ['"=?utf-8?B?xIRkYQ==?=" <ada@example.test>', [['ada@example.test', 'Ąda']]],
    ['ada@example.test <ada@example.test>', [['ada@example.test', null]]],
    ["'ada@example.test' <ada@example.test>", [['ada@example.test', null]]],
    ['"eve@evil.test" <ada@example.test>', [['ada@example.test', 'eve@evil.test']]],
    ['ADA@example.test, Ada <ada@EXAMPLE.test>', [['ada@example.test', 'Ada']]],
    ['Ada <ada@example.test', [['ada@example.test', 'Ada']]],
    ['"a b"@example.test', [['"a b"@example.test', null]]],
    ['ada@bücher.example', [['ada@xn--bcher-kva.example', null]]],
  ])('%s', (header, wanted) => {
    expect(read(header)).toEqual(wanted)
  })

  test('that are none are left out and counted, and take no other with them', () => {
    expect(readAddresses('nobody, @, ada@example.test, a@b@c, <>')).toMatchObject({ addresses: [{ normalized: 'ada@example.test' }], dropped: 3 })
  })

  test('are 200 at most, and so much of a header is read', () => {
    const all = Array.from({ length: 300 }, (_, number) => `p${number}@example.test`)
    expect(readAddresses(all.join(', '))).toMatchObject({ addresses: { length: 200 }, dropped: 100 })
    const long = readAddresses(`${'x'.repeat(300)} <a@example.test>, `.repeat(200))
    expect(long.addresses).toHaveLength(1)
    expect(long.dropped).toBe(1)
  })

  test('never fail to be read, whatever a header holds', () => {
    for (const piece of ['(', '"', '<', 'a:', 'a,', '=?utf-8?q?', ' <a', '\\', 'a@']) {
      expect(readAddresses(piece.repeat(8000)).addresses).toEqual([])
      decodeWords(piece.repeat(8000))
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        readAddresses(text)
        decodeWords(text)
      }),
      { numRuns: 100 },
    )
  })

  test('are those that a strict reader of RFC 5322 finds', () => {
    const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}$/)
    const address = fc.tuple(word, word).map(([local, domain]) => `${local}@${domain}.test`)
    const comment = fc.option(
      word.map((text) => `(${text})`),
      { nil: '' },
    )
    const mailbox = fc.oneof(
      fc.tuple(address, comment).map(([one, note]) => `${one} ${note}`),
      fc.tuple(word, word, address).map(([given, family, one]) => `${given} ${family} <${one}>`),
      fc.tuple(fc.stringMatching(/^[A-Za-z ,;:.<>@()]{0,12}$/), address).map(([name, one]) => `"${name}" <${one}>`),
    )
    const header = fc
      .array(
        fc.oneof(
          mailbox,
          fc.tuple(word, fc.array(mailbox, { maxLength: 3 })).map(([name, members]) => `${name}: ${members.join(', ')};`),
        ),
        { minLength: 1, maxLength: 4 },
      )
      .map((entries) => entries.join(', '))
    fc.assert(
      fc.property(header, (text) => {
        const strict = emailAddresses({ input: text, rfc6532: true })?.addresses.flatMap((each) => (each.type === 'group' ? each.addresses : [each]))
        fc.pre(strict !== undefined)
        expect(new Set(readAddresses(text).addresses.map(({ normalized }) => normalized))).toEqual(
          new Set(strict!.map((each) => normalizeEmail(each.address)!.normalized)),
        )
      }),
      { numRuns: 200 },
    )
  })
})

test.each([
  ['plain', 'plain'],
  ['=?UTF-8?B?SGVsbG8=?=', 'Hello'],
  ['=?utf-8?Q?a=5Fb_c?= d', 'a_b c d'],
  ['=?utf-8?B?4pw=?= =?utf-8?B?kw==?=', '✓'],
  ['=?utf-8?Q?one?=\r\n =?utf-8?Q?two?= three', 'onetwo three'],
  ['=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=', '日本'],
  ['=?utf-8*en?Q?tagged?=', 'tagged'],
  ['=?unknown-8bit?Q?a=E9?=', '=?unknown-8bit?Q?a=E9?='],
  ['a =? b ?= c', 'a =? b ?= c'],
])('encoded words are decoded: %s', (written, wanted) => {
  expect(decodeWords(written)).toBe(wanted)
})

test('of a message only what is needed is kept, and of a draft nothing but its id', () => {
  const json = {
    id: 'm',
    threadId: 't',
    internalDate: '1000',
    historyId: '12345678901234567890123',
    payload: {
      headers: [
        { name: 'From', value: 'ada@example.test' },
        { name: 'X-Other', value: 'secret' },
      ],
    },
  }
  const kept = readMessage({ ...json, labelIds: ['SENT', 'INBOX', 'Label_7', 'UNREAD'] })
  expect(JSON.stringify(kept)).not.toContain('secret')
  expect(kept).toMatchObject({
    labels: ['SENT'],
    hidden: false,
    historyId: '12345678901234567890123',
    participants: [{ role: 'FROM', normalized: 'ada@example.test' }],
  })
  expect(readMessage({ ...json, labelIds: ['DRAFT'] })).toMatchObject({ hidden: true, participants: [], subject: null })
})

test('dates that no calendar has do not fail', () => {
  for (const internalDate of [undefined, '', 'x', '-5', '99999999999999999999'])
    expect(readMessage({ id: 'm', threadId: 't', labelIds: [], internalDate, historyId: '1' }).at.getTime()).toBeGreaterThanOrEqual(0)
})

describe('a plan', () => {
  const wanted = (...ids: string[]): Wanted[] => ids.map((id) => ({ id, threadId: id.slice(0, 1), attempts: 0 }))
  const now = { getMessage: 20, getThread: 40 }

  test('fetches a conversation at once where that costs no more than its messages', () => {
    expect(planParts(wanted('a1', 'b1', 'a2', 'c1', 'c2', 'c3'), now).map(({ kind, id, units }) => [kind, id, units])).toEqual([
      ['thread', 'a', 40],
      ['message', 'b1', 20],
      ['thread', 'c', 40],
    ])
    expect(planParts(wanted('a1', 'a2'), { getMessage: 5, getThread: 11 }).map(({ kind }) => kind)).toEqual(['message', 'message'])
  })

  test('asks for a message itself once its conversation did not bring it', () => {
    const [one, two] = wanted('a1', 'a2')
    expect(planParts([{ ...one!, attempts: 1 }, two!], now).map(({ id }) => id)).toEqual(['a1', 'a2'])
  })

  test('makes batches that are neither too long nor too dear, and loses nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-e][0-9]{1,2}$/)), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 40, max: 500 }), (ids, size, units) => {
        const distinct = [...new Set(ids)]
        const batches = batchesOf(planParts(wanted(...distinct), now), { size, units })
        expect(
          batches
            .flat(1)
            .flatMap((part) => part.wanted.map(({ id }) => id))
            .toSorted(),
        ).toEqual(distinct.toSorted())
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(size)
          expect(batch.reduce((sum, part) => sum + part.units, 0)).toBeLessThanOrEqual(units)
        }
      }),
    )
  })
})

describe('the answer to a batch', () => {
  const part = (place: number, body: string, status = 200): string =>
    `Content-Type: application/http\r\nContent-ID: <response-part-${place}>\r\n\r\nHTTP/1.1 ${status} OK\r\nContent-Type: application/json\r\n\r\n${body}\r\n`
  const whole = (...parts: string[]): string => `${parts.map((each) => `--b\r\n${each}`).join('')}--b--\r\n`

  test('is read by the names of its parts, not their order', () => {
    const answers = readBatch('multipart/mixed; boundary=b', whole(part(2, 'two'), part(0, 'zero'), part(1, 'one', 404)))
    expect([...answers].map(([place, { status, body }]) => [place, status, body.trim()])).toEqual([
      [2, 200, 'two'],
      [0, 200, 'zero'],
      [1, 404, 'one'],
    ])
  })

  test('that is cut off lacks its last part and no other', () => {
    const text = whole(part(0, 'zero'), part(1, 'one'))
    expect([...readBatch('multipart/mixed; boundary="b"', text.slice(0, -8)).keys()]).toEqual([0])
    expect([...readBatch('multipart/mixed; boundary=b', '<html>').keys()]).toEqual([])
    expect([...readBatch('text/html', text).keys()]).toEqual([])
  })

  test('to what is asked holds a part each', () => {
    const { contentType, body } = writeBatch(['/a', '/b'])
    expect(contentType).toMatch(/^multipart\/mixed; boundary=/)
    expect(body.match(/^GET \/[ab] HTTP\/1\.1\r$/gm)).toHaveLength(2)
    expect(body.replaceAll('\r\n', '')).not.toContain('\n')
  })
})

describe('changes', () => {
  const known = (over: Partial<Known> = {}): Map<string, Known> =>
    new Map([['m', { id: 'm', threadId: 't', state: 'KNOWN', labels: [], historyId: '100', ...over }]])
  const change = (kind: 'added' | 'deleted' | 'labelled' | 'unlabelled', historyId: number, ...labels: string[]) => ({
    id: 'm',
    threadId: 't',
    kind,
    labels,
    historyId: String(historyId),
  })
  const none = new Set<string>()

  test('that a message is newer than change nothing', () => {
    expect(foldChanges([change('labelled', 90, 'TRASH')], known(), none)).toEqual({ wanted: [], deleted: [], relabelled: [] })
    expect(foldChanges([change('labelled', 110, 'TRASH')], known(), none).relabelled).toMatchObject([{ state: 'HIDDEN' }])
  })

  test('are taken in the order of their numbers, also beyond what JavaScript counts to', () => {
    const [earlier, later] = ['9007199254740993', '9007199254740995']
    const changes = [
      { ...change('unlabelled', 0, 'TRASH'), historyId: later! },
      { ...change('labelled', 0, 'TRASH'), historyId: earlier! },
    ]
    expect(foldChanges(changes, known(), none).wanted).toEqual([{ id: 'm', threadId: 't' }])
  })

  test('of what was deleted bring nothing back', () => {
    expect(foldChanges([change('added', 200), change('unlabelled', 201, 'TRASH')], known({ state: 'GONE' }), none).wanted).toEqual([])
    expect(foldChanges([change('deleted', 200), change('added', 201)], known(), none)).toMatchObject({ wanted: [], deleted: [{ id: 'm' }] })
  })

  test('of drafts, chats, spam and trash that nothing is known of queue nothing', () => {
    for (const label of ['DRAFT', 'CHAT', 'SPAM', 'TRASH']) expect(foldChanges([change('added', 200, label)], new Map(), none).wanted).toEqual([])
    expect(foldChanges([change('added', 200, 'INBOX')], new Map(), none).wanted).toHaveLength(1)
  })
})
