// Codes that the list of region names has beside the standard's: unions, codes for tests, and parts of countries that are only reserved.
const notRegions = new Set(['AC', 'CP', 'CQ', 'DG', 'EA', 'EU', 'EZ', 'IC', 'QO', 'TA', 'UN', 'XA', 'XB', 'ZZ'])
const regionNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })

/** Whether two letters are a country's or territory's in ISO 3166-1 (and XK, as everyone writes Kosovo). */
export function isRegion(code: string): boolean {
  if (!/^[A-Z]{2}$/.test(code) || notRegions.has(code) || regionNames.of(code) === undefined) return false
  // A code that was withdrawn is written as what came after it.
  return new Intl.Locale(`und-${code}`).region === code
}
