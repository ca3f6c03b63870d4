import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { ZipFile } from 'yazl'

/** What a bag tells of itself (RFC 8493, 2.2.2). */
export interface BagInfo {
  date: string
  identifier: string
  software: string
  description: string
}

/** A file that lies in a bag. */
export interface BaggedFile {
  /** From the top of the bag on. */
  path: string
  bytes: number
  sha256: string
  sha512: string
}

/** A BagIt bag (RFC 8493) on its way into a zip file. Files go in one after the other. */
export interface Bag {
  /** The zip file, as it comes about. Somebody has to read it, or nothing moves. */
  readonly stream: Readable
  /** Puts a file of the payload in; done once its last byte has been taken. */
  add(path: string, content: Content): Promise<BaggedFile>
  /** Writes what a bag has beside its payload, with a signature over its tag manifest, and ends it. */
  finish(sign: (tagManifest: string) => Promise<string>): Promise<void>
}

type Content = string | Uint8Array | AsyncIterable<string | Uint8Array>

/** Opens a bag below one folder of a zip file. Equal content makes equal bytes. */
export function openBag(folder: string, at: Date, info: BagInfo): Bag {
  const zip = new ZipFile()
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => {})
  zip.on('error', (error: Error) => {
    failed.reject(error)
    ;(zip.outputStream as Readable).destroy(error)
  })
  const put = async (path: string, content: Content): Promise<BaggedFile> => {
    const hashes = [createHash('sha256'), createHash('sha512')] as const
    const done = Promise.withResolvers<number>()
    const measured = async function* (): AsyncGenerator<Uint8Array> {
      let bytes = 0
      for await (const piece of chunksOf(content)) {
        bytes += piece.length
        for (const hash of hashes) hash.update(piece)
        yield piece
      }
      done.resolve(bytes)
    }
    zip.addReadStreamLazy(`${folder}/${path}`, { mtime: at, mode: 0o100644 }, (take) => take(null, Readable.from(measured(), { objectMode: false })))
    const bytes = await Promise.race([done.promise, failed.promise])
    return { path, bytes, sha256: hashes[0].digest('hex'), sha512: hashes[1].digest('hex') }
  }
  const payload: BaggedFile[] = []
  let declaration: Promise<BaggedFile> | undefined
  const declare = (): Promise<BaggedFile> => (declaration ??= put('bagit.txt', 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n'))
  return {
    stream: zip.outputStream as Readable,
    add: async (path, content) => {
      await declare()
      const file = await put(`data/${path}`, content)
      payload.push(file)
      return file
    },
    finish: async (sign) => {
      const tags = [
        await declare(),
        await put('bag-info.txt', infoText(info, payload)),
        await put('manifest-sha256.txt', manifestOf(payload, 'sha256')),
        await put('manifest-sha512.txt', manifestOf(payload, 'sha512')),
      ]
      const tagManifest = manifestOf(tags, 'sha256')
      await put('tagmanifest-sha256.txt', tagManifest)
      await put('tagmanifest-sha512.txt', manifestOf(tags, 'sha512'))
      await put('manifest.jws', await sign(tagManifest))
      zip.end()
    },
  }
}

async function* chunksOf(content: Content): AsyncGenerator<Uint8Array> {
  if (typeof content === 'string') yield Buffer.from(content)
  else if (content instanceof Uint8Array) yield content
  else for await (const piece of content) yield typeof piece === 'string' ? Buffer.from(piece) : piece
}

function manifestOf(files: readonly BaggedFile[], algorithm: 'sha256' | 'sha512'): string {
  return files.map((file) => `${file[algorithm]}  ${file.path}\n`).join('')
}

function infoText({ date, identifier, software, description }: BagInfo, payload: readonly BaggedFile[]): string {
  const bytes = payload.reduce((sum, file) => sum + file.bytes, 0)
  return [
    `Bagging-Date: ${date}`,
    `Bag-Software-Agent: ${software}`,
    `External-Description: ${description}`,
    `External-Identifier: ${identifier}`,
    `Payload-Oxum: ${bytes}.${payload.length}`,
    '',
  ].join('\n')
}
