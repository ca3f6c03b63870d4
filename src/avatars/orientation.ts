/** The tag of Exif (CIPA DC-008, 4.6.4) that says which way a picture is up: 1, upright, to 8. */
const orientationTag = 0x0112

/** Whether a picture is shown as it is stored. */
export function isUpright(orientation: number): boolean {
  return !(orientation >= 2 && orientation <= 8)
}

/** Which way is up, as a block of Exif says it; 1 where it says nothing that can be read. */
export function orientationIn(tiff: Buffer): number {
  try {
    const little = tiff.toString('latin1', 0, 2) === 'II'
    const short = (at: number): number => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
    const directory = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4)
    for (let entry = 0; entry < short(directory); entry += 1) {
      const at = directory + 2 + entry * 12
      if (short(at) === orientationTag) return short(at + 8)
    }
  } catch {
    // It ends before it has said anything.
  }
  return 1
}

/** A block of Exif that says which way is up, and nothing else. */
export function tiffOf(orientation: number): Buffer {
  const tiff = Buffer.from('4d4d002a00000008000101120003000000010000000000000000', 'hex')
  tiff.writeUInt16BE(orientation, 18)
  return tiff
}
