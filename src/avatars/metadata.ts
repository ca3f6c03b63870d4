import { crc32 } from 'node:zlib'
import type { ImageType } from './image.ts'
import { isUpright, orientationIn, tiffOf } from './orientation.ts'

/**
 * A picture without what it says besides its pixels: where and when it was taken, with what and by whom, thumbnails of what was cut away, and whatever
 * follows its end. Colour profiles and animations stay, and so does which way is up; no pixel changes. The same picture always gives the same bytes.
 */
export function withoutMetadata(type: ImageType, bytes: Buffer): Buffer {
  if (type === 'image/jpeg') return jpeg(bytes)
  if (type === 'image/webp') return webp(bytes)
  if (type === 'image/gif') return gif(bytes)
  return png(bytes)
}

const exifHead = Buffer.from('Exif\0\0', 'latin1')
const iccHead = 'ICC_PROFILE\0'

/** ITU T.81, annex B. Of the application segments those stay that say how to show the colours: JFIF's, Adobe's, and profiles. */
function jpeg(bytes: Buffer): Buffer {
  const kept: Buffer[] = []
  let orientation = 1
  let at = 2
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes.readUInt8(at + 1)
    if (marker === 0xd9) break
    if (marker === 0xff || isBare(marker)) {
      at += marker === 0xff ? 1 : 2
      continue
    }
    let end = at + 2 + bytes.readUInt16BE(at + 2)
    const body = bytes.subarray(at + 4, end)
    if (marker === 0xe1 && body.subarray(0, 6).equals(exifHead)) orientation = orientationIn(body.subarray(6))
    if (marker === 0xda) end = endOfScan(bytes, end)
    const isApplication = marker >= 0xe0 && marker <= 0xef
    if (marker !== 0xfe && (!isApplication || showsColours(marker, body))) kept.push(bytes.subarray(at, end))
    at = end
  }
  const upright = isUpright(orientation) ? [] : [segment(0xe1, Buffer.concat([exifHead, tiffOf(orientation)]))]
  // A JFIF segment, where there is one, comes first.
  const first = kept[0]?.[1] === 0xe0 ? kept.splice(0, 1) : []
  return Buffer.concat([Buffer.of(0xff, 0xd8), ...first, ...upright, ...kept, Buffer.of(0xff, 0xd9)])
}

/** TEM and the restart markers have no content. */
function isBare(marker: number): boolean {
  return marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)
}

function showsColours(marker: number, body: Buffer): boolean {
  const says = (head: string): boolean => body.toString('latin1', 0, head.length) === head
  return (marker === 0xe0 && says('JFIF\0')) || (marker === 0xe2 && says(iccHead)) || (marker === 0xee && says('Adobe'))
}

/** Where the next marker stands that is no part of a scan's data. */
function endOfScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const marker = bytes[at + 1]
    if (marker !== undefined && marker !== 0 && marker !== 0xff && !(marker >= 0xd0 && marker <= 0xd7)) return at
  }
  return bytes.length
}

function segment(marker: number, body: Buffer): Buffer {
  const head = Buffer.of(0xff, marker, 0, 0)
  head.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([head, body])
}

const pngChunks = 'IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs cICP mDCV cLLI acTL fcTL fdAT'.split(' ')

/** W3C PNG, third edition: what is not known to be of use to the eye goes. */
function png(bytes: Buffer): Buffer {
  const kept = [bytes.subarray(0, 8)]
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 12 + bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    if (type === 'eXIf') {
      const orientation = orientationIn(bytes.subarray(at + 8, end - 4))
      if (!isUpright(orientation)) kept.push(pngChunk('eXIf', tiffOf(orientation)))
    } else if (pngChunks.includes(type)) kept.push(bytes.subarray(at, end))
    if (type === 'IEND') break
    at = end
  }
  return Buffer.concat(kept)
}

function pngChunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(body.length, 0)
  frame.writeUInt32BE(crc32(named), 4)
  return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)])
}

const webpChunks = ['VP8 ', 'VP8L', 'VP8X', 'ICCP', 'ANIM', 'ANMF', 'ALPH']
const [exifFlag, xmpFlag] = [0x08, 0x04]

/** RFC 9649. */
function webp(bytes: Buffer): Buffer {
  const kept: Buffer[] = []
  let orientation = 1
  const whole = Math.min(bytes.length, 8 + bytes.readUInt32LE(4))
  for (let at = 12; at + 8 <= whole;) {
    const size = bytes.readUInt32LE(at + 4)
    const end = at + 8 + size + (size % 2)
    const type = bytes.toString('latin1', at, at + 4)
    if (type === 'EXIF') orientation = orientationIn(bytes.subarray(at + 8, at + 8 + size))
    else if (webpChunks.includes(type)) kept.push(Buffer.from(bytes.subarray(at, end)))
    at = end
  }
  const extended = kept.find((each) => each.toString('latin1', 0, 4) === 'VP8X')
  const exif = extended && !isUpright(orientation) ? [webpChunk('EXIF', tiffOf(orientation))] : []
  if (extended && extended.length > 8) extended[8] = ((extended[8] ?? 0) & ~(exifFlag | xmpFlag)) | (exif.length > 0 ? exifFlag : 0)
  const body = Buffer.concat([Buffer.from('WEBP', 'latin1'), ...kept, ...exif])
  return webpChunk('RIFF', body)
}

function webpChunk(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.write(type, 'latin1')
  head.writeUInt32LE(body.length, 4)
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)])
}

/** GIF89a: comments, plain text and what programs add go, but for the count of an animation's rounds. */
function gif(bytes: Buffer): Buffer {
  let at = 13 + colourTable(bytes[10])
  const kept = [bytes.subarray(0, at)]
  while (at < bytes.length && bytes[at] !== 0x3b) {
    const start = at
    const isExtension = bytes[at] === 0x21
    const label = bytes[at + 1]
    if (!isExtension && bytes[at] !== 0x2c) break
    at += isExtension ? 2 : 11 + colourTable(bytes[at + 9])
    const loops = isExtension && label === 0xff && ['NETSCAPE2.0', 'ANIMEXTS1.0'].includes(bytes.toString('latin1', at + 1, at + 12))
    while (at < bytes.length && bytes[at] !== 0) at += (bytes[at] ?? 0) + 1
    at += 1
    if (!isExtension || label === 0xf9 || loops) kept.push(bytes.subarray(start, at))
  }
  return Buffer.concat([...kept, Buffer.of(0x3b)])
}

/** The size of the colour table that a packed field announces, bytes. */
function colourTable(packed = 0): number {
  return packed & 0x80 ? 3 * 2 ** ((packed & 0x07) + 1) : 0
}
