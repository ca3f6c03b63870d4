import { setFlagsFromString } from 'node:v8'

/** By how much of what lives after a collection the heap may grow until the next, in percent. */
const growthPercent = 50

/**
 * Keeps the heap near what lives in it. On a machine with much memory V8 lets a small heap grow fourfold before it collects; measured over an import of
 * 20,000 cards, of which 65 MB live at any time, this keeps some 200 MB away for no more time on a processor. Called once, before the work begins.
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`)
}
