import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FaultRule } from '../../dev/google/faults.ts'
import { meeting } from '../calendar/support.ts'
import { makeDue, settle, syncWhole, wholeApp, wholeOwner } from './whole.ts'

const logged: string[] = []
const sent: string[] = []
let kith: Awaited<ReturnType<typeof wholeApp>>

beforeAll(async () => {
  kith = await wholeApp({
    log: pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) }),
    config: {
      logLevel: 'debug',
      gmailPush: { topic: 'projects/kith/topics/gmail', audience: 'https://kith.example/push', account: 'pusher@kith.example' } as never,
    },
    onCreate: (app) => {
      const { send } = app.queue
      Object.assign(app.queue, { send: (name: string, payload: object) => (sent.push(JSON.stringify([name, payload])), send(name, payload as never)) })
    },
  })
})
afterAll(() => kith.close())

// Each is found again wherever it slips through.
const planted = {
  subject: 'plantedsubject',
  name: 'Plantedname',
  address: 'plantedperson@plantedhost.example',
  meeting: 'plantedmeeting',
  place: 'plantedplace',
  label: 'Plantedlabel',
  phone: '5550107788',
  body: 'plantedbody',
}

test('with every detail logged, nothing that came from Google stands in logs, events, jobs or what is said of a failure', { timeout: 120_000 }, async () => {
  const email = 'plantedowner@gmail.com'
  const { world } = kith.google
  world.addAccount({ email, givenName: 'Test', familyName: 'Example', timeZone: 'Europe/Berlin' })
  const group = world.addGroup(email, planted.label)
  const add = (index: number): void => {
    world.addPerson(email, {
      names: [{ givenName: `${planted.name}${index}` }],
      emailAddresses: [{ value: `${index}${planted.address}` }],
      phoneNumbers: [{ value: `+1${planted.phone}` }],
      memberships: [{ contactGroupMembership: { contactGroupResourceName: group } }],
    })
    world.deliverMail(email, { from: `${planted.name} <${index}${planted.address}>`, to: email, subject: `${planted.subject} ${index}` })
    world.addEvent(email, { ...meeting(planted.meeting, `2026-02-1${index}T10:00`, [`${index}${planted.address}`]), location: planted.place })
  }
  for (const index of [0, 1, 2, 3, 4, 5]) add(index)
  const owner = await wholeOwner(kith, email)
  const { accessToken, refreshToken } = kith.google.issueTokens({ account: email, scopes: ['openid'] })
  const jwt = kith.google.keys.sign({ iss: 'https://accounts.google.com', sub: planted.body, email, aud: 'another' })
  // What Google says of a failure names what was asked for, and with which token.
  const said = `${planted.body} ${planted.subject} ${planted.address} ${accessToken} ${refreshToken} ${jwt}`
  const faults: FaultRule[] = [
    { status: 500, body: { error: { code: 500, message: said, status: said, errors: [{ reason: said, message: said }] } } },
    { status: 400, body: { error: { code: 400, message: said, details: [{ reason: said }] } } },
    { status: 403, body: { error: { code: 403, message: said, errors: [{ reason: 'rateLimitExceeded' }] } } },
    { status: 200, body: `<html>${said}</html>` },
    { truncateBytes: 200 },
    { reset: true },
  ]
  const places = ['/v1/people/me/connections', '/v1/contactGroups', '/gmail/v1/users/me/history', '/gmail/v1/users/me/messages', '/batch/gmail/v1', '/calendar/v3/calendars/primary/events'] // prettier-ignore
  for (const fault of faults) {
    for (const path of places) kith.google.faults.add({ ...fault, path })
    kith.google.faults.add({ ...fault, path: /^\/gmail\/v1\/users\/me\/messages\/./, inBatch: true })
    await makeDue(owner, { full: true })
    await syncWhole(kith.app, owner.ownerId)
    kith.clock.advance({ hours: 1 })
  }
  // A refresh that fails says so as well, with the token in its answer.
  for (const body of [{ error: 'server_error', error_description: said }, { error: said }, said]) {
    kith.google.tokens.expireAccessTokens(email)
    kith.google.faults.add({ path: '/token', status: 500, body })
    await makeDue(owner)
    await syncWhole(kith.app, owner.ownerId)
    kith.clock.advance({ hours: 1 })
  }
  const notice = { message: { data: Buffer.from(JSON.stringify({ emailAddress: email, historyId: '1' })).toString('base64'), messageId: planted.body } }
  for (const bearer of [jwt, accessToken, 'no.token.at-all']) {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }
    expect((await fetch(`${kith.origin}/google/gmail/push`, { method: 'POST', headers, body: JSON.stringify(notice) })).status).toBe(401)
  }
  kith.google.faults.clear()
  await settle(kith, owner)
  await kith.runJobs()
  expect(await owner.ctx.db.interaction.count({ where: { ownerId: owner.ownerId } })).toBe(12)
  expect(logged.length).toBeGreaterThan(20)
  expect(sent.length).toBeGreaterThan(0)

  const { pool } = kith.app.database
  const read = async (table: string) => JSON.stringify((await pool.query(`SELECT * FROM ${table}`)).rows)
  const tables = ['events', 'outbox', 'directory_due', 'google_sync_runs', 'google_sync_states', 'directory_mailboxes', 'gmail_notices']
  const texts = {
    logs: logged.join('\n'),
    jobs: sent.join('\n'),
    ...Object.fromEntries(await Promise.all(tables.map(async (table) => [table, await read(table)] as const))),
  }
  const grant = await owner.ctx.db.googleGrant.findFirstOrThrow({ where: { ownerId: owner.ownerId } })
  const vault = await kith.app.vault.of(owner.ownerId)
  const secrets = [
    ...Object.values(planted),
    'plantedowner',
    accessToken,
    refreshToken,
    jwt,
    jwt.split('.')[1]!,
    'simulator-client-secret',
    vault.open('GoogleGrant.accessToken', grant.id, grant.accessToken!),
    vault.open('GoogleGrant.refreshToken', grant.id, grant.refreshToken!),
  ]
  for (const [place, text] of Object.entries(texts)) {
    const found = secrets.filter((secret) => text.toLowerCase().includes(secret.toLowerCase()))
    expect([place, found]).toEqual([place, []])
  }
  // No token of any shape.
  expect(texts.logs).not.toMatch(/ya29\.|1\/\/[\w-]{20}|eyJ[\w-]{20}/)
})
