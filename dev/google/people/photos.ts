import { seededRandom } from '../random.ts'
import { encodePng } from './png.ts'

const colours = [
  [183, 28, 28],
  [136, 14, 79],
  [74, 20, 140],
  [26, 35, 126],
  [1, 87, 155],
  [0, 96, 100],
  [27, 94, 32],
  [130, 119, 23],
  [230, 81, 0],
  [62, 39, 35],
] as const
const paper = [245, 245, 240] as const
const cells = 5

/** The picture behind a photo id: a mirrored pattern in one colour, always the same for the same id. */
export function drawPhoto(id: string, size: number): Buffer<ArrayBuffer> {
  const random = seededRandom(`photo ${id}`)
  const colour = random.pick(colours)
  const half = Array.from({ length: cells }, () => Array.from({ length: Math.ceil(cells / 2) }, () => random.chance(0.5)))
  const margin = size / 10
  const cell = (at: number) => Math.floor(((at - margin) / (size - 2 * margin)) * cells)
  return encodePng(size, [paper, colour], (x, y) => {
    const [column, row] = [cell(x), cell(y)]
    if (column < 0 || row < 0 || column >= cells || row >= cells) return 0
    return half[row]?.[Math.min(column, cells - 1 - column)] ? 1 : 0
  })
}

/** A picture followed by so many bytes that no address book would want it. */
export function oversizedPhoto(bytes: number): Buffer<ArrayBuffer> {
  const picture = drawPhoto('oversized', 100)
  return Buffer.concat([picture, Buffer.alloc(Math.max(0, bytes - picture.length))])
}
