import { fileTypeFromBuffer } from 'file-type'
import { withoutMetadata } from './metadata.ts'

/** The kinds of picture that are taken: those every browser shows and none can run. */
export const imageTypes = ['image/png', 'image/apng', 'image/jpeg', 'image/gif', 'image/webp'] as const
/** A kind of picture that is taken. */
export type ImageType = (typeof imageTypes)[number]

/** A small file may unfold into gigabytes of pixels; no portrait needs more than these. */
const maxSide = 10_000
const maxPixels = 50_000_000

/** A picture that is taken, as it is kept: without what it says besides its pixels. */
export interface Image {
  contentType: ImageType
  bytes: Uint8Array
}

/** What the bytes of a picture are, whatever they were called; or why they are not taken. */
export async function readImage(bytes: Uint8Array): Promise<Image | { refused: string }> {
  const found = await fileTypeFromBuffer(bytes).catch(() => undefined)
  const contentType = imageTypes.find((type) => type === found?.mime)
  if (!contentType) return { refused: 'It is not a PNG, JPEG, GIF or WebP picture.' }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = sizeOf(contentType, buffer)
  if (!size || size.width < 1 || size.height < 1) return { refused: 'The picture is damaged.' }
  if (size.width > maxSide || size.height > maxSide || size.width * size.height > maxPixels)
    return { refused: `The picture is too large: ${size.width} by ${size.height} pixels.` }
  return { contentType, bytes: withoutMetadata(contentType, buffer) }
}

interface Size {
  width: number
  height: number
}

/** A picture's size as its header says it; undefined where the header is not whole. */
function sizeOf(contentType: ImageType, bytes: Buffer): Size | undefined {
  try {
    if (contentType === 'image/png' || contentType === 'image/apng') return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
    if (contentType === 'image/gif') return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }
    if (contentType === 'image/webp') return webpSize(bytes)
    return jpegSize(bytes)
  } catch {
    return undefined
  }
}

/** RFC 9649: lossy, lossless and extended files each say it in their own place. */
function webpSize(bytes: Buffer): Size | undefined {
  const chunk = bytes.toString('latin1', 12, 16)
  if (chunk === 'VP8 ') return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff }
  if (chunk === 'VP8X') return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 }
  if (chunk !== 'VP8L') return undefined
  const bits = bytes.readUInt32LE(21)
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
}

/** ITU T.81: walks the segments to the frame's header. */
function jpegSize(bytes: Buffer): Size | undefined {
  let at = 2
  while (at < bytes.length) {
    if (bytes.readUInt8(at) !== 0xff) return undefined
    const marker = bytes.readUInt8(at + 1)
    if (marker === 0xff) at += 1
    else if (isFrame(marker)) return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) }
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2
    else at += 2 + bytes.readUInt16BE(at + 2)
  }
  return undefined
}

// C4, C8 and CC lie among the frame headers and are none.
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}
