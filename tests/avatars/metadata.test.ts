import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ImageType, imageTypes, readImage } from '../../src/avatars/image.ts'
import { withoutMetadata } from '../../src/avatars/metadata.ts'
import { orientationIn, tiffOf } from '../../src/avatars/orientation.ts'
import { chunk, gif, jpeg, png, webp } from './pictures.ts'

const secret = 'GPS 48.137 N 11.575 E'

/** Exif as a camera writes it: which way is up, and more that is nobody's business. */
function exif(orientation: number, order: 'II' | 'MM'): Buffer {
  const tiff = Buffer.concat([Buffer.alloc(34), Buffer.from(secret)])
  const short = (value: number, at: number) => (order === 'II' ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at))
  const long = (value: number, at: number) => (order === 'II' ? tiff.writeUInt32LE(value, at) : tiff.writeUInt32BE(value, at))
  tiff.write(order, 'latin1')
  short(42, 2)
  long(8, 4)
  short(2, 8)
  for (const [at, tag, type, count] of [
    [10, 0x010e, 2, secret.length],
    [22, 0x0112, 3, 1],
  ] as const) {
    short(tag, at)
    short(type, at + 2)
    long(count, at + 4)
  }
  long(34, 18)
  short(orientation, 30)
  return tiff
}

const segment = (marker: number, body: Buffer) => {
  const head = Buffer.of(0xff, marker, 0, 0)
  head.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([head, body])
}
const after = (bytes: Buffer, at: number, ...parts: Buffer[]) => Buffer.concat([bytes.subarray(0, at), ...parts, bytes.subarray(at)])
const scan = Buffer.concat([segment(0xda, Buffer.alloc(10)), Buffer.from('12ff0034ffd056', 'hex')])
const profile = segment(0xe2, Buffer.from('ICC_PROFILE\0\x01\x01colours'))
const adobe = segment(0xee, Buffer.from('Adobe\0d\0\0\0\0\0'))

function photo(orientation: number, order: 'II' | 'MM' = 'II'): Buffer {
  const plain = jpeg(4, 3)
  const marked = after(
    plain,
    20, // behind JFIF
    segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), exif(orientation, order)])),
    segment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${secret}`)),
    profile,
    segment(0xed, Buffer.from(`Photoshop 3.0\0${secret}`)),
    segment(0xfe, Buffer.from(secret)),
    adobe,
  )
  return Buffer.concat([marked.subarray(0, -2), scan, marked.subarray(-2), Buffer.from(`a film ${secret}`)])
}

describe('[F-43] a picture says nothing besides its pixels', () => {
  test('a JPEG: no place, no comment, nothing behind its end; its colours and its scan stay', () => {
    const kept = withoutMetadata('image/jpeg', photo(1))
    expect(kept.includes(secret)).toBe(false)
    const plain = jpeg(4, 3)
    expect(kept).toEqual(Buffer.concat([plain.subarray(0, 20), profile, adobe, plain.subarray(20, -2), scan, plain.subarray(-2)]))
  })

  test('as it is taken in, before it is stored anywhere', async () => {
    const taken = await readImage(photo(1))
    expect('refused' in taken).toBe(false)
    expect(Buffer.from('bytes' in taken ? taken.bytes : []).includes(secret)).toBe(false)
    expect(taken).toMatchObject({ bytes: withoutMetadata('image/jpeg', photo(1)) })
  })

  test('a PNG', () => {
    const plain = png(8)
    const marked = Buffer.concat([
      after(
        plain,
        33,
        chunk('eXIf', exif(1, 'MM')),
        chunk('tEXt', Buffer.from(`Comment\0${secret}`)),
        chunk('iTXt', Buffer.from(`XML\0\0\0\0\0${secret}`)),
        chunk('tIME', Buffer.alloc(7)),
      ),
      Buffer.from(secret),
    ])
    expect(withoutMetadata('image/png', marked)).toEqual(plain)
  })

  test('a WebP, whose header then says so', () => {
    const plain = webp(8, 8)
    const part = (type: string, body: Buffer) => {
      const head = Buffer.alloc(8)
      head.write(type, 'latin1')
      head.writeUInt32LE(body.length, 4)
      return Buffer.concat([head, body, Buffer.alloc(body.length % 2)])
    }
    const marked = Buffer.concat([plain, part('EXIF', exif(1, 'II')), part('XMP ', Buffer.from(secret))])
    marked.writeUInt32LE(marked.length - 8, 4)
    marked[20] = 0x0c
    expect(withoutMetadata('image/webp', Buffer.concat([marked, Buffer.from(secret)]))).toEqual(plain)
  })

  test('a GIF, whose rounds stay', () => {
    const plain = gif()
    const blocks = (head: number[], text: string) => Buffer.concat([Buffer.from(head), Buffer.of(text.length), Buffer.from(text), Buffer.of(0)])
    const rounds = Buffer.concat([Buffer.from([0x21, 0xff, 11]), Buffer.from('NETSCAPE2.0'), Buffer.of(3, 1, 0, 0, 0)])
    const marked = after(
      plain,
      19,
      blocks([0x21, 0xfe], secret),
      Buffer.concat([Buffer.from([0x21, 0xff, 11]), Buffer.from('XMP DataXMP'), blocks([], secret)]),
      rounds,
    )
    expect(withoutMetadata('image/gif', Buffer.concat([marked, Buffer.from(secret)]))).toEqual(after(plain, 19, rounds))
  })
})

test.each([2, 3, 4, 5, 6, 7, 8])('which way is up stays: %i', (orientation) => {
  for (const order of ['II', 'MM'] as const) {
    const kept = withoutMetadata('image/jpeg', photo(orientation, order))
    expect(kept.includes(secret)).toBe(false)
    const at = kept.indexOf('Exif\0\0')
    expect(orientationIn(kept.subarray(at + 6))).toBe(orientation)
  }
  const rotated = withoutMetadata('image/png', after(png(8), 33, chunk('eXIf', exif(orientation, 'II'))))
  expect(rotated).toEqual(after(png(8), 33, chunk('eXIf', tiffOf(orientation))))
})

test('what was cleaned stays as it is, so that the same picture is known again', async () => {
  for (const bytes of [photo(6), photo(1), png(8), gif(), webp(8, 8), jpeg(3, 4)]) {
    const image = await readImage(bytes)
    if ('refused' in image) throw new Error(image.refused)
    expect(await readImage(image.bytes)).toEqual(image)
  }
})

test('whatever the bytes are, it ends, gives no more than it got, and throws nothing', () => {
  const starts: Record<ImageType, Buffer> = { 'image/jpeg': photo(6), 'image/png': png(8), 'image/apng': png(8), 'image/gif': gif(), 'image/webp': webp(8, 8) }
  fc.assert(
    fc.property(fc.constantFrom(...imageTypes), fc.nat(), fc.uint8Array({ maxLength: 200 }), (type, cut, noise) => {
      const start = starts[type]
      const bytes = Buffer.concat([start.subarray(0, Math.max(32, cut % start.length)), noise])
      expect(withoutMetadata(type, bytes).length).toBeLessThanOrEqual(bytes.length + 40)
    }),
    { numRuns: 3000 },
  )
})
