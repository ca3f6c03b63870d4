import type { gmail_v1 } from 'googleapis/build/src/apis/gmail/index.js'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fixedClock, systemClock } from '../../src/core/clock.ts'
import { startGoogleSimulator, type GoogleSimulator } from '../../dev/google/simulator.ts'
import { createWorld, type World } from '../../dev/google/world.ts'
import { gmailClient, oauthClient, refusal } from './clients.ts'

const ada = 'ada@example.test'
const topicName = 'projects/kith-example/topics/gmail'
interface Received {
  authorization: string
  subscription: string
  messageId: string
  publishTime: string
  data: { emailAddress: string; historyId: string }
}
let clock: ReturnType<typeof fixedClock>
let world: World
let simulator: GoogleSimulator
let users: gmail_v1.Resource$Users
let endpoint: Server
let received: Received[]
let answer: () => number
beforeEach(async () => {
  // google-auth-library checks tokens against the machine's clock.
  clock = fixedClock(systemClock.now())
  world = createWorld({ seed: 'push', clock })
  world.addAccount({ email: ada, givenName: 'Ada', familyName: 'Example' })
  simulator = await startGoogleSimulator({ clock, world })
  users = gmailClient(simulator, ada).users
  received = []
  answer = () => 204
  endpoint = createServer((request, response) => {
    void text(request).then((body) => {
      const { message, subscription } = JSON.parse(body) as { message: { data: string; messageId: string; publishTime: string }; subscription: string }
      const data = JSON.parse(Buffer.from(message.data, 'base64url').toString()) as Received['data']
      received.push({ authorization: request.headers.authorization ?? '', subscription, messageId: message.messageId, publishTime: message.publishTime, data })
      response.writeHead(answer()).end()
    })
  })
  endpoint.listen(0, '127.0.0.1')
  await once(endpoint, 'listening')
  simulator.settings.gmail.push.endpoint = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/push`
})
afterEach(async () => {
  await simulator.close()
  endpoint.close()
  endpoint.closeAllConnections()
})

const watch = (more: gmail_v1.Schema$WatchRequest = {}) => users.watch({ userId: 'me', requestBody: { topicName, ...more } })
const deliver = () => world.deliverMail(ada, { from: 'person@example.com' })
const later = (duration = 'PT1S') => clock.advance(duration)

test('a watched change is pushed with the id of its history, signed so that google-auth-library accepts it', async () => {
  const { data } = await watch()
  expect(data.expiration).toBe(String(clock.now().add({ hours: 168 }).epochMilliseconds))
  deliver()
  expect(await simulator.deliverPushes()).toMatchObject([{ status: 204 }])
  const historyId = (await users.getProfile({ userId: 'me' })).data.historyId
  expect(received).toMatchObject([
    {
      data: { emailAddress: ada, historyId },
      subscription: 'projects/kith-example/subscriptions/gmail',
      publishTime: clock.now().toString({ fractionalSecondDigits: 3 }),
    },
  ])
  const payload = (await verifyNow()).getPayload()
  expect(payload).toMatchObject({ iss: 'https://accounts.google.com', email: simulator.settings.gmail.push.serviceAccount, email_verified: true })
  expect(await simulator.deliverPushes()).toEqual([])
})

test('at most one push a second; the others are dropped and never come', async () => {
  await watch()
  for (let number = 0; number < 5; number++) deliver()
  expect(simulator.pushes.dropped).toBe(4)
  later()
  deliver()
  await simulator.deliverPushes()
  expect(received).toHaveLength(2)
})

test('what is refused comes again, later each time, until it is accepted', async () => {
  await watch()
  deliver()
  answer = () => (received.length < 3 ? 503 : 204)
  expect(await simulator.deliverPushes()).toMatchObject([{ status: 503 }])
  expect(await simulator.deliverPushes()).toEqual([])
  later('PT10S')
  expect(await simulator.deliverPushes()).toMatchObject([{ status: 503 }])
  later('PT10S')
  expect(await simulator.deliverPushes()).toEqual([])
  later('PT10S')
  expect(await simulator.deliverPushes()).toMatchObject([{ status: 204 }])
  later('PT1H')
  expect(await simulator.deliverPushes()).toEqual([])
  expect(new Set(received.map(({ messageId }) => messageId)).size).toBe(1)
})

test('a watch ends after seven days, with stop, and never begins while another client has it', async () => {
  await watch()
  later('PT167H')
  deliver()
  later('PT1H')
  deliver()
  expect(simulator.pushes.pending).toHaveLength(1)
  users = gmailClient(simulator, ada).users
  simulator.settings.gmail.watchedElsewhere = true
  const { status, data } = await refusal(watch())
  expect([status, JSON.stringify(data)]).toEqual([400, expect.stringContaining('Only one user push notification client')])
  await users.stop({ userId: 'me' })
  await watch()
  later()
  deliver()
  await users.stop({ userId: 'me' })
  later()
  deliver()
  expect(simulator.pushes.pending).toHaveLength(2)
  expect((await refusal(watch({ topicName: 'gmail' }))).status).toBe(400)
})

test('a watch of labels is told of these only', async () => {
  await watch({ labelIds: ['SENT'], labelFilterBehavior: 'include' })
  deliver()
  expect(simulator.pushes.pending).toEqual([])
  world.sendMail(ada, { to: 'person@example.com' })
  expect(simulator.pushes.pending).toHaveLength(1)
})

test('pushes are lost, come twice, in the wrong order, and for accounts nobody knows', async () => {
  const { push } = simulator.settings.gmail
  await watch()
  push.lose = true
  deliver()
  later()
  push.lose = false
  expect(simulator.pushes.pending).toEqual([])
  push.copies = 2
  push.reversed = true
  deliver()
  simulator.pushes.publish({ emailAddress: 'nobody@example.test', historyId: '1', messageId: '42' })
  await simulator.deliverPushes()
  expect(received.map(({ data }) => data.emailAddress)).toEqual(['nobody@example.test', 'nobody@example.test', ada, ada])
  expect(received.map(({ messageId }) => messageId).slice(0, 2)).toEqual(['42', '42'])
})

test.each([
  ['key', /Invalid token signature/],
  ['unknown key', /No pem found/],
  ['audience', /Wrong recipient/],
  ['issuer', /Invalid issuer/],
  ['expired', /Token used too late/],
  ['alg none', /No pem found|signature/],
] as const)('a token with a false %s is not accepted', async (forgery, reason) => {
  simulator.settings.gmail.push.forgery = forgery
  simulator.pushes.publish({ emailAddress: ada, historyId: '1' })
  await simulator.deliverPushes()
  await expect(verifyNow()).rejects.toThrow(reason)
})

test('tokens of other service accounts, and of none, look as they should', async () => {
  for (const forgery of ['email', 'unverified', 'missing'] as const) {
    simulator.settings.gmail.push.forgery = forgery
    simulator.pushes.publish({ emailAddress: ada, historyId: '1' })
    await simulator.deliverPushes()
  }
  const claims = received.map(({ authorization }) => JSON.parse(Buffer.from(authorization.split('.')[1] ?? 'e30', 'base64url').toString()) as object)
  expect(claims).toMatchObject([{ email: 'somebody@elsewhere.iam.gserviceaccount.com' }, { email_verified: false }, {}])
  expect(received[2]?.authorization).toBe('Bearer')
})

async function verifyNow() {
  const client = oauthClient(simulator)
  const { certs } = await client.getFederatedSignonCertsAsync()
  const token = received.at(-1)?.authorization.replace('Bearer ', '') ?? ''
  return client.verifySignedJwtWithCertsAsync(token, certs, simulator.settings.gmail.push.audience, ['https://accounts.google.com'])
}
