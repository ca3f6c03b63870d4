import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { fromBuffer, type Entry, type ZipFile } from 'yauzl'
import { createDownloadLink } from '../../src/archive/service.ts'
import { archiveRoutes } from '../../src/archive/routes.ts'
import { submit } from '../../src/privacy/requests.ts'
import type { Person, TestApp } from '../support/app.ts'

/** The files of an unpacked archive, by their path below its folder. */
export type Unpacked = Map<string, Buffer>

/** Asks for an archive, lets the jobs make it and fetches it by its link; answers the zip file. */
export async function fetchArchive(kith: TestApp, who: Person, type: 'ACCESS' | 'PORTABILITY' = 'ACCESS'): Promise<Buffer> {
  const { id } = await submit(who.ctx, { type })
  await kith.runJobs()
  const { url } = await createDownloadLink(who.ctx, id)
  const response = await archiveRoutes(kith.app).request(new URL(url).pathname)
  expect(response.status).toBe(200)
  const zip = Buffer.from(await response.arrayBuffer())
  expect(zip.length).toBe(Number(response.headers.get('content-length')))
  return zip
}

/** How many files of archives lie in the store for an account. */
export async function storedArchives({ app }: Pick<TestApp, 'app'>, ownerId: string): Promise<number> {
  const { objects } = await app.blobs.listAll(`archives/${ownerId}`, { recursive: true }).catch(() => ({ objects: [] }))
  return Array.from(objects).filter(({ isFile }) => isFile).length
}

/** Unpacks a zip file that has one folder, in memory. */
export async function unpack(zip: Buffer): Promise<Unpacked> {
  const opened = await promisify<Buffer, object, ZipFile>(fromBuffer as never)(zip, { lazyEntries: true })
  const files: Unpacked = new Map()
  await new Promise<void>((resolve, reject) => {
    opened.on('entry', (entry: Entry) => {
      opened.openReadStream(entry, (error, stream) => {
        if (error) return reject(error)
        const pieces: Buffer[] = []
        stream.on('data', (piece: Buffer) => pieces.push(piece))
        stream.on('end', () => {
          files.set(entry.fileName.slice(entry.fileName.indexOf('/') + 1), Buffer.concat(pieces))
          opened.readEntry()
        })
        stream.on('error', reject)
      })
    })
    opened.on('end', resolve)
    opened.on('error', reject)
    opened.readEntry()
  })
  return files
}

/** The records of a model in an unpacked archive. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export function recordsIn(files: Unpacked, model: string): any[] {
  const text = (files.get(`data/records/${model}.ndjson`) ?? files.get(`data/privacy/${model}.ndjson`))?.toString()
  return (text ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

/** What is wrong with a bag, read from RFC 8493 alone: its declaration, each manifest complete and right, the payload's size. */
export function bagFaults(files: Unpacked): string[] {
  const faults: string[] = []
  const text = (path: string): string => files.get(path)?.toString() ?? ''
  if (!/^BagIt-Version: 1\.0\nTag-File-Character-Encoding: UTF-8\n?$/.test(text('bagit.txt'))) faults.push('bagit.txt')
  const payload = [...files.keys()].filter((path) => path.startsWith('data/'))
  for (const algorithm of ['sha256', 'sha512']) {
    for (const [manifest, wanted] of [
      [`manifest-${algorithm}.txt`, payload],
      [`tagmanifest-${algorithm}.txt`, ['bagit.txt', 'bag-info.txt', 'manifest-sha256.txt', 'manifest-sha512.txt']],
    ] as const) {
      const listed = new Map(
        text(manifest)
          .split('\n')
          .filter(Boolean)
          .map((line) => [line.slice(line.indexOf(' ')).trim(), line.slice(0, line.indexOf(' '))]),
      )
      for (const path of wanted) if (!listed.has(path)) faults.push(`${manifest} lacks ${path}`)
      for (const [path, hash] of listed) {
        const file = files.get(path)
        if (!file) faults.push(`${path} is missing`)
        else if (createHash(algorithm).update(file).digest('hex') !== hash) faults.push(`${path} has another ${algorithm}`)
      }
    }
  }
  const bytes = payload.reduce((sum, path) => sum + (files.get(path)?.length ?? 0), 0)
  if (!text('bag-info.txt').includes(`Payload-Oxum: ${bytes}.${payload.length}\n`)) faults.push('Payload-Oxum')
  return faults
}
