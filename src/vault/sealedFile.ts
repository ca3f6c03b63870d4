import type { OwnerVault } from './vault.ts'

/** So much is sealed at a time: what is read is never larger in memory. */
const frameBytes = 512 * 1024
/** A sealed frame says its length first. */
const lengthBytes = 4

/** Seals a file frame by frame as it passes. Each frame is bound to the file's key, its place in it, and to whether it is the last: none can be left out, moved or cut off unseen. */
export async function* sealFile(vault: OwnerVault, key: string, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let index = 0
  let held = new Uint8Array()
  for await (const piece of content) {
    held = held.length === 0 ? new Uint8Array(piece) : Buffer.concat([held, piece])
    // The last frame is known only at the end, so one is always held back.
    while (held.length > frameBytes) {
      yield framed(vault.sealBlob(nameOf(key, index, false), held.subarray(0, frameBytes)))
      held = held.subarray(frameBytes)
      index += 1
    }
  }
  yield framed(vault.sealBlob(nameOf(key, index, true), held))
}

/** Opens a file that sealFile has sealed. @throws Error when it is not whole, or not what was sealed */
export async function* openFile(vault: OwnerVault, key: string, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let index = 0
  let held: Buffer = Buffer.alloc(0)
  for await (const piece of content) {
    held = Buffer.concat([held, piece])
    // What is there in full and has something behind it is not the last frame.
    for (let end = endOf(held); end !== null && held.length > end; end = endOf(held)) {
      yield vault.openBlob(nameOf(key, index, false), held.subarray(lengthBytes, end))
      held = held.subarray(end)
      index += 1
    }
  }
  if (endOf(held) !== held.length) throw new Error('The file is not whole.')
  yield vault.openBlob(nameOf(key, index, true), held.subarray(lengthBytes))
}

function endOf(held: Buffer): number | null {
  return held.length < lengthBytes ? null : lengthBytes + held.readUInt32BE(0)
}

function framed(sealed: Uint8Array): Buffer {
  const length = Buffer.alloc(lengthBytes)
  length.writeUInt32BE(sealed.length)
  return Buffer.concat([length, sealed])
}

function nameOf(key: string, index: number, isLast: boolean): string {
  return `${key}#${index}${isLast ? '!' : ''}`
}
