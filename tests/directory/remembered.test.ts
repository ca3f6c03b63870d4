import { expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import type { Notices } from '../../src/db/notices.ts'
import { remember } from '../../src/db/remembered.ts'

const second = 1000

/** A memory, the clock it goes by, and the notices it hears. */
function made(options: { max?: number; lifeMs?: number | null } = {}) {
  const clock = fixedClock('2027-03-01T12:00:00Z')
  let era: number | null = 1
  const hearers: ((ids: readonly string[]) => void)[] = []
  const notices: Notices = {
    start: async () => {},
    stop: async () => {},
    era: () => era,
    onNotice: (hear) => void hearers.push(hear),
    hear: (ids) => hearers.forEach((each) => each(ids)),
  }
  const memory = remember<{ id: string; owner: string }>(
    { notices, clock },
    { max: 100, lifeMs: 300 * second, tagsOf: ({ id, owner }) => [id, owner], ...options },
  )
  let reads = 0
  const read = (key = 'a', owner = 'ada') => memory.of(key, async () => ((reads += 1), { id: key, owner }))
  return { clock, notices, memory, read, setEra: (next: number | null) => (era = next), reads: () => reads }
}

test('while notices are heard it is relied on without asking, up to its longest life', async () => {
  const { clock, read, reads } = made()
  await read()
  clock.advance({ seconds: 299 })
  await read()
  expect(reads()).toBe(1)
  clock.advance({ seconds: 1 })
  await read()
  expect(reads()).toBe(2)
})

test('while none are heard it is relied on for less than a second', async () => {
  const { clock, read, reads, setEra } = made()
  setEra(null)
  await read()
  clock.advance({ milliseconds: 899 })
  await read()
  expect(reads()).toBe(1)
  clock.advance({ milliseconds: 1 })
  await read()
  expect(reads()).toBe(2)
})

test('what was read before a gap is not relied on after it, although notices are heard again', async () => {
  const { clock, read, reads, setEra } = made()
  await read()
  setEra(null)
  setEra(2)
  clock.advance({ seconds: 1 })
  await read()
  expect(reads()).toBe(2)
  clock.advance({ seconds: 100 })
  await read()
  expect(reads()).toBe(2)
})

test('what was read while none were heard is not relied on longer because they are heard now', async () => {
  const { clock, read, reads, setEra } = made()
  setEra(null)
  await read()
  setEra(1)
  clock.advance({ seconds: 1 })
  await read()
  expect(reads()).toBe(2)
})

test('a notice of any of its ids makes an end of it, and of nothing else', async () => {
  const { notices, read, reads } = made()
  for (const [key, owner] of [['a', 'ada'], ['b', 'ada'], ['c', 'bea']] as const) await read(key, owner) // prettier-ignore
  notices.hear(['a'])
  await read('b')
  expect(reads()).toBe(3)
  await read('a')
  expect(reads()).toBe(4)
  notices.hear(['ada'])
  await read('c', 'bea')
  expect(reads()).toBe(4)
  await read('a')
  await read('b')
  expect(reads()).toBe(6)
})

test('what a notice told of while it was being read is not remembered', async () => {
  const { notices, memory, read, reads } = made()
  await memory.of('a', async () => {
    notices.hear(['ada'])
    return { id: 'a', owner: 'ada' }
  })
  expect(memory.get('a')).toBeUndefined()
  await read()
  expect(reads()).toBe(1)
})

test('a clock that was set back brings nothing back', async () => {
  const { clock, read, reads } = made()
  await read()
  clock.advance({ seconds: -1 })
  await read()
  expect(reads()).toBe(2)
})

test('what is pushed out leaves no trace', async () => {
  const { notices, memory, read } = made({ max: 2 })
  for (const key of ['a', 'b', 'c']) await read(key)
  expect([memory.get('a'), memory.get('c')]).toEqual([undefined, { id: 'c', owner: 'ada' }])
  notices.hear(['a', 'ada'])
  expect(memory.get('c')).toBeUndefined()
})

test('what never changes is relied on until a notice ends it', async () => {
  const { clock, notices, memory, read, reads, setEra } = made({ lifeMs: null })
  await read()
  setEra(null)
  clock.advance({ hours: 1000 })
  await read()
  expect(reads()).toBe(1)
  notices.hear(['ada'])
  expect(memory.get('a')).toBeUndefined()
})
