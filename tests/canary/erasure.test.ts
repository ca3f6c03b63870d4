import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { findPlaces, identifierHashes } from '../../src/directory/persons.ts'
import { erase } from '../../src/erasure/execute.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { dataMap } from '../../src/policy/dataMap.ts'
import { tablesOf } from '../../src/policy/tables.ts'
import { controllerId } from '../../src/privacy/service.ts'
import { createMailer } from '../../src/deliveries/mailer.ts'
import { createGoogleClient } from '../../src/google/client.ts'
import { testApp, testConfig } from '../support/app.ts'
import { type Kith, submit } from '../privacy/support.ts'
import { type Canary, madeByKith, plant, type Planted } from './plant.ts'
import { type Found, holding, inDatabases, inFiles, staysByRule } from './scan.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
const people = ['grace.first@example.test', 'henry.second@example.test']
const logged: string[] = []
const revoked: string[] = []
let kith: Kith
let ada: Planted
let bob: Planted

beforeAll(async () => {
  const google = {
    ...createGoogleClient(testConfig(''), { masterKeys: [], googleClientSecret: null } as never),
    revoke: async (token: string) => void revoked.push(token),
  }
  kith = Object.assign(await testApp({ clock, google, log: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }) }), { clock })
  Object.assign(kith.app, { mail: createMailer({ ...kith.app.config, smtpUrl: null }, clock) })
  ada = await plant(kith.app, await kith.signUp(), people)
  bob = await plant(kith.app, await kith.signUp(), people)
})
afterAll(() => kith.close())

/** As the certificate says: the random id of a contact that was a person stays in its owner's log of events, and in the ledger. */
const kept = ({ canary, where }: Found) => canary.place === 'Contact.id' && /events|erasures/.test(where)
const readable = (canaries: readonly Canary[]) => canaries.filter(({ sealed }) => !sealed)
const all = () => [...ada.canaries, ...bob.canaries]
const rowsOf = async (ownerId: string) =>
  Object.fromEntries(
    await Promise.all(
      tablesOf(kith.app)
        .filter(({ columns }) => columns.some(({ name }) => name === 'ownerId'))
        .map(async ({ table }) => [
          table,
          (await kith.app.database.pool.query(`SELECT t::text AS row FROM ${table} AS t WHERE "ownerId" = $1 ORDER BY 1`, [ownerId])).rows,
        ]),
    ),
  )
const folders = () => [kith.app.config.dataDir]
/** Whose pictures lie in files: a file is called by its picture's id. */
const picturesInFiles = async () => (await inFiles(folders(), all())).map(({ canary }) => canary).filter(({ place }) => place === 'Avatar.id')

test('[S-19] [S-21] every personal column of every model holds a canary, or can hold none', () => {
  const planted = new Set<string>(ada.canaries.map(({ place }) => place))
  const missing = dataMap(kith.app.policies)
    .filter(
      ({ model }) =>
        !madeByKith.has(model) &&
        tablesOf(kith.app)
          .find((table) => table.model === model)
          ?.columns.some(({ name }) => name === 'ownerId'),
    )
    .flatMap(({ model, columns }) => columns.filter(({ category }) => category.startsWith('user.')).map(({ name }) => `${model}.${name}`))
    .filter((place) => !planted.has(place) && !ada.untold.has(place))
  expect(missing).toEqual([])
  expect(new Set(all().map(({ token }) => token)).size).toBe(all().length)
})

test('[S-21] [S-27] the scan finds every canary that can be read, and none that is sealed', async () => {
  const found = await inDatabases(kith.app, all())
  const tokens = new Set(found.map(({ canary }) => canary.token))
  expect(
    readable(all())
      .filter(({ token }) => !tokens.has(token))
      .map(({ place }) => place),
  ).toEqual([])
  expect(found.filter(({ canary }) => canary.sealed)).toEqual([])
})

test('[S-21] [F-45] erasing a person leaves none of their canaries in any owner’s book, and all others where they were', async () => {
  const [email = ''] = people
  const theirs = (canary: Canary) => [ada, bob].some(({ contacts }) => contacts[0]!.id === canary.contactId)
  const hashes = await identifierHashes(kith.app, [{ kind: 'email', value: email }])
  const ctx = systemCtx(kith.app, controllerId, 'test')
  const subject = { kind: 'PERSON' as const, hashes, places: await findPlaces(ctx, hashes) }
  expect(subject.places).toHaveLength(2)
  const pictures = await picturesInFiles()
  expect(pictures.some(theirs)).toBe(true)
  const details = { text: null, corrections: [], purpose: null, delayHours: 0, identifiers: [email] }
  await erase(ctx, { requestId: '01900000-0000-7000-8000-00000000c0de', type: 'ERASURE', regime: 'GDPR', subject, details: details as never, decision: [] })
  await kith.runJobs({ mayFail: true })
  const found = await inDatabases(kith.app, readable(all()))
  expect(found.filter((each) => theirs(each.canary) && !kept(each)).map(({ canary, where }) => `${canary.place} in ${where}`)).toEqual([])
  const left = new Set(found.map(({ canary }) => canary.token))
  // Answers that are kept for a day go with the person, whoever they are about: they may hold anything.
  const others = readable(all()).filter((canary) => !theirs(canary) && !canary.place.startsWith('IdempotentAnswer.') && !left.has(canary.token))
  expect(others.map(({ place }) => place)).toEqual([])
  expect(await picturesInFiles()).toEqual(pictures.filter((canary) => !theirs(canary)))
})

test('[S-21] erasing an account leaves none of its canaries anywhere, and the other account as it was', async () => {
  const { email } = await kith.app.database.prisma.account.findUniqueOrThrow({ where: { ownerId: ada.who.ownerId } })
  const before = await rowsOf(bob.who.ownerId)
  expect((await picturesInFiles()).map(({ ownerId }) => ownerId)).toContain(ada.who.ownerId)
  await submit(kith, ada.who, { type: 'ERASURE' })
  await kith.runJobs({ mayFail: true })
  const [request] = (await kith.app.database.pool.query(`SELECT state FROM privacy_requests WHERE type = 'ERASURE'`)).rows
  expect(request, logged.join('').slice(-3000)).toEqual({ state: 'COMPLETED' })
  expect(revoked.length).toBeGreaterThan(0)
  const found = await inDatabases(kith.app, ada.canaries)
  const left = found.filter((each) => !(kept(each) && each.where.includes('erasures')) && !staysByRule(kith.app, each.canary))
  expect(left.map(({ canary, where }) => `${canary.place} in ${where}`)).toEqual([])
  expect(await rowsOf(bob.who.ownerId)).toEqual(before)
  // The address that is answered stands in the answers, as the certificate says.
  const unanswered = ada.canaries.filter(({ token }) => token !== email)
  expect((await inFiles(folders(), unanswered)).map(({ canary, where }) => `${canary.place} in ${where}`)).toEqual([])
  expect(holding(logged.join('\n'), ada.canaries).map(({ place }) => place)).toEqual([])
})
