import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { type Entry, fromRandomAccessReaderPromise, openPromise, type RandomAccessReader, type ZipFile } from 'yauzl'
import { InvalidInputError } from '../core/errors.ts'

/** What is taken of an archive at most: twice what an account of a million records makes. Bytes. */
export const limits = {
  zipBytes: 4_000_000_000,
  entryBytes: 2_000_000_000,
  totalBytes: 8_000_000_000,
  tagBytes: 64_000_000,
  entries: 200_000,
  lineCharacters: 16_000_000,
} as const
/** Text does not shrink to less than this share of itself; what claims to is made to burst. Entries below the size are small either way. */
const mostShrunk = { ratio: 300, above: 1_000_000 }

/** An archive that was opened; nothing of it is trusted yet. */
export interface OpenedBag extends AsyncDisposable {
  /** The paths of its files, below the one folder it has. */
  readonly paths: readonly string[]
  /** A file, a piece at a time. @throws InvalidInputError when it is missing or cannot be unpacked */
  pieces(path: string): AsyncGenerator<Buffer>
  /** A file of the bag itself, or another small one, whole. @throws InvalidInputError when it is missing or too large */
  text(path: string): Promise<string>
  /** A file line by line. @throws InvalidInputError when a line is too long */
  lines(path: string): AsyncGenerator<string>
}

/** Where an archive lies: in a file with a name, or where any part of it can be read. */
export type BagSource = string | { reader: RandomAccessReader; bytes: number }

/** Opens a zip file and refuses what no archive of ours is: paths that lead elsewhere, links, files twice, files that burst. Nothing is unpacked to disk. @throws InvalidInputError */
export async function openBagFile(source: BagSource): Promise<OpenedBag> {
  const options = { lazyEntries: true, autoClose: false, strictFileNames: true }
  const opening = typeof source === 'string' ? openPromise(source, options) : fromRandomAccessReaderPromise(source.reader, source.bytes, options)
  const zip = await opening.catch((error: unknown) => refuse(`it is no zip file that can be read (${messageOf(error)})`))
  const entries = new Map<string, Entry>()
  try {
    if (zip.fileSize > limits.zipBytes) refuse('it is too large')
    if (zip.entryCount > limits.entries) refuse('it holds too many files')
    let total = 0
    const folders = new Set<string>()
    for await (const entry of entriesOf(zip)) {
      const slash = entry.fileName.indexOf('/')
      const path = entry.fileName.slice(slash + 1)
      if (slash < 1 || path === '' || path.split('/').some((part) => part === '' || part === '.' || part === '..'))
        refuse(`the path ${shown(entry.fileName)} is not one of an archive`)
      if (!isPlainFile(entry)) refuse(`${shown(path)} is no plain file`)
      if (entries.has(path)) refuse(`${shown(path)} is in it twice`)
      if (entry.isEncrypted() || !entry.canDecodeFileData()) refuse(`${shown(path)} is encrypted or packed in a way that is not known`)
      if (entry.uncompressedSize > limits.entryBytes || (total += entry.uncompressedSize) > limits.totalBytes) refuse('what is in it is too large')
      if (entry.uncompressedSize > mostShrunk.above && entry.uncompressedSize > entry.compressedSize * mostShrunk.ratio)
        refuse(`${shown(path)} claims to be ${Math.round(entry.uncompressedSize / entry.compressedSize)} times as large as it is packed`)
      folders.add(entry.fileName.slice(0, slash))
      entries.set(path, entry)
    }
    if (folders.size !== 1) refuse('it has not exactly one folder')
  } catch (error) {
    zip.close()
    throw error instanceof InvalidInputError ? error : refusal(messageOf(error))
  }
  const read = async (path: string): Promise<Readable> => {
    const entry = entries.get(path) ?? refuse(`${shown(path)} is missing`)
    return zip.openReadStreamPromise(entry)
  }
  // What goes wrong while a file is unpacked is the archive's fault, not ours.
  const piecesOf = async function* (path: string): AsyncGenerator<Buffer> {
    const content = (await read(path)) as AsyncIterable<Buffer>
    try {
      for await (const piece of content) yield piece
    } catch (error) {
      refuse(`${shown(path)} cannot be unpacked (${messageOf(error)})`)
    }
  }
  return {
    paths: [...entries.keys()],
    pieces: piecesOf,
    text: async (path) => {
      if ((entries.get(path)?.uncompressedSize ?? 0) > limits.tagBytes) refuse(`${shown(path)} is too large`)
      return Buffer.concat(await Array.fromAsync(piecesOf(path))).toString('utf8')
    },
    lines: async function* (path) {
      for await (const line of createInterface({ input: Readable.from(piecesOf(path), { objectMode: false }), crlfDelay: Number.POSITIVE_INFINITY })) {
        if (line.length > limits.lineCharacters) refuse(`a line of ${shown(path)} is too long`)
        if (line !== '') yield line
      }
    },
    [Symbol.asyncDispose]: async () => zip.close(),
  }
}

/** Compares every file of a bag with its manifests (RFC 8493, 3): none missing, none more, none changed. @throws InvalidInputError naming the first that is */
export async function checkBag(bag: OpenedBag): Promise<void> {
  if (!/^BagIt-Version: (0\.97|1\.0)\r?\nTag-File-Character-Encoding: UTF-8\s*$/.test(await bag.text('bagit.txt'))) refuse('it is no bag (BagIt 1.0)')
  const manifests = [
    ...(await manifestsOf(bag, 'manifest', (path) => path.startsWith('data/'))),
    ...(await manifestsOf(bag, 'tagmanifest', (path) => !path.startsWith('data/') && !path.startsWith('tagmanifest-'))),
  ]
  if (!manifests.some(({ kind }) => kind === 'manifest') || !manifests.some(({ kind }) => kind === 'tagmanifest'))
    refuse('it has no manifest that can be checked')
  for (const path of bag.paths) {
    const expected = manifests.flatMap(({ kind, algorithm, hashes }) => {
      const hash = hashes.get(path)
      if (hash === undefined && kind === 'manifest' && path.startsWith('data/')) refuse(`${shown(path)} is in none of its manifests: it was added`)
      return hash === undefined ? [] : [{ hash, sum: createHash(algorithm) }]
    })
    if (expected.length === 0) continue
    for await (const piece of bag.pieces(path)) for (const { sum } of expected) sum.update(piece)
    if (expected.some(({ hash, sum }) => sum.digest('hex') !== hash)) refuse(`${shown(path)} was changed after the archive was made`)
  }
}

interface Manifest {
  kind: 'manifest' | 'tagmanifest'
  algorithm: string
  hashes: Map<string, string>
}

async function manifestsOf(bag: OpenedBag, kind: Manifest['kind'], belongs: (path: string) => boolean): Promise<Manifest[]> {
  const manifests: Manifest[] = []
  for (const algorithm of ['sha256', 'sha512']) {
    const name = `${kind}-${algorithm}.txt`
    if (!bag.paths.includes(name)) continue
    const hashes = new Map<string, string>()
    for (const line of (await bag.text(name)).split(/\r?\n/).filter(Boolean)) {
      const [, hash = '', path = ''] = /^([0-9a-f]+) +(.+)$/i.exec(line) ?? refuse(`${name} cannot be read`)
      const decoded = path.replaceAll(/%0A/gi, '\n').replaceAll(/%0D/gi, '\r').replaceAll(/%25/g, '%')
      if (!belongs(decoded) || hashes.has(decoded)) refuse(`${name} names ${shown(decoded)}, which it cannot`)
      hashes.set(decoded, hash.toLowerCase())
    }
    const there = new Set(bag.paths)
    for (const path of hashes.keys()) if (!there.has(path)) refuse(`${shown(path)} is missing`)
    manifests.push({ kind, algorithm, hashes })
  }
  return manifests
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  for (;;) {
    const entry = await new Promise<Entry | null>((resolve, reject) => {
      const settle =
        <Value>(how: (value: Value) => void) =>
        (value: Value) => {
          zip.off('entry', onEntry).off('end', onEnd).off('error', onError)
          how(value)
        }
      const onEntry = settle<Entry>(resolve)
      const onEnd = settle<void>(() => resolve(null))
      const onError = settle<Error>(reject)
      zip.once('entry', onEntry).once('end', onEnd).once('error', onError)
      zip.readEntry()
    })
    if (!entry) return
    yield entry
  }
}

// The upper half holds the mode of Unix, where the file was packed there: zero, or a plain file.
function isPlainFile({ externalFileAttributes }: Entry): boolean {
  const type = (externalFileAttributes >>> 16) & 0o170000
  return type === 0 || type === 0o100000
}

/** Refuses an archive. @throws InvalidInputError */
export function refuse(why: string): never {
  throw refusal(why)
}

function refusal(why: string): InvalidInputError {
  return new InvalidInputError({ path: ['archive'], message: `The archive is not taken: ${why}.` })
}

function shown(path: string): string {
  return JSON.stringify(path.slice(0, 200))
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
