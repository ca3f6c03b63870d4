import type { Sql } from './client.ts'

/** A value of a statement that is known only when it runs, out of what it runs with. */
export interface Slot<Run> {
  readonly [isSlot]: (run: Run) => unknown
}

const isSlot = Symbol('slot')

/** A value that `read` gives once the statement runs; in one statement the same slot is one parameter. */
export function slot<Run>(read: (run: Run) => unknown): Slot<Run> {
  return { [isSlot]: read }
}

/** An owner's id, or the slot that will hold it. */
export type Owner = string | Slot<never>

/** A statement's text, with the values of its parameters as far as they are known. */
export interface Template<Run> {
  readonly text: string
  /** Known values, and slots. */
  readonly values: readonly unknown[]
  /** What slots read from. */
  readonly for?: Run
}

/** Stands in a statement for another that is put there when it runs. */
export const hole = { hole: true }

/** What `hole` is in a template's text. */
export const holeText = '\u0000'

/** Numbers a statement's parameters from `after` + 1 on; a value that is `known` has its place among those before. */
export function templateOf<Run>(statement: Sql, after = 0, known?: { value: unknown; place: number }): Template<Run> {
  const values: unknown[] = []
  const numbers = new Map<unknown, number>()
  let [text = ''] = statement.strings
  for (const [index, value] of statement.values.entries()) {
    if (value === hole) {
      text += `${holeText}${statement.strings[index + 1]}`
      continue
    }
    let number = known && value === known.value ? known.place : slotIn(value) ? numbers.get(value) : undefined
    if (number === undefined) {
      number = after + values.push(value)
      numbers.set(value, number)
    }
    text += `$${number}${statement.strings[index + 1]}`
  }
  return { text, values }
}

/** The values of a template's parameters in a run. */
export function valuesOf<Run>({ values }: Template<Run>, run: Run): unknown[] {
  return values.map((value) => {
    const read = slotIn<Run>(value)
    return read ? read(run) : value
  })
}

function slotIn<Run>(value: unknown): ((run: Run) => unknown) | undefined {
  return typeof value === 'object' && value !== null && isSlot in value ? (value as Slot<Run>)[isSlot] : undefined
}
