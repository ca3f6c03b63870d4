// A simulated Google with one account, in a process of its own: what it costs is not what is measured. Started by sync.ts; everything else is asked for at its /admin.
import { movableClock } from '../dev/google/admin/clock.ts'
import type { Person } from '../dev/google/people/person.ts'
import { startGoogleSimulator } from '../dev/google/simulator.ts'
import { createWorld } from '../dev/google/world.ts'
import { randomNumbers } from '../tests/support/cards.ts'
import { personOf } from './people.ts'

/** What the process is told. */
export interface WorldSize {
  contacts: number
  messages: number
  events: number
}

/** What it answers. */
export interface ReadyWorld {
  origin: string
  accessToken: string
  refreshToken: string
}

/** The account that everything is in. */
export const account = 'bench@example.test'

/** What is allowed. */
export const scopes = ['openid', ...['contacts.readonly', 'gmail.metadata', 'calendar.events.owned'].map((name) => `https://www.googleapis.com/auth/${name}`)]

if (process.send) {
  const { contacts, messages, events } = JSON.parse(process.argv[2] ?? '{}') as WorldSize
  const clock = movableClock()
  const world = createWorld({ seed: 'bench', clock })
  world.addAccount({ email: account, givenName: 'Bench', familyName: 'Example', timeZone: 'Europe/Berlin' })
  const now = clock.now().toZonedDateTimeISO('Europe/Berlin')
  const random = randomNumbers(11)
  const addresses: string[] = []
  for (let number = 0; number < contacts; number += 1) addresses.push(addContact(number))
  // Half of those one writes with are in the address book.
  const someone = (): string =>
    random() < 0.5 && addresses.length > 0 ? addresses[Math.floor(random() * addresses.length)]! : `stranger${Math.floor(random() * 4000)}@mail.example`
  for (let number = 0; number < messages; number += 1) addMessage(number)
  for (let number = 0; number < events; number += 1) addEvent(number)
  const google = await startGoogleSimulator({ world, clock })
  process.send({ origin: google.origin, ...google.issueTokens({ account, scopes }) } satisfies ReadyWorld)
  process.on('disconnect', () => void google.close().then(() => process.exit(0)))

  function addContact(number: number): string {
    const { name, emails, phones, organizations, about } = personOf(number)
    const person: Person = {
      names: [{ givenName: name?.given ?? null, familyName: name?.family ?? null }],
      emailAddresses: emails.map(({ address }) => ({ value: address })),
      phoneNumbers: phones.map((phone) => ({ value: phone.number })),
      organizations: organizations.map((organization) => ({ name: organization.name ?? null })),
      ...(about ? { biographies: [{ value: about, contentType: 'TEXT_PLAIN' }] } : {}),
    }
    world.addPerson(account, person)
    return emails[0]?.address ?? ''
  }

  function addMessage(number: number): void {
    const at = now.subtract({ hours: 24 * 365 }).add({ seconds: Math.floor((number * 365 * 86_400) / messages) })
    // A conversation has three messages or so.
    const mail = { subject: `Message ${number}`, at: at.toInstant(), threadId: `t${number - Math.floor(random() * 6)}` }
    if (random() < 0.3) world.sendMail(account, { ...mail, to: someone(), cc: someone() })
    else
      world.deliverMail(account, {
        ...mail,
        from: `Somebody <${someone()}>`,
        to: account,
        ...(random() < 0.3 ? { headers: [['List-Id', '<news.mail.example>']] } : {}),
      })
  }

  // Two years, one in fifty of them a series.
  function addEvent(number: number): void {
    const start = now.subtract({ hours: Math.round((number / events) * 24 * 700) }).round({ smallestUnit: 'hour', roundingMode: 'floor' })
    const at = (time: Temporal.ZonedDateTime) => ({ dateTime: time.toString({ timeZoneName: 'never' }), timeZone: 'Europe/Berlin' })
    world.addEvent(account, {
      summary: `Meeting ${number}`,
      start: at(start),
      end: at(start.add({ hours: 1 })),
      attendees: [{ email: account }, { email: someone() }, { email: someone() }],
      ...(number % 50 === 0 ? { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=52'] } : {}),
    })
  }
}
