import type { Clock } from '../../../src/core/clock.ts'
import { mailbox } from '../gmail/compose.ts'
import { seededRandom } from '../random.ts'
import type { World } from '../world.ts'
import { conversation, correspondentsOf, messageIdOf, timeIn, type Correspondent, type Event, type Owner } from './correspondence.ts'
import { massMail } from './mass-mail.ts'

/** How far back the demo's mail goes. */
const weeks = 10

/** What to put into a mailbox. */
export interface MailFilling {
  seed: string
  clock: Clock
  /** How many of the account's contacts it writes with. */
  people: number
  /** How much mail comes beside that, 0 to 1. */
  share: number
  aliases?: readonly string[]
}

/**
 * Fills an account's mailbox with the last ten weeks, up to now. Each week follows from the seed alone, so a world made on another day
 * has the same messages, under the same ids, in the weeks that both know.
 */
export function fillMailbox(world: World, email: string, { seed, clock, people, share, aliases = [] }: MailFilling): void {
  const account = world.account(email)
  const now = clock.now()
  const owner: Owner = { world, account, seed, now, aliases: aliases.length > 0 ? aliases : [account.email] }
  const circle = correspondentsOf(owner, people)
  const thisWeek = Math.floor((now.epochMilliseconds / 86_400_000 + 3) / 7)
  const events: Event[] = []
  for (let week = thisWeek - weeks; week <= thisWeek; week++) {
    events.push(...circle.flatMap((who) => conversation(owner, who, week)))
    events.push(...massMail(owner, circle, week, share))
    if (share === 1) events.push(...sameAddressTwice(owner, week))
  }
  events.sort((one, other) => Temporal.Instant.compare(one.at, other.at))
  for (const event of events) if (Temporal.Instant.compare(event.at, now) <= 0) event.happen()
  for (const [index, who] of circle.slice(0, 3).entries()) draft(owner, who, index)
}

/**
 * Somebody at Gmail who writes the dots of their address as they please. User names there have 30 letters at most, so this one, of 36,
 * is nobody's.
 */
function sameAddressTwice({ world, account, seed }: Owner, week: number): Event[] {
  const random = seededRandom(`${seed}\ndots\n${account.email}\n${week}`)
  const at = timeIn(random, week)
  const address = random.pick(['somebody.who.is.nobody.at.all.in.particular@gmail.com', 'SomebodyWhoIsNobodyAtAllInParticular+mail@googlemail.com'])
  const headers = [['Message-ID', messageIdOf(seed, 'dots', account.email, week)]] as const
  const happen = () =>
    void world.deliverMail(account.email, { at, read: true, from: mailbox('Some Body', address), to: account.email, subject: 'Hello again', headers })
  return random.chance(0.4) ? [{ at, happen }] : []
}

function draft({ world, account, now }: Owner, { name, addresses: [address = ''] }: Correspondent, index: number): void {
  const at = now.subtract({ hours: 5 + index * 20 })
  world.saveDraft(account.email, { at, to: mailbox(name, address), subject: 'Unfinished', body: 'Dear' })
}
