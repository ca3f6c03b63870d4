import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { RandomAccessReader } from 'yauzl'

/** A file that is there while it is looked at, and for nobody else. */
export interface PassingFile extends AsyncDisposable {
  bytes: number
  /** Reads any part of it. */
  reader: RandomAccessReader
}

const cipher = 'aes-256-ctr'
/** A counter of AES counts blocks of so many bytes. */
const blockBytes = 16
/** So much is read at a time. */
const pieceBytes = 64 * 1024

/**
 * Takes in what streams by, so that any part of it can be read: a zip file tells at its end what is in it. On disk it has no name and is enciphered with
 * a key that is nowhere else than in this process, so that nothing is left of it however the process ends. Whether it was changed on the way is not told
 * by this: what it holds has hashes of its own. @throws what the stream throws
 */
export async function takeIn(folder: string, content: AsyncIterable<Uint8Array>): Promise<PassingFile> {
  const [key, nonce] = [randomBytes(32), randomBytes(blockBytes)]
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `.${randomBytes(16).toString('hex')}`)
  const file = await open(path, 'wx+', 0o600)
  await rm(path)
  try {
    let bytes = 0
    const encipher = createCipheriv(cipher, key, nonce)
    for await (const piece of content) {
      await writeWhole(file, encipher.update(piece), bytes)
      bytes += piece.length
    }
    const read = async function* (start: number, end: number): AsyncGenerator<Uint8Array> {
      const skipped = start % blockBytes
      const decipher = createDecipheriv(cipher, key, counterAt(nonce, (start - skipped) / blockBytes))
      decipher.update(Buffer.alloc(skipped))
      for (let at = start; at < end;) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(pieceBytes, end - at)), { position: at })
        if (bytesRead === 0) throw new Error('The file ends before what is read of it.')
        yield decipher.update(buffer.subarray(0, bytesRead))
        at += bytesRead
      }
    }
    const reader = Object.assign(new (RandomAccessReader as unknown as new () => RandomAccessReader)(), {
      _readStreamForRange: (start: number, end: number) => Readable.from(read(start, end), { objectMode: false }),
    })
    return { bytes, reader, [Symbol.asyncDispose]: () => file.close() }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function writeWhole(file: Awaited<ReturnType<typeof open>>, piece: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < piece.length;) done += (await file.write(piece, done, piece.length - done, at + done)).bytesWritten
}

/** The counter of so many blocks further on: a number of 128 bits that begins anew behind its end. */
function counterAt(nonce: Buffer, blocks: number): Buffer {
  const counter = (BigInt(`0x${nonce.toString('hex')}`) + BigInt(blocks)) & ((1n << 128n) - 1n)
  return Buffer.from(counter.toString(16).padStart(32, '0'), 'hex')
}
