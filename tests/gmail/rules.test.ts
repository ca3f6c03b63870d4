import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Mail } from '../../dev/google/gmail/message.ts'
import { movableClock } from '../google/support.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { type MailOwner, mailOwner, shownOf } from './support.ts'

const clock = movableClock()
let kith: WebApp

beforeAll(async () => {
  kith = await webApp({ clock })
})
afterAll(() => kith.close())

const me = 'jane.doe@gmail.com'
const people = {
  Ada: 'ada@example.test',
  Bob: 'bob.b@gmail.com',
  Newsletter: 'news@shop.example',
  Twin1: 'shared@example.test',
  Twin2: 'shared@example.test',
  Eve: 'eve@bücher.example',
}

interface Case {
  what: string
  received?: Mail
  sent?: Mail
  /** With whom: `!` where it counts. Null: no interaction at all. */
  with: string[] | null
  direction?: 'INBOUND' | 'OUTBOUND'
}

const to = (count: number): string[] => Array.from({ length: count }, (_, number) => `p${number}@example.test`)
const cases: Case[] = [
  { what: 'from a contact', received: { from: 'ada@example.test' }, with: ['!Ada'] },
  { what: 'in another case, with a name', received: { from: '"Example, Ada" <ADA@Example.TEST>' }, with: ['!Ada'] },
  { what: 'with a comment and folded', received: { from: 'ada@example.test (at\r\n work)' }, with: ['!Ada'] },
  { what: 'in a group', sent: { to: 'friends: ada@example.test, bobb@gmail.com;' }, with: ['!Ada', '!Bob'], direction: 'OUTBOUND' },
  { what: 'at an international domain, in ASCII', received: { from: 'eve@xn--bcher-kva.example' }, with: ['!Eve'] },
  { what: 'at Gmail with other dots and a tag', received: { from: 'bobb+tag@googlemail.com' }, with: ['!Bob'] },
  { what: 'with a tag elsewhere is somebody else', received: { from: 'ada+tag@example.test' }, with: null },
  { what: 'of an address that two share', received: { from: 'shared@example.test' }, with: ['!Twin1', '!Twin2'] },
  { what: 'from a stranger, to a contact as well', received: { from: 'x@example.test', to: [me, 'ada@example.test'] }, with: ['Ada'] },
  { what: 'from a contact, to another as well', received: { from: 'ada@example.test', to: me, cc: 'bob.b@gmail.com' }, with: ['!Ada', 'Bob'] },
  { what: 'sent to a contact', sent: { to: 'ada@example.test' }, with: ['!Ada'], direction: 'OUTBOUND' },
  { what: 'sent with a blind copy', sent: { to: 'x@example.test', bcc: 'ada@example.test' }, with: ['!Ada'], direction: 'OUTBOUND' },
  {
    what: 'sent from another writing of one’s own address',
    sent: { from: 'Jane Doe <JaneDoe@googlemail.com>', to: 'ada@example.test' },
    with: ['!Ada'],
    direction: 'OUTBOUND',
  },
  { what: 'sent to twenty', sent: { to: [...to(19), 'ada@example.test'] }, with: ['!Ada'], direction: 'OUTBOUND' },
  { what: 'sent to twenty-one', sent: { to: [...to(20), 'ada@example.test'] }, with: ['Ada'], direction: 'OUTBOUND' },
  { what: 'to oneself', sent: { to: `${me}, janedoe+note@gmail.com` }, with: null },
  { what: 'from a list', received: { from: 'ada@example.test', headers: [['List-Id', '<list.example>']] }, with: ['Ada'] },
  { what: 'that one can unsubscribe from', received: { from: 'ada@example.test', headers: [['List-Unsubscribe', '<https://x.example>']] }, with: ['Ada'] },
  { what: 'of bulk precedence', received: { from: 'ada@example.test', headers: [['Precedence', 'bulk']] }, with: ['Ada'] },
  { what: 'of first-class precedence', received: { from: 'ada@example.test', headers: [['Precedence', 'first-class']] }, with: ['!Ada'] },
  { what: 'answered by a machine', received: { from: 'ada@example.test', headers: [['Auto-Submitted', 'auto-replied']] }, with: ['Ada'] },
  { what: 'that says it is not from a machine', received: { from: 'ada@example.test', headers: [['Auto-Submitted', 'no']] }, with: ['!Ada'] },
  { what: 'sorted into promotions', received: { from: 'ada@example.test', labelIds: ['CATEGORY_PROMOTIONS'] }, with: ['Ada'] },
  { what: 'sorted into updates', received: { from: 'ada@example.test', labelIds: ['CATEGORY_UPDATES'] }, with: ['!Ada'] },
  { what: 'from an address of a machine', received: { from: 'news@shop.example' }, with: ['Newsletter'] },
  { what: 'with more people than anybody writes to', received: { from: 'ada@example.test', to: to(30) }, with: ['Ada'] },
  { what: 'of two writers', received: { from: 'ada@example.test, bob.b@gmail.com' }, with: ['!Ada', '!Bob'] },
  {
    what: 'with NUL, emoji and words of another alphabet',
    received: { from: '=?utf-8?Q?A=00d=C3=A5_=F0=9F=A6=8A?= <ada@example.test>\0', subject: '\0' },
    with: ['!Ada'],
  },
  { what: 'from nobody', received: { from: '', headers: [['From', 'undisclosed']] }, with: null },
]

test('row 38: direction, and with whom, of aliases, dots, case, tags, lists, copies and mail to oneself', { timeout: 60_000 }, async () => {
  const owner = await mailOwner(kith, me)
  for (const [name, address] of Object.entries(people)) await owner.contact(name, address)
  const ids = cases.map(({ received, sent }) => (received ? owner.deliver(received) : owner.send(sent!)).id)
  await owner.sync()
  const shown = new Map((await shownOf(owner.ctx)).map((each) => [each.externalId, each]))
  for (const [place, { what, with: wanted, direction = 'INBOUND' }] of cases.entries()) {
    const found = shown.get(ids[place]!)
    expect([what, found?.with ?? null]).toEqual([what, wanted])
    if (found) expect([what, found.direction]).toEqual([what, direction])
  }
})

async function withOf(owner: MailOwner, id: string): Promise<string[] | undefined> {
  return (await shownOf(owner.ctx)).find(({ externalId }) => externalId === id)?.with
}

test('row 38: a newsletter that the owner has answered counts, whichever of the two comes first', async () => {
  const owner = await mailOwner(kith)
  await owner.contact('Shop', 'team@shop.example')
  const world = kith.google.world
  const letter = world.deliverMail(owner.email, { from: 'team@shop.example', to: owner.email, headers: [['List-Id', '<shop>']] })
  await owner.sync()
  expect(await withOf(owner, letter.id)).toEqual(['Shop'])
  const answer = world.sendMail(owner.email, { to: 'team@shop.example', replyTo: letter })
  clock.advance({ minutes: 15 })
  await owner.sync()
  expect(await withOf(owner, letter.id)).toEqual(['!Shop'])
  const next = world.deliverMail(owner.email, { from: 'team@shop.example', to: owner.email, replyTo: answer, headers: [['List-Id', '<shop>']] })
  clock.advance({ minutes: 15 })
  await owner.sync()
  expect(await withOf(owner, next.id)).toEqual(['!Shop'])
  world.trashMail(owner.email, answer.id)
  clock.advance({ minutes: 15 })
  await owner.sync()
  expect([await withOf(owner, letter.id), await withOf(owner, next.id)]).toEqual([['Shop'], ['Shop']])
})

test('row 38: mail that is sorted into promotions later, or out of them, follows', async () => {
  const owner = await mailOwner(kith)
  await owner.contact('Ada', 'ada@example.test')
  const mail = owner.deliver({ from: 'ada@example.test' })
  await owner.sync()
  for (const [change, wanted] of [
    ['labelMail', 'Ada'],
    ['unlabelMail', '!Ada'],
  ] as const) {
    kith.google.world[change](owner.email, mail.id, ['CATEGORY_PROMOTIONS'])
    clock.advance({ minutes: 15 })
    await owner.sync()
    expect(await withOf(owner, mail.id)).toEqual([wanted])
  }
})

test('row 38: an address that the owner sends from twice is their own from then on, until a contact has it', async () => {
  const owner = await mailOwner(kith)
  await owner.contact('Ada', 'ada@example.test')
  const alias = 'jane@work.example'
  const noted = owner.deliver({ from: alias, to: 'ada@example.test' })
  owner.send({ from: alias, to: 'ada@example.test' })
  await owner.sync()
  const own = async () =>
    (await owner.ctx.db.gmailSelfAddress.findMany({ where: { ownerId: owner.ownerId, origin: 'SENT' } })).map(({ canonical }) => canonical)
  const writers = async () =>
    (await owner.ctx.db.interactionParticipant.findMany({ where: { ownerId: owner.ownerId, role: 'FROM' } })).map(({ address }) => address)
  expect(await own()).toEqual([])
  expect(await writers()).toEqual([alias])
  owner.send({ from: `Jane <${alias}>`, to: 'x@example.test' })
  clock.advance({ minutes: 15 })
  await owner.sync()
  expect(await own()).toEqual([alias])
  expect(await writers()).toEqual([])
  await owner.contact('Jane at work', alias)
  await kith.runJobs({ mayFail: true })
  expect(await own()).toEqual([])
  expect(await withOf(owner, noted.id)).toEqual(['!Jane at work', 'Ada'])
})

test('mail restarts the follow-up clock of those it counts for', async () => {
  const owner = await mailOwner(kith)
  const contactId = await owner.contact('Ada', 'ada@example.test')
  const at = clock.now().subtract({ hours: 3 })
  owner.deliver({ from: 'ada@example.test', at })
  owner.deliver({ from: 'ada@example.test', headers: [['List-Id', '<x>']] })
  await owner.sync()
  const contact = await owner.ctx.db.contact.findFirstOrThrow({ where: { ownerId: owner.ownerId, id: contactId } })
  expect([contact.lastInteractionAt, contact.lastInboundAt, contact.lastOutboundAt]).toEqual([
    new Date(at.epochMilliseconds),
    new Date(at.epochMilliseconds),
    null,
  ])
})
