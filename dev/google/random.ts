import { hash } from 'node:crypto'

/** Chance that repeats: the same seed and the same calls give the same values. */
export interface Random {
  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  /** True with this probability (0 to 1). */
  chance(probability: number): boolean
  pick<T>(list: readonly T[]): T
  /** `count` different members of the list, in random order. */
  sample<T>(list: readonly T[], count: number): T[]
  /** That many decimal digits. */
  digits(count: number): string
}

/** A source of chance from a seed: SHA-512 over a counter, four bytes a draw. */
export function seededRandom(seed: string): Random {
  let block: Buffer = Buffer.alloc(0)
  let offset = 0
  let blocks = 0
  const draw = () => {
    if (offset >= block.length) {
      block = hash('sha512', `${seed}\n${blocks++}`, 'buffer')
      offset = 0
    }
    const value = block.readUInt32BE(offset)
    offset += 4
    return value
  }
  const below = (end: number) => Math.floor((draw() / 2 ** 32) * end)
  const pick = <T>(list: readonly T[]): T => {
    if (list.length === 0) throw new RangeError('nothing to pick from')
    return list[below(list.length)] as T
  }
  return {
    below,
    between: (low, high) => low + below(high - low + 1),
    chance: (probability) => draw() / 2 ** 32 < probability,
    pick,
    sample: (list, count) => {
      const rest = [...list]
      return Array.from({ length: Math.min(count, list.length) }, () => rest.splice(below(rest.length), 1)[0] as (typeof rest)[number])
    },
    digits: (count) => Array.from({ length: count }, () => below(10)).join(''),
  }
}

/** A number that looks random and is always the same for the same words: `bits` of their SHA-256. */
export function hashedNumber(bits: 53 | 60 | 64, ...words: (string | number)[]): bigint {
  return hash('sha256', words.join('\n'), 'buffer').readBigUInt64BE() >> BigInt(64 - bits)
}

/** A name that looks random and is always the same for the same words. */
export function hashedName(length: number, ...words: (string | number)[]): string {
  return hash('sha512', words.join('\n'), 'base64url').slice(0, length)
}
