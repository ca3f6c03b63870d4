import type { PurposeKey } from './purposes.ts'

/** What a browser says of its owner's will with every request. */
export interface Signals {
  /** Global Privacy Control: Sec-GPC. */
  gpc: boolean
  /** Do Not Track: DNT. */
  dnt: boolean
}

/** A browser that says nothing. */
export const noSignals: Signals = { gpc: false, dnt: false }

/** Reads the signals of a request's headers. A header that came twice is joined by commas; only a value that is exactly 1 counts. */
export function readSignals(headers: { get(name: string): string | null }): Signals {
  return { gpc: saysOne(headers.get('sec-gpc')), dnt: saysOne(headers.get('dnt')) }
}

function saysOne(value: string | null): boolean {
  return value !== null && value.split(',').some((part) => part.trim() === '1')
}

const measuring: readonly PurposeKey[] = ['ANALYTICAL_COOKIES', 'PERFORMANCE_COOKIES']

/** The purposes that signals say no to: measuring to both, selling and sharing to GPC. */
export function refusedBy({ gpc, dnt }: Signals): PurposeKey[] {
  return [...(gpc || dnt ? measuring : []), ...(gpc ? (['SALE_OR_SHARING'] as const) : [])]
}

/** The signals by the names of their sources; GPC first, which says more. */
export function signalNames({ gpc, dnt }: Signals): ('GPC' | 'DNT')[] {
  return [...(gpc ? (['GPC'] as const) : []), ...(dnt ? (['DNT'] as const) : [])]
}
