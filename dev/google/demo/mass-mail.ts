import { encodedWords, mailbox } from '../gmail/compose.ts'
import { seededRandom } from '../random.ts'
import { isRead, messageIdOf, ownAddress, timeIn, type Correspondent, type Event, type Owner } from './correspondence.ts'
import { bodies, newsletters, robots, spam } from './mail-texts.ts'

/** What a week brings that nobody wrote to one person: newsletters, robots, mail to many, notes to oneself, spam. `share` (0 to 1) is how much of it. */
export function massMail(owner: Owner, circle: readonly Correspondent[], week: number, share: number): Event[] {
  const { world, account, seed } = owner
  const { email } = account
  const random = seededRandom(`${seed}\nmass mail\n${email}\n${week}`)
  const key = (name: string) => `${email}\n${week}\n${name}`
  const [local = '', domain = ''] = email.split('@')
  const events: Event[] = []

  for (const { name, address, list, subjects, category } of newsletters) {
    if (!random.chance(share)) continue
    const at = timeIn(random, week)
    const state = isRead(random, owner, at)
    const [subject, trashed] = [random.pick(subjects), random.chance(0.1)]
    const to = random.chance(0.3) ? `${local}+${name.split(' ')[0]?.toLowerCase()}@${domain}` : email
    events.push({
      at,
      happen: () => {
        const { id } = world.deliverMail(email, {
          ...state,
          at,
          from: mailbox(name, address),
          to,
          subject: encodedWords(subject),
          body: bodies[0] ?? '',
          labelIds: [category],
          headers: [
            ['Message-ID', messageIdOf(seed, key(address))],
            ['List-Id', `${encodedWords(name)} <${list}>`],
            ['List-Unsubscribe', `<https://${list}/unsubscribe?n=${week}>, <mailto:leave@${list}>`],
            ['Precedence', 'list'],
          ],
        })
        if (trashed) world.trashMail(email, id)
      },
    })
  }
  for (const { name, address, subject, headers } of robots) {
    if (!random.chance(share / 3)) continue
    const at = timeIn(random, week)
    const state = isRead(random, owner, at)
    events.push({
      at,
      happen: () =>
        void world.deliverMail(email, {
          ...state,
          at,
          from: mailbox(name, address),
          to: email,
          subject,
          headers: [['Message-ID', messageIdOf(seed, key(address))], ...headers],
        }),
    })
  }
  for (const subject of random.sample(spam, random.chance(share) ? 2 : 0)) {
    const at = timeIn(random, week)
    const from = mailbox('Your prize office', `win${random.digits(5)}@prizes.example`)
    events.push({
      at,
      happen: () => {
        const { id } = world.deliverMail(email, { at, from, to: email, subject, headers: [['Message-ID', messageIdOf(seed, key(subject))]] })
        world.spamMail(email, id)
      },
    })
  }
  if (random.chance(share)) {
    const at = timeIn(random, week)
    const note = random.pick(['Note to self: dentist', 'Shopping list', 'Ideas for the garden 🌱'])
    events.push({
      at,
      happen: () => void world.sendMail(email, { at, to: email, subject: encodedWords(note), headers: [['Message-ID', messageIdOf(seed, key('note'))]] }),
    })
  }
  if (circle.length > 0 && random.chance(share * 0.7)) events.push(...groupMail(owner, circle, week))
  return events
}

/** One of the circle, or the owner, writes to many at once; somebody answers that they are away. */
function groupMail(owner: Owner, circle: readonly Correspondent[], week: number): Event[] {
  const { world, account, seed } = owner
  const { email } = account
  const key = `${email}\n${week}\ngroup`
  const random = seededRandom(`${seed}\ngroup mail\n${key}`)
  const [first, ...others] = random.sample(circle, random.between(3, 28)).map(({ name, addresses: [address = ''] }) => mailbox(name, address))
  if (first === undefined) return []
  const at = timeIn(random, week)
  const self = ownAddress(random, owner)
  const state = isRead(random, owner, at)
  const subject = random.pick(['Summer party: who brings what?', 'Rota for the allotment', 'Fotos vom Ausflug', 'Neighbours: the fence'])
  const headers = [['Message-ID', messageIdOf(seed, key)]] as const
  if (random.chance(0.6)) {
    const cc = others.splice(0, 3)
    return [
      { at, happen: () => void world.deliverMail(email, { ...state, at, from: first, to: [self, ...others], cc, subject, body: bodies[2] ?? '', headers }) },
    ]
  }
  const answeredAt = at.add({ minutes: 2 })
  const quietly = random.chance(0.5)
  const away: Event = {
    at: answeredAt,
    happen: () =>
      void world.deliverMail(email, {
        ...isRead(random, owner, answeredAt),
        at: answeredAt,
        from: first,
        to: self,
        subject: `Away until Monday: ${subject}`,
        headers: [
          ['Message-ID', messageIdOf(seed, key, 'away')],
          ['Auto-Submitted', 'auto-replied'],
        ],
      }),
  }
  const happen = () =>
    void world.sendMail(email, { at, from: self, ...(quietly ? { to: self, bcc: [first, ...others] } : { to: [first, ...others] }), subject, headers })
  return [{ at, happen }, away]
}
