import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ZipFile } from 'yazl'
import { importArchive } from '../../src/archive/service.ts'
import { createContact } from '../../src/contacts/service.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { fetchArchive, type Unpacked, unpack } from './support.ts'

let kith: TestApp
let good: Unpacked
let into: Person
beforeAll(async () => {
  kith = await testApp()
  const who = await kith.signUp()
  for (const name of ['Ada', 'Bob']) await createContact(who.ctx, { displayName: name, emails: [{ address: `${name}@example.test` }] })
  good = await unpack(await fetchArchive(kith, who))
  into = await kith.signUp()
})
afterAll(() => kith.close())

async function zipped(files: Unpacked, folder = 'bag'): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [path, bytes] of files) zip.addBuffer(bytes, `${folder}/${path}`)
  zip.end()
  return buffer(zip.outputStream)
}

async function bring(zip: Buffer, options = {}): Promise<unknown> {
  const path = join(kith.app.config.dataDir, `${Math.random()}.zip`)
  await writeFile(path, zip)
  return importArchive(into.ctx, path, options)
}

/** The archive with changes; `sealed` writes its manifests anew, as somebody would who knows how bags work. */
function changed(change: (files: Unpacked) => void, sealed = false): Unpacked {
  const files: Unpacked = new Map(good)
  change(files)
  if (!sealed) return files
  for (const algorithm of ['sha256', 'sha512']) {
    const lines = (paths: string[]) => paths.map((path) => `${createHash(algorithm).update(files.get(path)!).digest('hex')}  ${path}\n`).join('')
    files.set(`manifest-${algorithm}.txt`, Buffer.from(lines([...files.keys()].filter((path) => path.startsWith('data/')))))
  }
  for (const algorithm of ['sha256', 'sha512']) {
    const lines = ['bagit.txt', 'bag-info.txt', 'manifest-sha256.txt', 'manifest-sha512.txt'].map(
      (path) => `${createHash(algorithm).update(files.get(path)!).digest('hex')}  ${path}\n`,
    )
    files.set(`tagmanifest-${algorithm}.txt`, Buffer.from(lines.join('')))
  }
  return files
}

const contacts = 'data/records/Contact.ndjson'
const edit = (files: Unpacked, path: string, from: string | RegExp, to: string) => files.set(path, Buffer.from(String(files.get(path)).replace(from, to)))
const count = async () => kith.app.database.prisma.contact.count({ where: { ownerId: into.ownerId } })

test('[S-23] an archive that is as it was made passes a dry run, which changes nothing', async () => {
  expect(await bring(await zipped(good), { dryRun: true, requireSignature: true })).toMatchObject({ signature: 'OURS' })
  expect(await count()).toBe(0)
})

test.each<[string, (files: Unpacked) => void, RegExp]>([
  ['a changed record', (files) => edit(files, contacts, 'Ada', 'Eve'), /Contact\.ndjson" was changed/],
  ['a missing file', (files) => files.delete(contacts), /Contact\.ndjson" is missing/],
  ['an added file', (files) => files.set('data/records/More.ndjson', Buffer.from('{}\n')), /was added/],
  ['a changed manifest', (files) => edit(files, 'manifest-sha256.txt', /^[0-9a-f]{4}/, '0000'), /was changed|is not taken/],
  [
    'a missing manifest',
    (files) => ['manifest-sha256.txt', 'manifest-sha512.txt', 'tagmanifest-sha256.txt', 'tagmanifest-sha512.txt'].forEach((path) => files.delete(path)),
    /manifest/,
  ],
  ['a declaration of something else', (files) => edit(files, 'bagit.txt', '1.0', '2.0'), /no bag/],
])('[S-23] %s is found', async (_what, change, message) => {
  await expect(bring(await zipped(changed(change)))).rejects.toThrow(message)
  expect(await count()).toBe(0)
})

test('[S-23] whoever writes the manifests anew is found by the signature, and without one by who wants one', async () => {
  const forged = changed((files) => edit(files, contacts, 'Ada', 'Eve'), true)
  await expect(bring(await zipped(forged))).rejects.toThrow('its signature does not fit')
  forged.delete('manifest.jws')
  await expect(bring(await zipped(forged), { requireSignature: true })).rejects.toThrow('it is not signed')
  expect(await bring(await zipped(forged), { dryRun: true })).toMatchObject({ signature: 'NONE' })
})

test.each<[string, (files: Unpacked) => void, RegExp]>([
  ['a record that is no record', (files) => edit(files, contacts, '{', '['), /no record/],
  ['a value of another kind', (files) => edit(files, contacts, '"starred":false', '"starred":"no"'), /starred that cannot be/],
  ['an id that is none', (files) => edit(files, contacts, /"id":"[^"]+"/, '"id":"../../etc"'), /do not fit together/],
  [
    'an address of a contact that is not there',
    (files) => edit(files, 'data/records/ContactEmail.ndjson', /"contactId":"[^"]+"/, '"contactId":"00000000-0000-4000-8000-000000000000"'),
    /do not fit together/,
  ],
  ['an answer about somebody else', (files) => edit(files, 'data/index.json', '"ACCESS"', '"PERSON"'), /is no account/],
  ['a later format', (files) => edit(files, 'data/index.json', '"formatVersion": 1', '"formatVersion": 2'), /later version/],
])('[S-23] %s is refused, and nothing of the archive goes in', async (_what, change, message) => {
  const files = changed(change, true)
  files.delete('manifest.jws')
  await expect(bring(await zipped(files))).rejects.toThrow(message)
  expect(await count()).toBe(0)
})

test('[S-23] an account that holds something takes no archive', async () => {
  const full = await kith.signUp()
  await createContact(full.ctx, { displayName: 'There' })
  const path = join(kith.app.config.dataDir, 'full.zip')
  await writeFile(path, await zipped(good))
  await expect(importArchive(full.ctx, path)).rejects.toThrow('not empty')
})

/** A zip file of one stored or packed entry, written byte by byte: what no honest program writes. */
function handmade(name: string, packed: Buffer, claims: { size: number; mode?: number; twice?: boolean }): Buffer {
  const path = Buffer.from(name)
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50, 0)
  local.writeUInt16LE(20, 4)
  local.writeUInt16LE(8, 8)
  local.writeUInt32LE(packed.length, 18)
  local.writeUInt32LE(claims.size, 22)
  local.writeUInt16LE(path.length, 26)
  const central = Buffer.alloc(46)
  central.writeUInt32LE(0x02014b50, 0)
  central.writeUInt16LE((3 << 8) | 20, 4)
  central.writeUInt16LE(20, 6)
  central.writeUInt16LE(8, 10)
  central.writeUInt32LE(packed.length, 20)
  central.writeUInt32LE(claims.size, 24)
  central.writeUInt16LE(path.length, 28)
  central.writeUInt32LE(((claims.mode ?? 0o100644) << 16) >>> 0, 38)
  const entries = claims.twice ? 2 : 1
  const directory = Buffer.concat(Array.from({ length: entries }, () => Buffer.concat([central, path])))
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries, 8)
  end.writeUInt16LE(entries, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(local.length + path.length + packed.length, 16)
  return Buffer.concat([local, path, packed, directory, end])
}

test.each<[string, Buffer, RegExp]>([
  ['a path that leads out', handmade('bag/../../etc/passwd', deflateRawSync('x'), { size: 1 }), /is not taken/],
  ['an absolute path', handmade('/etc/passwd', deflateRawSync('x'), { size: 1 }), /is not taken/],
  ['a path with backslashes', handmade('bag\\..\\x', deflateRawSync('x'), { size: 1 }), /is not taken/],
  ['a symbolic link', handmade('bag/bagit.txt', deflateRawSync('/etc/passwd'), { size: 11, mode: 0o120777 }), /no plain file/],
  ['a file twice', handmade('bag/bagit.txt', deflateRawSync('x'), { size: 1, twice: true }), /twice/],
  [
    'a file that bursts',
    handmade('bag/data/records/Contact.ndjson', deflateRawSync(Buffer.alloc(50_000_000)), { size: 50_000_000 }),
    /times as large as it is packed/,
  ],
  ['a file that is larger than it says', handmade('bag/bagit.txt', deflateRawSync(Buffer.alloc(5_000_000, 'Bag')), { size: 100 }), /cannot be unpacked/],
  ['a file that claims more than an archive holds', handmade('bag/bagit.txt', deflateRawSync('x'), { size: 4_000_000_000 }), /too large/],
  ['what is no zip file', Buffer.from('PK nothing'), /no zip file/],
])('[S-23] %s is refused before anything is read of it', async (_what, zip, message) => {
  await expect(bring(zip)).rejects.toThrow(message)
})
