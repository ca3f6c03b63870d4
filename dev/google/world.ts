import type { Clock } from '../../src/core/clock.ts'
import { createCalendars, type Calendars } from './calendar/calendars.ts'
import { calendarOperations, type CalendarOperations } from './calendar/operations.ts'
import { createAddressBook, type AddressBook } from './people/address-book.ts'
import type { Person, PersonChanges } from './people/person.ts'
import { hashedNumber } from './random.ts'

/** A Google account of the simulated world and all that is in it. */
export interface Account {
  /** Google's stable id: 21 digits, never reused. */
  readonly sub: string
  email: string
  emailVerified: boolean
  name: string
  givenName: string
  familyName: string
  /** Id of its picture under /photos. */
  pictureId: string
  /** BCP 47. */
  locale: string
  /** ISO 3166-1 alpha-2: where a phone number without a country code belongs. */
  region: string
  /** IANA: the zone of its primary calendar. */
  readonly timeZone: string
  readonly addressBook: AddressBook
  /** People one has been in touch with and not saved. */
  readonly otherContacts: AddressBook
  readonly calendars: Calendars
}

/** What is needed to make an account; the rest has defaults. */
export interface AccountInput {
  email: string
  givenName: string
  familyName: string
  emailVerified?: boolean
  locale?: string
  region?: string
  /** Default: UTC. */
  timeZone?: string
}

/** The accounts and their contents, and the operations that change them as their owners would. */
export interface World extends CalendarOperations {
  readonly accounts: readonly Account[]
  /** By e-mail address or `sub`. */
  find(emailOrSub: string): Account | undefined
  /** By e-mail address or `sub`. @throws RangeError when there is none */
  account(emailOrSub: string): Account
  addAccount(input: AccountInput): Account
  /** Adds a contact; metadata, ids and formatted values are filled in. `updatedAt` defaults to the clock. */
  addPerson(email: string, person: Person, updatedAt?: Temporal.Instant): Person
  /** Replaces whole fields; null removes one. */
  editPerson(email: string, resourceName: string, changes: PersonChanges): Person
  deletePerson(email: string, resourceName: string): void
  /** Gives a contact a new resource name, as linking it to a profile does; returns the new name. */
  rekeyPerson(email: string, resourceName: string): string
  /** Joins two contacts: the kept one has the values of both, the other is deleted. */
  mergePeople(email: string, kept: string, merged: string): Person
  addOtherContact(email: string, person: Person): Person
  editOtherContact(email: string, resourceName: string, changes: PersonChanges): Person
  deleteOtherContact(email: string, resourceName: string): void
  /** Lets every sync token of contacts, other contacts and groups given out so far end: 400 EXPIRED_SYNC_TOKEN. */
  expirePeopleTokens(email: string): void
  /** Adds a user's own contact group (label) and returns its resource name. */
  addGroup(email: string, name: string): string
  renameGroup(email: string, resourceName: string, name: string): void
  /** Deletes a label; the contacts stay, without it. */
  deleteGroup(email: string, resourceName: string): void
}

/** Puts the accounts of another world, just made, in place of a world's own. Who holds an account of the same `sub` sees its new contents. */
export function replaceWorld(world: World, fresh: World): void {
  const accounts = world.accounts as Account[]
  const renewed = fresh.accounts.map((account) => {
    const before = accounts.find((one) => one.sub === account.sub)
    if (!before) return account
    // What was synchronized before is no longer so.
    account.addressBook.expireTokens(before.addressBook.lastChange())
    account.otherContacts.expireTokens(before.otherContacts.lastChange())
    for (const calendar of account.calendars.all()) calendar.expireTokens(before.calendars.find(calendar.id)?.lastChange())
    return Object.defineProperties(before, Object.getOwnPropertyDescriptors(account))
  })
  accounts.splice(0, accounts.length, ...renewed)
}

/** An empty world. */
export function createWorld({ seed, clock }: { seed: string; clock: Clock }): World {
  const accounts: Account[] = []
  const find = (emailOrSub: string) => accounts.find((account) => account.sub === emailOrSub || account.email.toLowerCase() === emailOrSub.toLowerCase())
  const account = (emailOrSub: string) => {
    const found = find(emailOrSub)
    if (!found) throw new RangeError(`the simulated world has no account ${emailOrSub}`)
    return found
  }
  return {
    accounts,
    find,
    account,
    addAccount: (input) => {
      if (find(input.email)) throw new RangeError(`the simulated world already has ${input.email}`)
      const region = input.region ?? 'US'
      const timeZone = input.timeZone ?? 'UTC'
      const added: Account = {
        sub: `1${String(hashedNumber(64, seed, 'sub', input.email)).padStart(20, '0')}`,
        email: input.email,
        emailVerified: input.emailVerified ?? true,
        name: `${input.givenName} ${input.familyName}`,
        givenName: input.givenName,
        familyName: input.familyName,
        pictureId: `a${hashedNumber(53, seed, 'picture', input.email)}`,
        locale: input.locale ?? 'en',
        region,
        timeZone,
        addressBook: createAddressBook({ seed: `${seed}\n${input.email}`, clock, region }),
        otherContacts: createAddressBook({ seed: `${seed}\n${input.email}\nothers`, clock, region, collection: 'otherContacts' }),
        calendars: createCalendars({ seed: `${seed}\n${input.email}`, clock, owner: input.email, timeZone }),
      }
      accounts.push(added)
      return added
    },
    addPerson: (email, person, updatedAt) => account(email).addressBook.addPerson(person, updatedAt),
    editPerson: (email, resourceName, changes) => account(email).addressBook.editPerson(resourceName, changes),
    deletePerson: (email, resourceName) => account(email).addressBook.deletePerson(resourceName),
    rekeyPerson: (email, resourceName) => account(email).addressBook.rekeyPerson(resourceName),
    mergePeople: (email, kept, merged) => account(email).addressBook.mergePeople(kept, merged),
    addOtherContact: (email, person) => account(email).otherContacts.addPerson({ ...person, memberships: [] }),
    editOtherContact: (email, resourceName, changes) => account(email).otherContacts.editPerson(resourceName, changes),
    deleteOtherContact: (email, resourceName) => account(email).otherContacts.deletePerson(resourceName),
    expirePeopleTokens: (email) => {
      account(email).addressBook.expireTokens()
      account(email).otherContacts.expireTokens()
    },
    addGroup: (email, name) => account(email).addressBook.addGroup(name),
    renameGroup: (email, resourceName, name) => account(email).addressBook.renameGroup(resourceName, name),
    deleteGroup: (email, resourceName) => account(email).addressBook.deleteGroup(resourceName),
    ...calendarOperations((email) => account(email).calendars),
  }
}
