import type { Ctx } from '../core/ctx.ts'
import { InvalidInputError, type InputIssue } from '../core/errors.ts'
import { type Identifier, suppressedAmong } from '../directory/persons.ts'
import type { ContactState } from './state.ts'
import type { Keyed, ListName } from './values.ts'

type Lists = Readonly<Partial<Record<ListName, readonly Keyed[]>>>

/** Where an address or number stands in a contact. */
interface Held extends Identifier {
  list: 'emails' | 'phones'
  position: number
}

/** The addresses and numbers of each of several contacts whose holder wants to stand in no address book here; looked up in one statement for all. */
export async function suppressedIn(tx: Ctx, contacts: readonly Lists[]): Promise<Held[][]> {
  const held = contacts.map(heldIn)
  const found = new Set((await suppressedAmong(tx, held.flat())) as Held[])
  return held.map((each) => each.filter((one) => found.has(one)))
}

/** What is wrong with contacts that are written by hand: addresses and numbers of people who want to stand in no address book here. What stood there before stays out of it. */
export async function suppressedIssues(tx: Ctx, writes: readonly { before: ContactState | null; after: ContactState }[]): Promise<InputIssue[][]> {
  const added = writes.map(({ before, after }): Lists => ({
    emails: after.lists.emails.map((row) => (before?.lists.emails.some(({ key }) => key === row.key) ? { ...row, value: {} } : row)),
    phones: after.lists.phones.map((row) => (before?.lists.phones.some(({ key }) => key === row.key) ? { ...row, value: {} } : row)),
  }))
  return (await suppressedIn(tx, added)).map((each) =>
    each.map(({ list, position }) => ({ path: [list, String(position), list === 'emails' ? 'address' : 'number'], message })),
  )
}

/** Refuses a contact with such an address or number. @throws InvalidInputError */
export async function assertNotSuppressed(tx: Ctx, write: { before: ContactState | null; after: ContactState }): Promise<void> {
  const issues = (await suppressedIssues(tx, [write])).flat()
  if (issues.length > 0) throw new InvalidInputError(issues)
}

const message = 'Its holder has asked not to be kept in address books here, so it cannot be added.'

function heldIn({ emails = [], phones = [] }: Lists): Held[] {
  const of = (list: Held['list'], kind: Identifier['kind'], column: string, entries: readonly Keyed[]): Held[] =>
    entries.flatMap(({ value }, position) => (value[column] == null ? [] : [{ list, kind, position, value: String(value[column]) }]))
  return [...of('emails', 'email', 'canonical', emails), ...of('phones', 'phone', 'e164', phones)]
}
