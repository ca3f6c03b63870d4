import fc from 'fast-check'
import { expect } from 'vitest'
import { backendError, gmailPaths, tooMany, truncatedGzip } from '../../dev/google/gmail/faults.ts'
import type { FaultRule } from '../../dev/google/faults.ts'
import { updateContact } from '../../src/contacts/service.ts'
import { execute, sql } from '../../src/db/client.ts'
import { inTransaction } from '../../src/events/service.ts'
import { gmailSync } from '../../src/gmail/sync.ts'
import { rematchAddresses } from '../../src/google/rematch.ts'
import type { movableClock } from '../google/support.ts'
import type { WebApp } from '../support/web.ts'
import { knownIds, type MailOwner, mailOwner, mirrorOf, stateOf } from './support.ts'

/** Something that happens; numbers choose among what there is at that moment. */
export type Operation =
  | { kind: 'deliver' | 'send' | 'draft' | 'chat' | 'contact'; who: number; how: number }
  | { kind: 'trash' | 'untrash' | 'spam' | 'unspam' | 'delete' | 'promote' | 'demote' | 'sendDraft' | 'forgetContact'; which: number }
  | { kind: 'forget' | 'sync' }
  | { kind: 'fault'; what: number; where: number; nth: number }
  | { kind: 'crash'; step: number }

const number = fc.nat({ max: 1000 })

/** Sequences of what may happen to a mailbox, to the address book and on the way. */
export const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ kind: fc.constantFrom('deliver', 'send', 'draft', 'chat', 'contact'), who: number, how: number }) as fc.Arbitrary<Operation>,
    },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constantFrom('trash', 'untrash', 'spam', 'unspam', 'delete', 'promote', 'demote', 'sendDraft', 'forgetContact'),
        which: number,
      }) as fc.Arbitrary<Operation>,
    },
    { weight: 6, arbitrary: fc.constant({ kind: 'sync' } as const) },
    { weight: 2, arbitrary: fc.constant({ kind: 'forget' } as const) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('fault' as const), what: number, where: number, nth: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const), step: fc.integer({ min: 1, max: 4 }) }) },
  ),
  { minLength: 10, maxLength: 40 },
)

const addresses = [
  'ada@example.test',
  'bob.b@gmail.com',
  'bobb+x@googlemail.com',
  'team@shop.example',
  'jane@work.example',
  'stranger@example.test',
  'no-reply@shop.example',
]
const headers: [string, string][][] = [[], [['List-Id', '<list>']], [], [['Auto-Submitted', 'auto-generated']]]
const mishaps: FaultRule[] = [tooMany(), backendError(), { reset: true }, truncatedGzip(), { truncateBytes: 40 }]
const places = [gmailPaths.batch, gmailPaths.history, gmailPaths.list, gmailPaths.get, gmailPaths.profile]

/** Does a sequence, follows it with incremental runs, and holds what is known in the end against what a fresh full sync knows, and against Gmail itself. */
export async function converges(kith: WebApp, clock: ReturnType<typeof movableClock>, sequence: readonly Operation[]): Promise<void> {
  const owner = await mailOwner(kith)
  await owner.contact('Ada', addresses[0]!)
  for (const from of addresses.slice(0, 4)) owner.deliver({ from, threadId: 'first' })
  await owner.sync()
  for (const operation of sequence) await perform(kith, clock, owner, operation)
  kith.google.faults.clear()
  Object.assign(kith.app, { afterStep: undefined })
  await settleDown(clock, owner)
  const incremental = await mirrorOf(owner.ctx)
  expect(await knownIds(owner.ctx)).toEqual(kith.google.world.mailToKnow(owner.email).map(({ id }) => id))

  await inTransaction(owner.ctx, (tx) => gmailSync().purge(tx))
  await execute(
    owner.ctx,
    sql`UPDATE google_sync_states SET cursor = NULL, phase = NULL, "pageToken" = NULL, "lastFullAt" = NULL, "nextRunAt" = now() - interval '1 day' WHERE "ownerId" = ${owner.ownerId}::uuid`,
  )
  await settleDown(clock, owner)
  expect(await mirrorOf(owner.ctx)).toEqual(incremental)
}

/** Runs until nothing is put off any more. */
async function settleDown(clock: ReturnType<typeof movableClock>, owner: MailOwner): Promise<void> {
  for (let round = 0; round < 8; round += 1) {
    clock.advance({ hours: 1, minutes: 1 })
    await owner.sync()
    await rematchAddresses(owner.ctx)
    const waiting = await owner.ctx.db.gmailFetch.count({ where: { ownerId: owner.ownerId } })
    if (waiting === 0 && round > 0 && (await stateOf(owner)).status === 'IDLE') return
  }
  throw new Error('The sync does not come to rest.')
}

/** Lets it happen; one that picks something where there is nothing does nothing. */
export async function perform(kith: WebApp, clock: { advance(by: Temporal.DurationLike): void }, owner: MailOwner, operation: Operation): Promise<void> {
  const { world } = kith.google
  const { mailbox } = world.account(owner.email)
  const of = <Item>(items: readonly Item[], at: number): Item => items[at % items.length]!
  const having = (label: string): string[] => mailbox.messages().filter(({ labelIds }) => labelIds.includes(label)).map(({ id }) => id) // prettier-ignore
  const plain = (): string[] => mailbox.messages().filter(({ labelIds }) => !labelIds.some((label) => ['DRAFT', 'TRASH', 'SPAM', 'CHAT'].includes(label))).map(({ id }) => id) // prettier-ignore
  const on = (ids: string[], which: number, act: (id: string) => void): void => {
    if (ids.length > 0) act(of(ids, which))
  }
  switch (operation.kind) {
    case 'deliver': {
      const replyTo = operation.how % 3 === 0 ? mailbox.message(of([...plain(), ''], operation.how)) : undefined
      owner.deliver({
        from: of(addresses, operation.who),
        cc: of(addresses, operation.how),
        headers: of(headers, operation.how),
        ...(replyTo ? { replyTo } : {}),
      })
      return
    }
    case 'send': {
      const replyTo = operation.how % 2 === 0 ? mailbox.message(of([...plain(), ''], operation.how)) : undefined
      owner.send({
        from: operation.how % 3 === 0 ? 'Jane <jane@work.example>' : owner.email,
        to: of(addresses, operation.who),
        ...(replyTo ? { replyTo } : {}),
      })
      return
    }
    case 'draft':
      world.saveDraft(owner.email, { to: of(addresses, operation.who) }, `d${operation.how % 2}`)
      return
    case 'sendDraft':
      if (having('DRAFT').length > 0) for (const id of ['d0', 'd1']) try { world.sendDraft(owner.email, id); return } catch { continue } // prettier-ignore
      return
    case 'chat':
      world.chat(owner.email, { from: of(addresses, operation.who), to: owner.email })
      return
    case 'contact':
      await owner.contact(`Person ${operation.how}`, of(addresses, operation.who))
      return
    case 'forgetContact': {
      const contacts = await owner.ctx.db.contact.findMany({ where: { ownerId: owner.ownerId, deletedAt: null, restrictedAt: null }, orderBy: { id: 'asc' } })
      if (contacts.length > 0) await updateContact(owner.ctx, of(contacts, operation.which).id, { emails: [] })
      return
    }
    case 'trash':
      return on(plain(), operation.which, (id) => world.trashMail(owner.email, id))
    case 'untrash':
      return on(having('TRASH'), operation.which, (id) => world.untrashMail(owner.email, id))
    case 'spam':
      return on(plain(), operation.which, (id) => world.spamMail(owner.email, id))
    case 'unspam':
      return on(having('SPAM'), operation.which, (id) => world.unspamMail(owner.email, id))
    case 'delete':
      return on(mailbox.messages().map(({ id }) => id), operation.which, (id) => world.deleteMail(owner.email, id)) // prettier-ignore
    case 'promote':
      return on(plain(), operation.which, (id) => world.labelMail(owner.email, id, ['CATEGORY_PROMOTIONS']))
    case 'demote':
      return on(having('CATEGORY_PROMOTIONS'), operation.which, (id) => world.unlabelMail(owner.email, id, ['CATEGORY_PROMOTIONS']))
    case 'forget':
      return world.forgetMailHistory(owner.email)
    case 'fault':
      kith.google.faults.add({ ...of(mishaps, operation.what), path: of(places, operation.where), nth: operation.nth, account: owner.email })
      return
    case 'crash': {
      let step = 0
      Object.assign(kith.app, {
        afterStep: () => {
          step += 1
          if (step === operation.step) throw new Error('The worker is gone.')
        },
      })
      return
    }
    case 'sync':
      clock.advance({ minutes: 16 })
      await owner.sync()
  }
}
