// A simulated Google with one mailbox, in a thread of its own: what it costs is not what is measured.
import { parentPort, workerData } from 'node:worker_threads'
import { startGoogleSimulator } from '../dev/google/simulator.ts'
import { createWorld } from '../dev/google/world.ts'
import { systemClock } from '../src/core/clock.ts'
import { randomNumbers } from '../tests/support/cards.ts'

/** What the thread is told: how many messages, and of how many people. */
export interface MailboxSize {
  messages: number
  people: number
}

/** What it answers. */
export interface ReadyMailbox {
  origin: string
  accessToken: string
  refreshToken: string
}

const { messages, people } = workerData as MailboxSize
const email = 'bench@example.test'
const world = createWorld({ seed: 'bench', clock: systemClock })
world.addAccount({ email, givenName: 'Bench', familyName: 'Example' })
const random = randomNumbers(11)
const start = systemClock.now().subtract({ hours: 24 * 365 })
for (let number = 0; number < messages; number += 1) {
  const who = `Person ${Math.floor(random() * people)} <person${Math.floor(random() * people)}@mail.example>`
  const at = start.add({ seconds: Math.floor((number * 365 * 86_400) / messages) })
  // A conversation has three messages or so.
  const mail = { subject: `Message ${number}`, at, threadId: `t${number - Math.floor(random() * 6)}` }
  if (random() < 0.3) world.sendMail(email, { ...mail, to: who, cc: `person${Math.floor(random() * people)}@mail.example` })
  else world.deliverMail(email, { ...mail, from: who, to: email, ...(random() < 0.3 ? { headers: [['List-Id', '<news.mail.example>']] } : {}) })
}
const google = await startGoogleSimulator({ world })
const tokens = google.issueTokens({ account: email, scopes: ['openid', 'https://www.googleapis.com/auth/gmail.metadata'] })
parentPort?.postMessage({ origin: google.origin, ...tokens } satisfies ReadyMailbox)
