const letters: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', ł: 'l', ħ: 'h', ı: 'i', þ: 'th', ŧ: 't', ŋ: 'n', ς: 'σ' }
// Most texts: nothing to fold but the case.
const plain = /^(?:[\x21-\x7e]| (?! ))*$/
const accents = /[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/g

/** A text for filters and orders: case, accents, widths and runs of spaces made alike. Punctuation stays, unlike in what a search folds: `C++` is not `C`. */
export function matchKey(text: string): string {
  if (plain.test(text)) return text.toLowerCase()
  return text
    .normalize('NFKD')
    .replace(accents, '')
    .toLowerCase()
    .replace(accents, '')
    .replace(/[ßæœøđðłħıþŧŋς]/g, (letter) => letters[letter] ?? letter)
    .normalize('NFC')
    .replace(/\s+/g, ' ')
}

/** What contacts are ordered by under their family name: the given name decides between equal family names. Null without a family name. */
export function familyKey(family: string | null, given: string | null): string | null {
  // U+0001 sorts before every letter, so that `van` comes before `van dyke` whatever follows.
  return family === null ? null : `${matchKey(family)}\u0001${matchKey(given ?? '')}`
}
