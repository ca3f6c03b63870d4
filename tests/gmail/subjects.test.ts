import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { updateAccount } from '../../src/accounts/service.ts'
import { createToken } from '../../src/tokens/service.ts'
import { movableClock } from '../google/support.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { type MailOwner, mailOwner } from './support.ts'

const clock = movableClock()
const logged: string[] = []
const statements: string[] = []
let kith: WebApp

beforeAll(async () => {
  kith = await webApp({ clock, log: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }), onQuery: (text) => statements.push(text) })
})
afterAll(() => kith.close())

/** The subjects that are stored, opened: of the mirror and of the interactions. */
async function storedOf({ ctx, ownerId }: MailOwner): Promise<string[]> {
  const vault = await ctx.app.vault.of(ownerId)
  const messages = await ctx.db.gmailMessage.findMany({ where: { ownerId } })
  const interactions = await ctx.db.interaction.findMany({ where: { ownerId } })
  return [
    ...messages.flatMap(({ id, subject }) => vault.openMaybe('GmailMessage.subject', id, subject) ?? []),
    ...interactions.flatMap(({ id, subject }) => vault.openMaybe('Interaction.subject', id, subject) ?? []),
  ].toSorted()
}

test('[F-09] subjects are neither asked for nor stored unless the owner wants them; then those of known mail come in, and go at once when they do not any more', async () => {
  const owner = await mailOwner(kith)
  await owner.contact('Ada', 'ada@example.test')
  owner.deliver({ from: 'ada@example.test', subject: '=?utf-8?Q?First_=E2=9C=93?=' })
  owner.deliver({ from: 'stranger@example.test', subject: 'Second' })
  owner.deliver({ from: 'ada@example.test' })
  await owner.sync()
  expect(await storedOf(owner)).toEqual([])

  const { token } = await createToken(
    { ...owner.ctx, actor: { kind: 'user', ownerId: owner.ownerId, sessionId: owner.ownerId } },
    { name: 'test', scopes: ['account:read', 'account:write'] },
  )
  const { data, errors } = await kith.graphql('mutation { accountUpdate(input: { storeSubjects: true }) { ... on Account { storeSubjects } } }', {}, { token })
  expect([data, errors]).toEqual([{ accountUpdate: { storeSubjects: true } }, undefined])
  await kith.app.relay.drain()
  clock.advance({ seconds: 30 })
  await owner.sync()
  expect(await storedOf(owner)).toEqual(['First ✓', 'First ✓', 'Second'])
  owner.deliver({ from: 'ada@example.test', subject: 'Third' })
  clock.advance({ minutes: 15 })
  await owner.sync()
  expect(await storedOf(owner)).toEqual(['First ✓', 'First ✓', 'Second', 'Third', 'Third'])

  // Another setting has nothing fetched anew.
  kith.google.ledger.clear()
  await updateAccount(owner.ctx, { name: 'Other' })
  await kith.app.relay.drain()
  clock.advance({ minutes: 15 })
  await owner.sync()
  expect(kith.google.ledger.of('gmail.batch')).toEqual([])

  await updateAccount(owner.ctx, { storeSubjects: false })
  await kith.app.relay.drain()
  expect(await storedOf(owner)).toEqual([])
})

test('[F-09] no header and no address stands in a log or in the text of a statement, whatever fails', async () => {
  const owner = await mailOwner(kith)
  await updateAccount(owner.ctx, { storeSubjects: true })
  const mark = 'zqxwmark'
  owner.deliver({ from: `${mark} <${mark}@example.test>`, to: `${mark}2@example.test`, subject: `About ${mark}`, body: mark })
  for (const fault of [
    { status: 500, body: mark },
    { status: 403, body: { error: { message: mark, errors: [{ reason: 'rateLimitExceeded' }] } } },
    { body: `{"${mark}` },
  ]) {
    for (const path of [/profile$/, /messages$/, '/batch/gmail/v1']) {
      kith.google.faults.add({ ...fault, path })
      await owner.sync()
      clock.advance({ hours: 1, minutes: 1 })
    }
  }
  await owner.sync()
  expect((await storedOf(owner)).join()).toContain(mark)
  const { accessToken } = kith.google.issueTokens({ account: owner.email })
  expect(logged.length).toBeGreaterThan(0)
  for (const line of [...logged, ...statements]) {
    expect(line).not.toContain(mark)
    expect(line).not.toContain(owner.email)
    expect(line).not.toContain(accessToken.slice(0, 12))
  }
})
