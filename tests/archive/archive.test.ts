import { createPublicKey, verify } from 'node:crypto'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDownloadLink, openDownload } from '../../src/archive/service.ts'
import { createContact } from '../../src/contacts/service.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { createNote } from '../../src/notes/service.ts'
import { submit } from '../../src/privacy/requests.ts'
import { jwkOf } from '../../src/vault/signing.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { bagFaults, fetchArchive, recordsIn, storedArchives, unpack } from './support.ts'

const clock = fixedClock('2026-05-04T10:00:00Z')
let kith: TestApp
beforeAll(async () => {
  kith = await testApp({ clock })
})
afterAll(() => kith.close())

test('[S-19] an account is asked for, made by a job, and fetched as a whole bag', async () => {
  const who = await kith.signUp()
  const contactId = await createContact(who.ctx, {
    name: { given: 'Grace', family: 'Fetched' },
    about: 'Sealed about her',
    emails: [{ address: 'grace@example.test' }],
  })
  await createNote(who.ctx, { contactId, body: 'Likes tulips' })
  const files = await unpack(await fetchArchive(kith, who))
  expect(bagFaults(files)).toEqual([])
  expect(recordsIn(files, 'Contact')).toMatchObject([{ id: contactId, nameGiven: 'Grace', about: 'Sealed about her' }])
  expect(recordsIn(files, 'Note')).toMatchObject([{ contactId, body: 'Likes tulips' }])
  expect(recordsIn(files, 'ContactEmail')).toMatchObject([{ address: 'grace@example.test' }])
})

test('[S-23] every record fits the schema that lies beside it', async () => {
  const who = await kith.signUp()
  const contactId = await createContact(who.ctx, { displayName: 'Schema', starred: true, dates: [{ kind: 'BIRTHDAY', date: { month: 2, day: 29 } }] })
  await createNote(who.ctx, { contactId, body: '=cmd()' })
  const files = await unpack(await fetchArchive(kith, who, 'PORTABILITY'))
  const ajv = new Ajv2020({ strict: true })
  addFormats.default(ajv)
  let checked = 0
  for (const path of files.keys()) {
    const model = /^data\/schemas\/(\w+)\.json$/.exec(path)?.[1]
    if (!model) continue
    const validate = ajv.compile(JSON.parse(String(files.get(path))))
    for (const record of recordsIn(files, model)) {
      expect(validate(record), `${model}: ${JSON.stringify(validate.errors)}`).toBe(true)
      checked += 1
    }
  }
  expect(checked).toBeGreaterThan(3)
  expect(String(files.get('data/csv/Note.csv'))).toContain("'=cmd()")
})

test('[S-23] whoever has the published key can tell that the archive is ours', async () => {
  const who = await kith.signUp()
  const files = await unpack(await fetchArchive(kith, who))
  const [header = '', payload, signature = ''] = String(files.get('manifest.jws')).trim().split('.')
  expect(payload).toBe('')
  const { kid, alg } = JSON.parse(Buffer.from(header, 'base64url').toString())
  const published = (await kith.app.signing.publicKeys()).find(({ id }) => id === kid)!
  const key = createPublicKey({ key: jwkOf(published), format: 'jwk' })
  const signed = Buffer.from(`${header}.${files.get('tagmanifest-sha256.txt')!.toString('base64url')}`)
  expect(alg).toBe('EdDSA')
  expect(verify(null, signed, key, Buffer.from(signature, 'base64url'))).toBe(true)
})

test('[S-19] a link is good once and for five minutes, and nobody makes one with an old sign-in', async () => {
  const who = await kith.signUp()
  const { id } = await submit(who.ctx, { type: 'ACCESS' })
  await kith.runJobs()
  const use = ({ url }: { url: string }) => openDownload(who.ctx, url.split('/').at(-1) ?? '')
  const first = await createDownloadLink(who.ctx, id)
  const second = await createDownloadLink(who.ctx, id)
  await expect(use(first)).rejects.toThrow('used already, or is too old')
  const { content } = await use(second)
  await expect(use(second)).rejects.toThrow('used already, or is too old')
  // Whoever was cut off asks for another: what was not taken to its end is still there.
  await content.return(undefined)
  const third = await createDownloadLink(who.ctx, id)
  clock.advance({ minutes: 5, seconds: 1 })
  await expect(use(third)).rejects.toThrow('used already, or is too old')
  await expect(createDownloadLink(who.ctx, id)).rejects.toThrow('Sign in again first')
})

test('[S-23] an archive is deleted once it was fetched, and otherwise after seven days', async () => {
  const stateOf = async (ownerId: string) =>
    (await kith.app.database.prisma.archive.findMany({ where: { ownerId } })).map(({ state, blobKey }) => ({ state, blobKey }))
  const fetching = await kith.signUp()
  await fetchArchive(kith, fetching)
  await kith.runJobs()
  expect(await stateOf(fetching.ownerId)).toEqual([{ state: 'FETCHED', blobKey: null }])
  expect(await storedArchives(kith, fetching.ownerId)).toBe(0)

  const waiting = await kith.signUp()
  await submit(waiting.ctx, { type: 'ACCESS' })
  await kith.runJobs()
  clock.advance({ hours: 7 * 24 - 1 })
  await kith.runJobs()
  expect(await storedArchives(kith, waiting.ownerId)).toBe(1)
  clock.advance({ hours: 2 })
  await kith.runJobs()
  expect(await storedArchives(kith, waiting.ownerId)).toBe(0)
  expect(await stateOf(waiting.ownerId)).toEqual([{ state: 'EXPIRED', blobKey: null }])
})
