import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Ctx } from '../../src/core/ctx.ts'
import { execute, rows, send, sql } from '../../src/db/client.ts'
import { transaction } from '../../src/db/transaction.ts'
import { inTransaction } from '../../src/events/service.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

let kith: TestApp
let ada: Person

beforeAll(async () => {
  kith = await testApp()
})
afterAll(() => kith.close())
beforeEach(async () => {
  ada = await kith.signUp()
})

const rename = (ctx: Ctx, name: string) => execute(ctx, sql`UPDATE accounts SET name = ${name} WHERE "ownerId" = ${ada.ownerId}::uuid`)
const nameOf = async (ctx: Ctx = ada.ctx) => (await rows<{ name: string }>(ctx, sql`SELECT name FROM accounts WHERE "ownerId" = ${ada.ownerId}::uuid`))[0]?.name
const prismaNameOf = async ({ db }: Ctx) => (await db.account.findFirstOrThrow({ where: { ownerId: ada.ownerId } })).name

test('statements written by hand and those of Prisma are of one transaction', async () => {
  await inTransaction(ada.ctx, async (tx) => {
    await rename(tx, 'Written by hand')
    expect([await nameOf(tx), await prismaNameOf(tx)]).toEqual(['Written by hand', 'Written by hand'])
    expect(await nameOf()).not.toBe('Written by hand')
  })
  expect(await nameOf()).toBe('Written by hand')
})

test('what a failed transaction wrote by hand is gone', async () => {
  const before = await nameOf()
  const failing = inTransaction(ada.ctx, async (tx) => {
    await rename(tx, 'Never to be seen')
    throw new Error('Changed my mind.')
  })
  await expect(failing).rejects.toThrow('Changed my mind.')
  expect(await nameOf()).toBe(before)
})

test('transactions side by side keep to their own connections', async () => {
  const backends = await Promise.all(
    [1, 2, 3].map(() =>
      inTransaction(ada.ctx, async (tx) => {
        const pid = async () => (await rows<{ pid: number }>(tx, sql`SELECT pg_backend_pid() AS pid, pg_sleep(0.05)`))[0]?.pid
        const [first] = await tx.db.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`
        expect([await pid(), await pid()]).toEqual([first?.pid, first?.pid])
        return first?.pid
      }),
    ),
  )
  expect(new Set(backends).size).toBe(3)
})

test('a statement that comes after its transaction has timed out is refused and writes nothing', async () => {
  const before = await nameOf()
  let late: Promise<unknown> | undefined
  const slow = inTransaction(
    ada.ctx,
    async (tx) => {
      await rename(tx, 'In time')
      await sleep(400)
      late = rename(tx, 'Too late')
      await late
    },
    { timeoutMs: 100 },
  )
  await expect(slow).rejects.toThrow()
  await vi.waitUntil(() => late !== undefined)
  await expect(late).rejects.toThrow('The transaction of this statement is over.')
  expect(await nameOf()).toBe(before)
})

test('a statement that comes after its transaction has committed is refused', async () => {
  const kept = await inTransaction(ada.ctx, async (tx) => tx)
  await expect(rename(kept, 'Too late')).rejects.toThrow('The transaction of this statement is over.')
  expect(() => send(kept, sql`SELECT 1`)).toThrow('The transaction of this statement is over.')
  expect(() => send(ada.ctx, sql`SELECT 1`)).toThrow('The transaction of this statement is over.')
})

test('what is a large number to Prisma is one to statements written by hand', async () => {
  const of = (ctx: Ctx) =>
    rows(ctx, sql`SELECT 9007199254740993::bigint AS large, '\\x01'::bytea AS bytes, ARRAY['a', NULL] AS list, '{"a":1}'::jsonb AS json, now() AS at`)
  const [byHand, byPrisma] = await inTransaction(ada.ctx, async (tx) => [
    await of(tx),
    await tx.db.$queryRaw`SELECT 9007199254740993::bigint AS large, '\\x01'::bytea AS bytes, ARRAY['a', NULL] AS list, '{"a":1}'::jsonb AS json, now() AS at`,
  ])
  const plain = (row: unknown) => Object.entries((row as object[])[0]!).map(([name, value]) => [name, value instanceof Uint8Array ? [...value] : value])
  expect(plain(byHand)).toEqual(plain(byPrisma))
})

test('what was sent without waiting for it is written when the transaction has committed', async () => {
  await inTransaction(ada.ctx, async (tx) => send(tx, sql`UPDATE accounts SET name = 'Sent along' WHERE "ownerId" = ${ada.ownerId}::uuid`))
  expect(await nameOf()).toBe('Sent along')
})

test('what was sent and fails takes the whole transaction back, and its own error tells why', async () => {
  const before = await nameOf()
  const fails = (tx: Ctx) => send(tx, sql`SELECT 1 / (${ada.ownerId}::text = '')::int`)
  const divided = { code: '22012' }
  await expect(inTransaction(ada.ctx, async (tx) => fails(tx))).rejects.toMatchObject(divided)
  await expect(
    inTransaction(ada.ctx, async (tx) => {
      fails(tx)
      await rename(tx, 'Never to be seen')
    }),
  ).rejects.toMatchObject(divided)
  await expect(
    inTransaction(ada.ctx, async (tx) => {
      await rename(tx, 'Never to be seen')
      fails(tx)
    }),
  ).rejects.toMatchObject(divided)
  expect(await nameOf()).toBe(before)
})

test('a transaction in which a statement had failed does not pass for committed, whoever caught the error', async () => {
  const swallowing = transaction(kith.app.database, async (db) => {
    await db.$queryRaw`SELECT 1 / 0`.catch(() => {})
  })
  await expect(swallowing).rejects.toThrow('A transaction in which a statement had failed was rolled back.')
})

test('Prisma that is used after the time is over is refused too, and the connection is good for the next', async () => {
  let late: Promise<unknown> | undefined
  const slow = inTransaction(
    ada.ctx,
    async (tx) => {
      await prismaNameOf(tx)
      await sleep(400)
      late = tx.db.account.updateMany({ where: { ownerId: ada.ownerId }, data: { name: 'Too late' } })
      await late
    },
    { timeoutMs: 100 },
  )
  await expect(slow).rejects.toThrow('longer than 100 ms')
  await vi.waitUntil(() => late !== undefined)
  await expect(late).rejects.toThrow()
  expect(await nameOf()).not.toBe('Too late')
  expect(kith.app.database.pool.waitingCount).toBe(0)
  expect(kith.app.database.pool.idleCount).toBe(kith.app.database.pool.totalCount)
})

test('work that never ends is rolled back when its time is over, and gives its connection back', async () => {
  await expect(inTransaction(ada.ctx, () => new Promise(() => {}), { timeoutMs: 100 })).rejects.toThrow('longer than 100 ms')
  expect(kith.app.database.pool.idleCount).toBe(kith.app.database.pool.totalCount)
})

test('a backend that goes away fails the transaction that it carries, and nothing else', async () => {
  const { pool } = kith.app.database
  for (let times = 0; times < 3; times += 1) {
    const pid = Promise.withResolvers<number>()
    const cut = inTransaction(ada.ctx, async (tx) => {
      pid.resolve((await rows<{ pid: number }>(tx, sql`SELECT pg_backend_pid() AS pid`))[0]!.pid)
      await rows(tx, sql`SELECT pg_sleep(20)`)
    })
    cut.catch(() => {})
    await pool.query('SELECT pg_terminate_backend($1)', [await pid.promise])
    await expect(cut).rejects.toThrow()
  }
  expect(await nameOf()).toBeDefined()
  expect(pool.idleCount).toBe(pool.totalCount)
})

test('what was sent and failed before Prisma was asked is what is told, and is tried again where that may help', async () => {
  const attemptsAt = async (code: string) => {
    let attempts = 0
    const failing = inTransaction(ada.ctx, async (tx) => {
      attempts += 1
      if (attempts === 1 || code === '22012') send(tx, sql([`DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '${code}'; END $$`]))
      await prismaNameOf(tx)
    })
    const error = await failing.then(
      () => null,
      (reason: unknown) => (reason as { code: unknown }).code,
    )
    return { attempts, error }
  }
  expect(await attemptsAt('22012')).toEqual({ attempts: 1, error: '22012' })
  expect(await attemptsAt('40001')).toEqual({ attempts: 2, error: null })
})

test('one snapshot sees nothing of what others commit meanwhile', async () => {
  await transaction(
    kith.app.database,
    async (db) => {
      const tx = { ...ada.ctx, db }
      const before = await nameOf(tx)
      await rename(ada.ctx, 'Meanwhile')
      expect(await nameOf(tx)).toBe(before)
    },
    { isolation: 'REPEATABLE READ' },
  )
  expect(await nameOf()).toBe('Meanwhile')
})
