import { encodedWords, mailbox } from '../gmail/compose.ts'
import type { Mail, Message } from '../gmail/message.ts'
import type { Person } from '../people/person.ts'
import { hashedName, seededRandom, type Random } from '../random.ts'
import type { Account, World } from '../world.ts'
import { bodies, occasions, subjects } from './mail-texts.ts'

/** Something that happens to a mailbox at a time. */
export interface Event {
  at: Temporal.Instant
  happen: () => void
}

/** Whose mail is made up, and what for. */
export interface Owner {
  world: World
  account: Account
  seed: string
  now: Temporal.Instant
  /** Other addresses the account sends from. */
  aliases: readonly string[]
}

/** A person the account writes with. */
export interface Correspondent {
  /** As they write it. */
  name: string
  /** The first is the one they mostly use. */
  addresses: readonly string[]
  /** Conversations a week, on average. */
  perWeek: number
}

/** Mail older than this has been read. */
const unreadDays = 2

/** The people an account writes with: a few often, some now and then, some hardly ever, the others never. */
export function correspondentsOf({ account, seed }: Owner, count: number): Correspondent[] {
  const random = seededRandom(`${seed}\ncircle of ${account.email}`)
  const writing = account.addressBook
    .people()
    .map(({ person }) => ({ name: person.names?.[0]?.displayName ?? '', addresses: addressesOf(person) }))
    .filter(({ name, addresses }) => name !== '' && addresses.length > 0)
  // Who is saved twice writes once.
  const people = [...new Map(writing.map((person) => [person.addresses[0]?.toLowerCase(), person])).values()]
  return random.sample(people, count).map((person, index) => ({ ...person, perWeek: index < count / 6 ? 0.6 : index < count / 2 ? 0.2 : 0.06 }))
}

/** A conversation with somebody that begins in a week (counted from 1970), or none. Later weeks do not change it: a world made tomorrow has it too. */
export function conversation(owner: Owner, who: Correspondent, week: number): Event[] {
  const { account, seed, world } = owner
  const key = `${account.email}\n${who.addresses[0]}\n${week}`
  const random = seededRandom(`${seed}\nconversation\n${key}`)
  if (!random.chance(who.perWeek)) return []
  const subject = random.pick(subjects).replace('{}', random.pick(occasions))
  const length = random.pick([1, 1, 2, 2, 3, 3, 4, 6])
  const theirs = { name: random.chance(0.1) ? '' : who.name, address: theirAddress(random, who) }
  const events: Event[] = []
  let mine = random.chance(0.4)
  let at = timeIn(random, week)
  let last: Message | undefined
  for (let number = 0; number < length; number++) {
    const common: Mail = {
      subject: random.chance(0.8) ? encodedWords(replied(subject, number)) : replied(subject, number),
      body: random.pick(bodies),
      at,
    }
    const headers: Mail['headers'] = [['Message-ID', messageIdOf(seed, key, number)]]
    const isMine = mine
    const self = ownAddress(random, owner)
    const their = mailbox(theirs.name, theirs.address)
    const seen = isRead(random, owner, at)
    const starred = random.chance(0.04)
    events.push({
      at,
      happen: () => {
        const mail: Mail = { ...common, headers, ...(last && { replyTo: last }) }
        last = isMine
          ? world.sendMail(account.email, { ...mail, from: self, to: their })
          : world.deliverMail(account.email, { ...mail, ...seen, from: their, to: self, labelIds: ['CATEGORY_PERSONAL', ...(starred ? ['STARRED'] : [])] })
      },
    })
    mine = random.chance(0.85) ? !mine : mine
    at = at.add({ minutes: random.pick([12, 45, 180, 600, 1500, 3200]) + random.below(60), seconds: random.below(60) })
  }
  return events
}

/** A time in a week at which people write: mostly by day, less on Sundays. */
export function timeIn(random: Random, week: number): Temporal.Instant {
  const day = random.pick([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6])
  // Week 0 began on Monday, 29 December 1969.
  return Temporal.Instant.from('1969-12-29T00:00:00Z').add({
    hours: (week * 7 + day) * 24 + random.between(7, 21),
    minutes: random.below(60),
    seconds: random.below(60),
  })
}

/** How a message that came then lies there now: new ones unread, old ones read and half of them archived. */
export function isRead(random: Random, { now }: Owner, at: Temporal.Instant): Mail {
  const old = at.until(now).total('hours') > unreadDays * 24
  const archived = random.chance(0.5)
  return { read: old, archived: old && archived }
}

/** A Message-ID that is the same whenever the world is made. */
export function messageIdOf(seed: string, ...words: (string | number)[]): string {
  return `<${hashedName(22, seed, 'demo mail', ...words)}@mail.example>`
}

/** The owner's address as it stands in a header: now and then an alias. */
export function ownAddress(random: Random, { account, aliases }: Owner): string {
  const alias = random.chance(0.12) ? random.pick(aliases) : undefined
  return mailbox(account.name, alias ?? account.email)
}

function theirAddress(random: Random, { addresses }: Correspondent): string {
  const [first = ''] = addresses
  const address = random.chance(0.15) ? random.pick(addresses) : first
  const [local = '', domain = ''] = address.split('@')
  if (random.chance(0.05) && !local.includes('+')) return `${local}+${random.pick(['mail', 'choir', 'work'])}@${domain}`
  if (random.chance(0.05)) return `${local.charAt(0).toUpperCase()}${local.slice(1)}@${domain.toUpperCase()}`
  return address
}

function replied(subject: string, number: number): string {
  return number === 0 ? subject : `Re: ${subject}`
}

function addressesOf(person: Person): string[] {
  return (person.emailAddresses ?? []).flatMap(({ value }) => (value && /^[\w.+-]+@[\w.-]+$/.test(value) ? [value] : [])).slice(0, 5)
}
