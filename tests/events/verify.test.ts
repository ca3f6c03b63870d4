import { afterAll, beforeAll, expect, test } from 'vitest'
import fc from 'fast-check'
import { updateAccount } from '../../src/accounts/service.ts'
import { entryHash } from '../../src/events/service.ts'
import { verifyChains } from '../../src/events/verify.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

const length = 24
let kith: TestApp
let ada: Person
let others: Person[]

beforeAll(async () => {
  kith = await testApp()
  others = [await kith.signUp(), await kith.signUp()]
  ada = await kith.signUp()
  for (let seq = await lastSeq(); seq < length; seq += 1) await updateAccount(ada.ctx, { name: `Name ${seq}` })
  expect(await lastSeq()).toBe(length)
})
afterAll(() => kith.close())

const query = async (text: string, values: unknown[] = []) => (await kith.app.database.pool.query(text, values)).rows
const lastSeq = async () => Number((await query('SELECT max(seq) AS seq FROM events WHERE "ownerId" = $1', [ada.ownerId]))[0].seq)

/** Does something to Ada's chain, says where the check finds it, and puts everything back. */
async function found(tamper: () => Promise<unknown>): Promise<{ seq: number; fault: string } | null> {
  await query('CREATE TABLE kept_events AS TABLE events')
  await query('CREATE TABLE kept_heads AS TABLE event_heads')
  try {
    await tamper()
    const { faults, owners } = await verifyChains(kith.app)
    expect(owners).toBe(3)
    expect(faults.every((fault) => fault.ownerId === ada.ownerId)).toBe(true)
    const [first] = faults
    return first ? { seq: Number(first.seq), fault: first.fault } : null
  } finally {
    await query('TRUNCATE events, event_heads')
    await query('INSERT INTO events TABLE kept_events')
    await query('INSERT INTO event_heads TABLE kept_heads')
    await query('DROP TABLE kept_events, kept_heads')
  }
}
const set = (seq: number, assignment: string) => query(`UPDATE events SET ${assignment} WHERE "ownerId" = $1 AND seq = $2`, [ada.ownerId, seq])
const remove = (condition: string) => query(`DELETE FROM events WHERE "ownerId" = $1 AND ${condition}`, [ada.ownerId])
/** As somebody would who can write to the database and knows how entries are hashed. */
async function rehash(from: number, to: number): Promise<void> {
  const entries = await query('SELECT * FROM events WHERE "ownerId" = $1 ORDER BY seq', [ada.ownerId])
  for (const entry of entries.filter(({ seq }) => Number(seq) >= from && Number(seq) <= to)) {
    const previous = entries.find(({ seq }) => Number(seq) === Number(entry.seq) - 1)
    if (previous && Number(entry.seq) > from) entry.prevHash = previous.hash
    entry.hash = entryHash({ ...entry, seq: BigInt(entry.seq) })
    await query('UPDATE events SET hash = $3, "prevHash" = $4 WHERE "ownerId" = $1 AND seq = $2', [ada.ownerId, entry.seq, entry.hash, entry.prevHash])
  }
}
const forAny = (what: (seq: number) => Promise<unknown>, { min = 1, max = length } = {}) =>
  fc.assert(
    fc.asyncProperty(fc.integer({ min, max }), async (seq) => void (await what(seq))),
    { numRuns: 8 },
  )

test('chains as they were written are without fault', async () => {
  expect(await verifyChains(kith.app)).toEqual({ owners: 3, entries: length + 2 * 3, faults: [] })
  expect(await verifyChains(kith.app, others[0]!.ownerId)).toMatchObject({ owners: 1, faults: [] })
})

test('a change of any column of any entry is found there', async () => {
  const changes = ['at = at + interval \'1 millisecond\'', `actor = 'user:someone'`, `"requestId" = 'x'`, `type = 'account.renamed'`, `"entityType" = 'Contact'`, `"entityId" = '${crypto.randomUUID()}'`, `changed = array_append(changed, 'x')`, `hash = sha256('x')`, `"prevHash" = sha256('x')`] // prettier-ignore
  for (const [index, change] of changes.entries()) {
    const seq = 1 + ((index * 7) % length)
    expect(await found(() => set(seq, change)), change).toEqual({ seq, fault: 'changed' })
  }
  await forAny(async (seq) => expect(await found(() => set(seq, `type = 'note.created'`))).toEqual({ seq, fault: 'changed' }))
})

test('a change with a hash made to fit is found there', async () => {
  await forAny(async (seq) => {
    const tampered = await found(async () => {
      await set(seq, `type = 'note.created'`)
      await rehash(seq, seq)
    })
    expect(tampered).toEqual({ seq, fault: 'changed' })
  })
})

test('a change with every later entry made to fit is found at the end, which cannot be made to fit', async () => {
  await forAny(async (seq) => {
    const rewrite = async () => {
      await set(seq, `type = 'note.created'`)
      await rehash(seq, length)
    }
    expect(await found(rewrite)).toEqual({ seq: length, fault: 'changed' })
    const withHead = async () => {
      await rewrite()
      await query('UPDATE event_heads SET hash = (SELECT hash FROM events WHERE "ownerId" = $1 AND seq = $2) WHERE "ownerId" = $1', [ada.ownerId, length])
    }
    expect(await found(withHead)).toEqual({ seq: length + 1, fault: 'end' })
  })
})

test('entries that were removed are missed where they were', async () => {
  await forAny(async (seq) => expect(await found(() => remove(`seq = ${seq}`))).toEqual({ seq, fault: 'missing' }))
  expect(await found(() => remove('seq BETWEEN 5 AND 9'))).toEqual({ seq: 5, fault: 'missing' })
  expect(await found(() => remove('true'))).toEqual({ seq: 1, fault: 'missing' })
})

test('entries that were removed and the later ones numbered anew are missed where they were', async () => {
  await forAny(
    async (seq) => {
      const closed = async () => {
        await remove(`seq = ${seq}`)
        for (let later = seq + 1; later <= length; later += 1) await set(later, 'seq = seq - 1')
      }
      expect(await found(closed)).toEqual({ seq, fault: 'changed' })
    },
    { max: length - 1 },
  )
})

test('entries that changed places are found at the first of them', async () => {
  await forAny(
    async (seq) => {
      const swap = async () => {
        await set(seq, 'seq = 1000')
        await set(seq + 1, `seq = ${seq}`)
        await set(1000, `seq = ${seq + 1}`)
      }
      expect(await found(swap)).toEqual({ seq, fault: 'changed' })
    },
    { max: length - 1 },
  )
})

test('an end that was cut off is missed where it began, the head moved along or not', async () => {
  await forAny(
    async (seq) => {
      expect(await found(() => remove(`seq > ${seq}`))).toEqual({ seq: seq + 1, fault: 'missing' })
      const withHead = async () => {
        await remove(`seq > ${seq}`)
        await query('UPDATE event_heads SET seq = $2, hash = (SELECT hash FROM events WHERE "ownerId" = $1 AND seq = $2) WHERE "ownerId" = $1', [
          ada.ownerId,
          seq,
        ])
      }
      expect(await found(withHead)).toEqual({ seq: seq + 1, fault: 'end' })
    },
    { max: length - 1 },
  )
})

test('an entry that was added, a head that is gone and a chain that is gone are found', async () => {
  const add = async () => {
    await query(
      `INSERT INTO events SELECT "ownerId", seq + 1, at, actor, "requestId", type, "entityType", "entityId", changed, hash, hash FROM events WHERE "ownerId" = $1 AND seq = $2`,
      [ada.ownerId, length],
    )
    await rehash(length + 1, length + 1)
  }
  expect(await found(add)).toEqual({ seq: length + 1, fault: 'changed' })
  expect(await found(() => query('DELETE FROM event_heads WHERE "ownerId" = $1', [ada.ownerId]))).toEqual({ seq: length + 1, fault: 'end' })
  const all = async () => {
    await remove('true')
    await query('DELETE FROM event_heads WHERE "ownerId" = $1', [ada.ownerId])
  }
  expect(await found(all)).toEqual({ seq: 1, fault: 'missing' })
})

test('chains written under an earlier master key stand after a rotation', async () => {
  const rotated = await testApp({ databases: kith.databases, secrets: { masterKeys: [Buffer.alloc(32, 3), ...kith.app.secrets.masterKeys] } })
  expect((await verifyChains(rotated.app)).faults).toEqual([])
  await rotated.close()
})
