import fc from 'fast-check'
import { expect } from 'vitest'
import { missing, type FaultRule } from '../../dev/google/faults.ts'
import { deleteContact, restoreContact } from '../../src/contacts/bin.ts'
import { contactRestraint } from '../../src/contacts/restraint.ts'
import { createContact } from '../../src/contacts/service.ts'
import { toDate } from '../../src/core/clock.ts'
import { inTransaction } from '../../src/events/service.ts'
import { LeaseLost } from '../../src/google/run.ts'
import { mergeContacts } from '../../src/merges/service.ts'
import { type Action, actionOf, play } from '../calendar/actions.ts'
import { listPath } from '../calendar/support.ts'
import { type Operation, operations, perform } from '../gmail/convergence.ts'
import type { MailOwner } from '../gmail/support.ts'
import { expected, known, makeDue, settle, syncWhole, type wholeApp, type WholeOwner, wholeOf, wholeOwner } from './whole.ts'

type Kith = Awaited<ReturnType<typeof wholeApp>>

const number = fc.nat({ max: 1000 })
const peopleKinds = ['addPerson', 'editPerson', 'deletePerson', 'rekeyPerson', 'joinPeople', 'addGroup', 'renameGroup', 'deleteGroup', 'label', 'bin', 'restore', 'restrict', 'merge', 'expirePeople'] as const // prettier-ignore
/** Something that happens to an address book, at Google or here. */
type Change = { kind: (typeof peopleKinds)[number]; which: number; other: number }

/** Something that happens anywhere. */
export type Step =
  | { of: 'mail'; what: Operation }
  | { of: 'calendar'; what: Action }
  | { of: 'people'; what: Change }
  | { of: 'fault'; kind: number; where: number; nth: number }
  | { of: 'crash'; step: number }
  | { of: 'sync' }

/** Sequences of what may happen to an account, to what we know of it and on the way. */
export const sequences: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: operations
        .map((all): Step | null => {
          const what = all.find(({ kind }) => kind !== 'sync' && kind !== 'fault' && kind !== 'crash')
          return what ? { of: 'mail', what } : null
        })
        .filter((step) => step !== null),
    },
    { weight: 6, arbitrary: actionOf.filter((action) => action.do !== 'sync' && action.do !== 'fault' && action.do !== 'pass').map((what): Step => ({ of: 'calendar', what })) }, // prettier-ignore
    { weight: 7, arbitrary: fc.record({ kind: fc.constantFrom(...peopleKinds), which: number, other: number }).map((what): Step => ({ of: 'people', what })) },
    { weight: 2, arbitrary: fc.record({ of: fc.constant('fault' as const), kind: number, where: number, nth: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 2, arbitrary: fc.record({ of: fc.constant('crash' as const), step: fc.integer({ min: 1, max: 8 }) }) },
    { weight: 4, arbitrary: fc.constant({ of: 'sync' as const }) },
  ),
  { minLength: 6, maxLength: 24 },
)

const places = ['/v1/people/me/connections', '/v1/contactGroups', listPath, '/gmail/v1/users/me/history', '/gmail/v1/users/me/messages', '/batch/gmail/v1']
const faults: readonly FaultRule[] = [
  { status: 503 },
  { reset: true },
  { truncateBytes: 40 },
  { status: 429, headers: { 'retry-after': '30' } },
  { status: 401, body: { error: { code: 401 } } },
  { status: 500, after: true },
  { delayMs: 5 },
  missing('nextSyncToken', 'historyId'),
]
const addresses = ['ada@example.test', 'bob.b@gmail.com', 'team@shop.example', 'grace@example.com', 'alan@example.com', 'stranger@example.test']

let accounts = 0

/** Does a sequence, follows it bit by bit, and holds what is known in the end against Google, against what the same owner knows after a full sync, and against what another knows who comes anew. */
export async function convergesWhole(kith: Kith, sequence: readonly Step[]): Promise<void> {
  const email = `any${(accounts += 1)}@gmail.com`
  // Five past the hour, so that nothing begins between the states that are compared.
  kith.clock.set('2026-03-02T12:05:00Z')
  kith.google.world.addAccount({ email, givenName: 'Test', familyName: 'Example', timeZone: 'Europe/Berlin' })
  const owner = await wholeOwner(kith, email)
  await createContact(owner.ctx, { name: { given: 'Own' }, emails: [{ address: addresses[0]! }] })
  for (const which of [0, 1, 2]) change(kith, email, { kind: 'addPerson', which, other: which })
  await syncWhole(kith.app, owner.ownerId)
  for (const step of sequence) await performStep(kith, owner, step)
  kith.google.faults.clear()
  Object.assign(kith.app, { afterStep: undefined })
  // Never back: a lease of a worker that died would last for longer than the sync is waited for.
  kith.clock.set(`${kith.clock.now().add({ hours: 1 }).toString().slice(0, 13)}:05:00Z`)
  await settle(kith, owner)
  const told = mirrored(expected(kith, email, kith.clock))
  expect(mirrored(await known(owner))).toEqual(told)
  const incremental = await wholeOf(owner, { without: ['contact_merges'] })

  await inTransaction(owner.ctx, async (tx) => {
    await kith.app.syncs.gmail?.purge(tx)
    await kith.app.syncs.calendar?.purge(tx)
  })
  const anew = { cursor: null, phase: null, pageToken: null, lastFullAt: null, fullWanted: true, nextRunAt: toDate(kith.clock.now()) }
  await owner.ctx.db.googleSyncState.updateMany({ where: { ownerId: owner.ownerId }, data: anew })
  await settle(kith, owner, { rounds: 1 })
  expect(await wholeOf(owner, { without: ['contact_merges'] })).toEqual(incremental)

  const newcomer = await wholeOwner(kith, email)
  await settle(kith, newcomer, { rounds: 1 })
  expect(mirrored(await known(newcomer))).toEqual(told)
  const fresh = await wholeOf(newcomer)
  for (const table of ['google_people', 'google_groups', 'gmail_messages', 'gmail_addresses', 'calendar_entries', 'calendar_meetings', 'calendar_attendees'])
    expect([table, fresh[table]]).toEqual([table, incremental[table]])
}

/** Addresses of contacts are what their owner makes of them as well. */
function mirrored({ emails: _emails, ...rest }: ReturnType<typeof expected>) {
  return rest
}

async function performStep(kith: Kith, owner: WholeOwner, step: Step): Promise<void> {
  const { email, ctx, ownerId } = owner
  const { world } = kith.google
  const sync = async (): Promise<void> => {
    kith.clock.advance({ minutes: 61 })
    await makeDue(owner)
    await syncWhole(kith.app, ownerId)
  }
  switch (step.of) {
    case 'mail': {
      const mailOwner: MailOwner = {
        ...owner,
        stateId: '',
        sync,
        reconnect: sync,
        contact: (name, ...all) => createContact(ctx, { name: { given: name }, emails: all.map((address) => ({ address })) }),
        deliver: (mail) => world.deliverMail(email, { to: email, ...mail }),
        send: (mail) => world.sendMail(email, mail),
      }
      return perform(kith, kith.clock, mailOwner, step.what)
    }
    case 'calendar':
      return play(kith, owner as never, step.what)
    case 'people':
      return isHere(step.what) ? changeHere(owner, step.what) : change(kith, email, step.what)
    case 'fault':
      kith.google.faults.add({ ...faults[step.kind % faults.length], path: places[step.where % places.length]!, nth: step.nth, account: email })
      return
    case 'crash': {
      let steps = 0
      Object.assign(kith.app, {
        afterStep: () => {
          // As if the process had ended here: nothing is let go of, and the lease has to run out.
          if ((steps += 1) === step.step) throw new LeaseLost()
        },
      })
      return
    }
    case 'sync':
      return sync()
  }
}

function of<Item>(items: readonly Item[], at: number): Item | undefined {
  return items.length === 0 ? undefined : items[at % items.length]
}

function change(kith: Kith, email: string, { kind, which, other }: Change): void {
  const { world } = kith.google
  const book = world.account(email).addressBook
  const people = book.people().flatMap(({ person, deleted }) => (deleted ? [] : [person.resourceName ?? '']))
  const groups = book.groups().flatMap(({ resourceName, system, deleted }) => (system || deleted ? [] : [resourceName]))
  const [person, second, group] = [of(people, which), of(people, other), of(groups, other)]
  const values = (count: number) => ({ emailAddresses: Array.from({ length: count }, (_, index) => ({ value: of(addresses, other + index)! })) })
  if (kind === 'addPerson') world.addPerson(email, { names: [{ givenName: `Person ${which}.${people.length}` }], ...values((which % 3) + 1) })
  else if (kind === 'addGroup') world.addGroup(email, `Label ${which}`)
  else if (kind === 'expirePeople') world.expirePeopleTokens(email)
  else if (kind === 'renameGroup' && group) world.renameGroup(email, group, `Renamed ${which}`)
  else if (kind === 'deleteGroup' && group) world.deleteGroup(email, group)
  else if (!person) return
  else if (kind === 'editPerson') world.editPerson(email, person, { names: [{ givenName: `Edited ${other}.${people.length}` }], ...values(which % 3) })
  else if (kind === 'deletePerson') world.deletePerson(email, person)
  else if (kind === 'rekeyPerson') world.rekeyPerson(email, person)
  else if (kind === 'joinPeople' && second && second !== person) world.mergePeople(email, person, second)
  else if (kind === 'label' && group) world.editPerson(email, person, { memberships: [{ contactGroupMembership: { contactGroupResourceName: group } }] })
}

function isHere({ kind }: Change): boolean {
  return kind === 'bin' || kind === 'restore' || kind === 'restrict' || kind === 'merge'
}

async function changeHere({ ctx, ownerId }: WholeOwner, { kind, which, other }: Change): Promise<void> {
  const contacts = await ctx.db.contact.findMany({ where: { ownerId }, orderBy: [{ displayName: 'asc' }, { id: 'asc' }] })
  const contact = of(contacts.filter(({ deletedAt }) => (deletedAt !== null) === (kind === 'restore')), which) // prettier-ignore
  const second = of(contacts.filter(({ deletedAt }) => deletedAt === null), other) // prettier-ignore
  if (!contact) return
  if (kind === 'bin') await deleteContact(ctx, contact.id)
  if (kind === 'restore' && contact.restrictedAt === null) await restoreContact(ctx, contact.id)
  if (kind === 'restrict') {
    const at = contact.restrictedAt === null ? toDate(ctx.clock.now()) : null
    await inTransaction(ctx, async (tx) => contactRestraint.restrict?.(tx, { kind: 'CONTACT', contactId: contact.id }, at))
  }
  if (kind === 'merge' && second && second.id !== contact.id && !contact.restrictedAt && !second.restrictedAt)
    await mergeContacts(ctx, { survivorId: contact.id, mergedIds: [second.id] })
}
