import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import {
  complaintRoute,
  followToken,
  isRestricted,
  officers,
  remedyRoute,
  type RequestType,
  submit,
  submitOpenly,
  verify,
  withdraw,
  withdrawOpenly,
} from '../../src/privacy/service.ts'
import { grantRole } from '../../src/privacy/roles.ts'
import { type Person, testApp } from '../support/app.ts'
import { ask, befriend } from '../support/crm.ts'
import { codeIn, type Kith, signedInAgain } from './support.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
let kith: Kith
let ada: Person
let olga: Person
let mail: string
let people = 0

beforeAll(async () => {
  kith = Object.assign(await testApp({ clock }), { clock })
  olga = await kith.signUp()
  await grantRole(systemCtx(kith.app, olga.ownerId, 'test'), olga.ownerId, 'privacy-officer')
})
afterAll(() => kith.close())
beforeEach(async () => {
  clock.advance({ hours: 24 * 3 })
  ada = await kith.signUp()
  olga = await signedInAgain(kith, olga)
  mail = `somebody${(people += 1)}@example.test`
  await befriend(ada, 'Grace Stopped', { emails: [{ address: mail }] })
  await kith.runJobs()
})

/** What is only stored is found no more. */
const isStored = async () => (await ask(ada, 'contacts(search: "Grace") { nodes { id } }')).nodes.length === 0
/** Somebody without an account asks, and proves their address. */
const asks = async (type: RequestType, more: object = {}): Promise<string> => {
  const { id } = await submitOpenly(ada.ctx, { type, address: mail, regime: 'GDPR', text: `${type} ${(people += 1)}`, ...more })
  await kith.runJobs()
  await verify(ada.ctx, followToken(kith.app, id), codeIn(kith, mail))
  return id
}
const takesBack = (id: string) => withdrawOpenly(ada.ctx, followToken(kith.app, id))
const decided = (id: string, outcome: 'GRANTED' | 'REFUSED') =>
  officers.decide(olga.ctx, id, [
    outcome === 'GRANTED'
      ? { part: 'everything', outcome }
      : { part: 'everything', outcome, reason: 'DATA_ACCURATE', explanation: 'It is right.', citation: null, complaint: complaintRoute, remedy: remedyRoute },
  ])
const lifted = async (id: string) => {
  await officers.announceLift(olga.ctx, id, 'It was weighed.')
  clock.advance({ hours: 8 * 24 })
  olga = await signedInAgain(kith, olga)
  await officers.lift(olga.ctx, id)
}

describe('what somebody without an account wants gone is only stored until it is weighed, and is used again when they take that back', () => {
  test('[S-22] unless they object to a use as well, for as long as that is weighed, and for good once it is granted', async () => {
    const erasure = await asks('ERASURE')
    expect(await isStored()).toBe(true)
    const objection = await asks('OBJECTION')
    await takesBack(erasure)
    expect(await isStored()).toBe(true)
    await decided(objection, 'GRANTED')
    await kith.runJobs()
    const again = await asks('ERASURE')
    await takesBack(again)
    expect(await isStored()).toBe(true)
    await takesBack(await asks('ERASURE'))
    expect(await isStored()).toBe(true)
    await lifted(objection)
    expect(await isStored()).toBe(false)
    await takesBack(await asks('ERASURE'))
    expect(await isStored()).toBe(false)
  })

  test('[S-22] unless they dispute what is held as well, for as long as that is weighed, and not after', async () => {
    const erasure = await asks('ERASURE')
    const dispute = await asks('RECTIFICATION')
    await takesBack(erasure)
    expect(await isStored()).toBe(true)
    await decided(dispute, 'REFUSED')
    // Refused it stops nothing else; its own stop ends when its person was told.
    const again = await asks('ERASURE')
    await takesBack(again)
    expect(await isStored()).toBe(false)
  })

  test('[S-22] an objection that was refused or is to marketing, and a restriction that was taken back, hold nothing back', async () => {
    const refused = await asks('OBJECTION')
    await decided(refused, 'REFUSED')
    await takesBack(await asks('RESTRICTION'))
    await takesBack(await asks('ERASURE'))
    expect(await isStored()).toBe(false)
    // Marketing ends by itself, and stores nothing away.
    await asks('OBJECTION', { purpose: 'MARKETING' })
    await kith.runJobs()
    expect(await isStored()).toBe(false)
    await takesBack(await asks('ERASURE'))
    expect(await isStored()).toBe(false)
  })

  test('[S-22] a restriction that is lifted leaves what else is weighed only stored', async () => {
    const restriction = await asks('RESTRICTION')
    await kith.runJobs()
    const erasure = await asks('ERASURE')
    await lifted(restriction)
    expect(await isStored()).toBe(true)
    await takesBack(erasure)
    expect(await isStored()).toBe(false)
  })
})

describe('a use that was stopped before it was weighed goes on again', () => {
  test.each(['OBJECTION', 'RECTIFICATION'] as const)('[S-22] when the %s is taken back, at once', async (type) => {
    const id = await asks(type)
    expect(await isStored()).toBe(true)
    await takesBack(id)
    expect(await isStored()).toBe(false)
  })

  test.each(['OBJECTION', 'RECTIFICATION'] as const)('[S-22] when the %s was refused, not before its person was told a week ahead', async (type) => {
    const id = await asks(type)
    await decided(id, 'REFUSED')
    expect(await isStored()).toBe(true)
    await expect(officers.lift(olga.ctx, id)).rejects.toThrow('a week before')
    await lifted(id)
    expect(await isStored()).toBe(false)
    await kith.runJobs()
    expect(kith.mails.filter(({ to }) => to === mail).map(({ subject }) => subject)).toContainEqual(expect.stringContaining('will be used again'))
  })

  test('[S-22] of an account too, and another objection of its holder still holds', async () => {
    const [one, other] = [await submit(ada.ctx, { type: 'OBJECTION', purpose: 'SECURITY' }), await submit(ada.ctx, { type: 'OBJECTION', purpose: 'OPERATION' })]
    expect(await isRestricted(ada.ctx)).toBe(true)
    await withdraw(ada.ctx, one.id)
    expect(await isRestricted(ada.ctx)).toBe(true)
    await withdraw(ada.ctx, other.id)
    expect(await isRestricted(ada.ctx)).toBe(false)
  })
})
