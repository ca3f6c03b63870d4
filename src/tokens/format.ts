import { randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const pattern = /^kith_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/

/** How much of a token is kept readable, so that its owner can tell it from others: `kith_` and four characters. */
export const prefixLength = 9

/** A new token: `kith_`, 30 random characters of base 62 (178 bits), and the CRC-32 of those 30 in six more, by which a mistyped or made-up token is told without a look-up. */
export function makeToken(): string {
  const random = Array.from({ length: 30 }, () => digits.charAt(randomInt(digits.length))).join('')
  return `kith_${random}${checksum(random)}`
}

/** Whether a text has the form of a token and its checksum fits. */
export function isToken(text: string): boolean {
  const [, random, sum] = pattern.exec(text) ?? []
  return random !== undefined && sum === checksum(random)
}

function checksum(random: string): string {
  let rest = crc32(random)
  let text = ''
  for (let place = 0; place < 6; place += 1) {
    text = digits.charAt(rest % digits.length) + text
    rest = Math.floor(rest / digits.length)
  }
  return text
}
