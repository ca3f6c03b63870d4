import { fork } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { meeting } from '../calendar/support.ts'
import { expected, known, makeDue, settle, syncWhole, wholeApp, type WholeOwner, wholeOf, wholeOwner } from '../google/whole.ts'

let kith: Awaited<ReturnType<typeof wholeApp>>

beforeAll(async () => {
  kith = await wholeApp()
})
afterAll(() => kith.close())

/** Lets another process sync an owner; answers how it ended and how much it had done. */
async function worker({ ownerId }: WholeOwner, kill: { killAfter?: number; killAt?: number }): Promise<{ killed: boolean; steps: number; statements: number }> {
  const key = Buffer.from(kith.app.secrets.masterKeys[0]!).toString('base64')
  const said = { config: kith.app.config, key, now: kith.clock.now().toString(), ownerId, ...kill }
  const child = fork('tests/heavy/google-child.ts', [JSON.stringify(said)], { execArgv: ['--disable-warning=ExperimentalWarning'], execPath: process.execPath })
  let done = { steps: 0, statements: 0 }
  child.on('message', (message) => (done = message as typeof done))
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  expect([code, signal]).toEqual(signal === null ? [0, null] : [null, 'SIGKILL'])
  return { killed: signal !== null, ...done }
}

const addresses = Array.from({ length: 10 }, (_, index) => `person${index}@example.com`)

/** What an account has at first. */
function fill(email: string): string[] {
  const { world } = kith.google
  world.addAccount({ email, givenName: 'Test', familyName: 'Example', timeZone: 'Europe/Berlin' })
  const groups = ['Rowing', 'Work'].map((name) => world.addGroup(email, name))
  for (const [index, value] of addresses.entries())
    world.addPerson(email, {
      names: [{ givenName: `Person${index}`, familyName: 'Example' }],
      emailAddresses: [{ value }],
      memberships: [{ contactGroupMembership: { contactGroupResourceName: groups[index % 2]! } }],
    })
  for (const [index, from] of addresses.entries()) {
    const first = world.deliverMail(email, { from, to: email, cc: 'stranger@example.org', subject: `Hello ${index}` })
    if (index % 2 === 0) world.sendMail(email, { to: from, replyTo: first })
    world.addEvent(email, meeting(`Single ${index}`, `2026-02-1${index}T10:00`, [from]))
  }
  for (const rule of ['FREQ=WEEKLY', 'FREQ=DAILY;COUNT=4'])
    world.addEvent(email, { ...meeting(rule, '2026-02-02T10:00', [addresses[1]!]), recurrence: [`RRULE:${rule}`] })
  return groups
}

/** What happens in it later. */
function change(email: string, groups: readonly string[]): void {
  const { world } = kith.google
  const account = world.account(email)
  const people = account.addressBook.people().flatMap(({ person, deleted }) => (deleted ? [] : [person.resourceName ?? '']))
  const mail = world.mailToKnow(email).map(({ id }) => id)
  const events = account.calendars.get().entries().map(({ event }) => event) // prettier-ignore
  world.deletePerson(email, people[0]!)
  world.rekeyPerson(email, people[1]!)
  for (const person of people.slice(2, 8)) world.editPerson(email, person, { nicknames: [{ value: 'Nick' }], emailAddresses: [{ value: `new${person.slice(-4)}@example.com` }, { value: 'stranger@example.org' }] }) // prettier-ignore
  world.addPerson(email, { names: [{ givenName: 'Added' }], emailAddresses: [{ value: 'added@example.com' }] })
  world.renameGroup(email, groups[0]!, 'Boats')
  world.deleteGroup(email, groups[1]!)
  world.deleteMail(email, mail[0]!)
  world.trashMail(email, mail[1]!)
  world.deliverMail(email, { from: 'added@example.com', to: email })
  world.sendMail(email, { to: addresses[3]!, replyTo: account.mailbox.message(mail[3]!)! })
  world.cancelEvent(email, events[0]!.id!)
  world.editEvent(email, events[1]!.id!, { summary: 'Changed' })
  const weekly = events.find(({ recurrence }) => recurrence?.[0] === 'RRULE:FREQ=WEEKLY')!
  world.cancelEvent(email, `${weekly.id}_20260216T090000Z`)
  world.moveEvent(email, `${weekly.id}_20260223T090000Z`, { dateTime: '2026-02-24T15:00:00', timeZone: 'Europe/Berlin' })
  for (const day of [20, 21, 22, 23]) world.addEvent(email, meeting(`Added ${day}`, `2026-02-${day}T12:00`, ['added@example.com', addresses[2]!]))
}

/** The work of a worker that was killed is done by the next one once its lease has ended, and then nothing shows that it was. */
async function recovers(victim: WholeOwner, undisturbed: Awaited<ReturnType<typeof wholeOf>>, when: string): Promise<void> {
  kith.clock.advance({ minutes: 3 })
  await syncWhole(kith.app, victim.ownerId)
  expect(await known(victim), when).toEqual(expected(kith, victim.email, kith.clock))
  expect(await wholeOf(victim), when).toEqual(undisturbed)
  const states = await victim.ctx.db.googleSyncState.findMany({ where: { ownerId: victim.ownerId } })
  expect(states.map(({ status, errorCode }) => [status, errorCode])).toEqual(states.map(() => ['IDLE', null]))
}

/** So many owners more than there are steps to kill at. */
const enough = 40

test(
  'row 1: workers killed right after each of their transactions, of a full and of an incremental sync of everything, leave nothing that shows it',
  { timeout: 600_000 },
  async () => {
    const deaths: Record<string, number> = {}
    for (const mode of ['full', 'incremental'] as const) {
      const email = `${mode}@example.test`
      const groups = fill(email)
      const calm = await wholeOwner(kith, email)
      const victims = mode === 'full' ? [] : await Promise.all(Array.from({ length: enough }, () => wholeOwner(kith, email)))
      if (mode === 'incremental') {
        for (const owner of [calm, ...victims]) await syncWhole(kith.app, owner.ownerId)
        change(email, groups)
        kith.clock.advance({ hours: 2 })
        await makeDue(calm)
      }
      await syncWhole(kith.app, calm.ownerId)
      const undisturbed = await wholeOf(calm)
      expect(await known(calm)).toEqual(expected(kith, email, kith.clock))
      for (let killAfter = 1; ; killAfter += 1) {
        expect(killAfter).toBeLessThan(enough)
        const victim = victims[killAfter - 1] ?? (await wholeOwner(kith, email))
        await makeDue(victim)
        const { killed } = await worker(victim, { killAfter })
        if (!killed) break
        deaths[mode] = killAfter
        await recovers(victim, undisturbed, `${mode}, killed after ${killAfter}`)
      }
    }
    console.log(`Killed after each of ${deaths['full']} steps of a full and ${deaths['incremental']} of an incremental sync.`)
    expect(deaths['full']).toBeGreaterThanOrEqual(15)
    expect(deaths['incremental']).toBeGreaterThanOrEqual(10)
  },
)

test(
  'row 36: workers killed in the middle of their transactions, again and again until one gets through, leave nothing that shows it',
  { timeout: 600_000 },
  async () => {
    const email = 'inside@example.test'
    const groups = fill(email)
    const calm = await wholeOwner(kith, email)
    await syncWhole(kith.app, calm.ownerId)
    const victim = await wholeOwner(kith, email)
    const { statements } = await worker(await wholeOwner(kith, email), {})
    // A different place each time, spread over the whole of it. Answers how many it has killed.
    const killed = async (count: number): Promise<number> => {
      let deaths = 0
      for (let round = 0; round < count; round += 1) {
        deaths += Number((await worker(victim, { killAt: 3 + Math.floor((statements * ((round * 7) % count)) / count / 2) })).killed)
        kith.clock.advance({ minutes: 3 })
      }
      return deaths
    }
    const full = await killed(9)
    await recovers(victim, await wholeOf(calm), 'full')
    change(email, groups)
    for (const owner of [calm, victim]) await makeDue(owner)
    await syncWhole(kith.app, calm.ownerId)
    const incremental = await killed(9)
    await makeDue(victim)
    await recovers(victim, await wholeOf(calm), 'incremental')
    console.log(`Killed ${full} in the middle of a full and ${incremental} of an incremental sync.`)
    expect(full).toBeGreaterThanOrEqual(3)
    expect(incremental).toBeGreaterThanOrEqual(3)
  },
)

test('row 2: of two processes at one run the one whose lease has ended commits nothing any more', { timeout: 120_000 }, async () => {
  const email = 'two@example.test'
  fill(email)
  const [victim, calm] = [await wholeOwner(kith, email), await wholeOwner(kith, email)]
  await syncWhole(kith.app, calm.ownerId)
  // The first worker waits for its second page until the other is done.
  const release = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  kith.google.faults.add({ path: '/v1/people/me/connections', nth: 2, holdUntil: release.promise, before: () => asked.resolve() })
  const first = worker(victim, {})
  await asked.promise
  kith.clock.advance({ minutes: 3 })
  await syncWhole(kith.app, victim.ownerId)
  await settle(kith, victim)
  const { fence } = await victim.ctx.db.googleSyncState.findFirstOrThrow({ where: { ownerId: victim.ownerId, resource: 'contacts' } })
  const before = await wholeOf(victim)
  const events = () => victim.ctx.db.event.count({ where: { ownerId: victim.ownerId } })
  const count = await events()
  release.resolve()
  expect(await first).toMatchObject({ killed: false })
  expect(await wholeOf(victim)).toEqual(before)
  expect([await events(), (await victim.ctx.db.googleSyncState.findFirstOrThrow({ where: { ownerId: victim.ownerId, resource: 'contacts' } })).fence]).toEqual([
    count,
    fence,
  ])
  expect(before).toEqual(await wholeOf(calm))
})
