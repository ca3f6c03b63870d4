import type { Person } from '../people/person.ts'
import { seededRandom } from '../random.ts'
import type { Account } from '../world.ts'

/** A person the account has to do with. */
export interface Acquaintance {
  name: string
  address: string
}

/** The people an account has to do with, those it sees most first: the same it writes with. */
export function circleOf(account: Account, seed: string, count: number): Acquaintance[] {
  const random = seededRandom(`${seed}\ncircle of ${account.email}`)
  const known = account.addressBook
    .people()
    .map(({ person }) => ({ name: person.names?.[0]?.displayName ?? '', address: addressOf(person) }))
    .filter(({ name, address }) => name !== '' && address !== '')
  // Who is saved twice is met once.
  const people = [...new Map(known.map((person) => [person.address.toLowerCase(), person])).values()]
  return random.sample(people, count)
}

function addressOf(person: Person): string {
  return person.emailAddresses?.map(({ value }) => value ?? '').find((address) => /^[\w.+-]+@[\w.-]+$/.test(address)) ?? ''
}
