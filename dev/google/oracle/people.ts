import type { GroupEntry } from '../people/address-book.ts'
import type { Person } from '../people/person.ts'
import type { Account } from '../world.ts'

/** What a correct synchronization of an account's contacts must have. */
export interface ExpectedPeople {
  /** Whole, with all their addresses, by resource name. */
  people: Person[]
  otherContacts: Person[]
  /** The user's own labels. */
  groups: Pick<GroupEntry, 'resourceName' | 'name'>[]
  /** Former resource names and what they are now. */
  formerNames: Record<string, string>
}

/** The living contacts, other contacts and labels of an account, read from the books themselves. */
export function expectedPeople({ addressBook, otherContacts }: Account): ExpectedPeople {
  const living = [addressBook, otherContacts].map((book) =>
    book
      .people()
      .filter((entry) => !entry.deleted)
      .toSorted((one, other) => ((one.person.resourceName ?? '') < (other.person.resourceName ?? '') ? -1 : 1)),
  )
  const [people = [], others = []] = living
  return {
    people: people.map((entry) => entry.person),
    otherContacts: others.map((entry) => entry.person),
    groups: addressBook.groups().flatMap(({ resourceName, name, system, deleted }) => (system || deleted ? [] : [{ resourceName, name }])),
    formerNames: Object.fromEntries(people.flatMap(({ person, previousNames }) => previousNames.map((name) => [name, person.resourceName ?? '']))),
  }
}
