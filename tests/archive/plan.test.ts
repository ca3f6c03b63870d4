import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Prisma } from '../../src/db/generated/prisma/client.ts'
import { policies } from '../../src/domains.ts'
import { catalogue } from '../../src/policy/catalogue.ts'
import { exportPlan } from '../../src/policy/exportPlan.ts'
import type { AnyPolicy } from '../../src/policy/policy.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { fetchArchive, recordsIn, unpack } from './support.ts'

let kith: TestApp
beforeAll(async () => {
  kith = await testApp()
})
afterAll(() => kith.close())

const columnsOf = (model: string): string[] => Object.keys((Prisma as unknown as Record<string, object>)[`${model}ScalarFieldEnum`] ?? {})

test.each(['ACCESS', 'PORTABILITY', 'PERSON'] as const)('[S-19] for %s every column of every model is exported or left out for a reason', (scope) => {
  const plan = exportPlan(policies, scope)
  for (const model of Object.values(Prisma.ModelName)) {
    const planned = plan.models.find((each) => each.model === model)
    const omitted = plan.omitted.filter((each) => each.model === model)
    for (const { reason } of omitted) expect(reason.length, `${model} says why`).toBeGreaterThan(4)
    if (!planned) {
      expect(
        omitted.map(({ column }) => column),
        model,
      ).toEqual([null])
      continue
    }
    const told = [...planned.columns.map(({ name }) => name), ...omitted.map(({ column }) => column)]
    expect(told.toSorted(), model).toEqual(columnsOf(model).toSorted())
  }
})

test('[S-19] access leaves out of what is somebody’s only what its policy omits by name', () => {
  const plan = exportPlan(policies, 'ACCESS')
  for (const policy of Object.values(policies)) {
    if (typeof policy.export === 'object') continue
    for (const [name, rule] of Object.entries(policy.columns))
      expect(
        plan.models.some(({ model, columns }) => model === policy.model && columns.some((column) => column.name === name)),
        `${policy.model}.${name}`,
      ).toBe(typeof rule.export !== 'object')
  }
})

test('[F-06] no plan exports the secrets of a grant, a session or a token', () => {
  for (const scope of ['ACCESS', 'PORTABILITY', 'PERSON'] as const)
    for (const { model, columns } of exportPlan(policies, scope).models)
      expect(
        columns
          .filter(({ about }) => about === 'user.authorization')
          .map(({ name }) => `${model}.${name}`)
          .filter((name) => /token|hash|secret/i.test(name.split('.')[1] ?? '')),
      ).toEqual([])
})

test('[S-23] to take along there is only what was given, by consent or contract, and nothing inferred', () => {
  for (const { model, columns } of exportPlan(policies, 'PORTABILITY').models) {
    const policy: AnyPolicy = policies[model]
    for (const { name, about } of columns) {
      const rule = policy.columns[name]
      expect(['CONTRACT', 'CONSENT'], `${model}.${name}`).toContain(rule?.legalBasis ?? policy.legalBasis)
      if (!about.startsWith('system.')) expect(rule?.provenance, `${model}.${name}`).not.toBe('DERIVED')
    }
  }
})

test('[S-19] a model that gets a policy is in the plan and in the archive without a line about it', async () => {
  const { ContactAddressChange } = policies
  const changed = { ...policies, ContactAddressChange: { ...ContactAddressChange, export: 'AS_IS' } } as typeof policies
  const has = (all: typeof policies) => exportPlan(all, 'ACCESS').models.some(({ model }) => model === 'ContactAddressChange')
  expect([has(policies), has(changed)]).toEqual([false, true])
  const who = await kith.signUp()
  await kith.app.database.prisma.contactAddressChange.create({ data: { ownerId: who.ownerId, canonical: 'new@example.test' } })
  Object.assign(kith.app, { policies: changed })
  const files = await unpack(await fetchArchive(kith, who))
  Object.assign(kith.app, { policies })
  expect(recordsIn(files, 'ContactAddressChange')).toMatchObject([{ canonical: 'new@example.test' }])
  expect(files.has('data/schemas/ContactAddressChange.json')).toBe(true)
})

test('[S-19] an archive holds a file for each model of its plan, and its index names what is left out', async () => {
  const files = await unpack(await fetchArchive(kith, await kith.signUp()))
  const plan = exportPlan(policies, 'ACCESS')
  for (const { model, evidence } of plan.models) expect(files.has(`data/${evidence ? 'privacy' : 'records'}/${model}.ndjson`), model).toBe(true)
  const index = JSON.parse(String(files.get('data/index.json')))
  expect(index.omitted).toEqual(plan.omitted)
  expect(index.dataMap).toBe(plan.version)
})

/** A value of a column's kind that is nowhere else; null for what has no room for one. */
const canaryOf = (type: string): string | null => (type === 'String' ? `canary${randomUUID().replaceAll('-', '')}` : null)

test('[S-13] [S-19] every text of the exported columns of models that hang on no other is in the account’s archive, and none of another account’s', async () => {
  const [mine, theirs] = [await kith.signUp(), await kith.signUp()]
  const planted = new Map<string, Map<string, string>>()
  for (const who of [mine, theirs]) {
    const marks = new Map<string, string>()
    planted.set(who.ownerId, marks)
    // Rows of each model that hangs on nobody else, with a text of its own in each column that takes any.
    for (const { model, columns, holder } of exportPlan(policies, 'ACCESS').models) {
      if (holder || catalogue[model].pointsAt.length > 0 || ['Account', 'Session', 'Event', 'DirectoryRole'].includes(model)) continue
      const vault = await kith.app.vault.of(who.ownerId)
      const id = randomUUID()
      const closed = /^(kind|state|scope|status|outcome|mode|feature|resource|source|direction|format|every|followUpEvery|conference|role|origin|id)$/
      const row: Record<string, unknown> = { ownerId: who.ownerId }
      for (const { name, type, list, required } of catalogue[model].columns) {
        const rule = (policies[model] as AnyPolicy).columns[name]
        const exported = columns.some((column) => column.name === name)
        const uuid = type === 'String' && (name === 'id' || /Ids?$/.test(name))
        if (name === 'ownerId') continue
        const mark = exported && !uuid && !closed.test(name) && !list ? (rule?.sealed ? canaryOf('String') : canaryOf(type)) : null
        if (mark) {
          marks.set(`${model}.${name}`, mark)
          row[name] = rule?.sealed ? vault.seal(`${model}.${name}`, id, mark) : mark
        } else if (name === 'id') row[name] = id
        else if (closed.test(name) && required) row[name] = closedValues[`${model}.${name}`] ?? 'MANUAL'
        else if (required)
          row[name] = list
            ? []
            : uuid
              ? randomUUID()
              : {
                  String: randomUUID(),
                  Int: 1,
                  BigInt: 1n,
                  Boolean: true,
                  DateTime: new Date('2026-01-02T03:04:05Z'),
                  Json: {},
                  Bytes: Buffer.from(randomUUID()),
                  Float: 1,
                  Decimal: '1',
                }[type]
      }
      const delegate = (kith.app.database.prisma as unknown as Record<string, { create(args: object): Promise<unknown> }>)[
        `${model.charAt(0).toLowerCase()}${model.slice(1)}`
      ]!
      await delegate.create({ data: row })
    }
  }
  const files = await unpack(await fetchArchive(kith, mine))
  const everything = [...files.values()].join('\n')
  const own = planted.get(mine.ownerId)!
  expect(own.size).toBeGreaterThan(25)
  expect([...own].filter(([, mark]) => !everything.includes(mark)).map(([column]) => column)).toEqual([])
  expect([...planted.get(theirs.ownerId)!].filter(([, mark]) => everything.includes(mark)).map(([column]) => column)).toEqual([])
})

const closedValues: Readonly<Record<string, string>> = {
  'CalendarScheduling.conference': 'NONE',
  'ConsentRecord.source': 'API',
  'GmailAddress.role': 'FROM',
  'GmailMessage.state': 'KNOWN',
  'GmailMessage.direction': 'INBOUND',
  'GmailSelfAddress.origin': 'GOOGLE',
  'ConsentRecord.state': 'GIVEN',
  'CalendarScheduling.state': 'WAITING',
  'Delivery.kind': 'REMINDER',
  'Delivery.state': 'SENT',
  'Interaction.kind': 'CALL',
  'Interaction.direction': 'MUTUAL',
  'GoogleGrant.status': 'ACTIVE',
  'GoogleSyncState.feature': 'CONTACTS',
  'GoogleSyncState.resource': 'contacts',
  'GoogleSyncState.status': 'IDLE',
  'GoogleSyncRun.feature': 'CONTACTS',
  'GoogleSyncRun.resource': 'contacts',
  'GoogleSyncRun.mode': 'FULL',
  'GoogleSyncRun.outcome': 'SUCCEEDED',
  'Reminder.state': 'OPEN',
  'ImportRun.format': 'VCARD',
  'ImportRun.state': 'DONE',
}
