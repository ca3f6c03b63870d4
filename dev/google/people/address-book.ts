import type { people_v1 } from 'googleapis/build/src/apis/people/v1.js'
import type { Clock } from '../../../src/core/clock.ts'
import { hashedNumber } from '../random.ts'
import { completePerson, type Person, type PersonChanges } from './person.ts'

/** A contact, or what is left of a deleted one, with its place in the order of changes. */
export interface PersonEntry {
  /** Grows with every change of the address book; the newest has the highest. */
  change: number
  person: Person
  deleted: boolean
  /** Resource names it had before, oldest first. */
  previousNames: string[]
}

/** A contact group (label), or what is left of a deleted one. */
export interface GroupEntry {
  change: number
  resourceName: string
  name: string
  system: boolean
  updatedAt: Temporal.Instant
  deleted: boolean
}

/** The contacts of one account, the labels on them, and the order in which both last changed. */
export interface AddressBook {
  /** All contacts and tombstones, the least recently changed first. */
  people(): PersonEntry[]
  /** By present or former resource name. */
  person(resourceName: string): PersonEntry | undefined
  groups(): GroupEntry[]
  memberCount(groupResourceName: string): number
  /** The number of the last change. */
  lastChange(): number
  /** Sync tokens that know less than this change are expired. */
  expiredBefore(): number
  /** Lets all sync tokens given out so far expire, and those of a former book of this account that counted so far. */
  expireTokens(counted?: number): void
  addPerson(person: Person, updatedAt?: Temporal.Instant): Person
  editPerson(resourceName: string, changes: PersonChanges): Person
  deletePerson(resourceName: string): void
  rekeyPerson(resourceName: string): string
  mergePeople(kept: string, merged: string): Person
  addGroup(name: string): string
  renameGroup(resourceName: string, name: string): void
  deleteGroup(resourceName: string): void
}

const systemGroups = ['myContacts', 'starred', 'friends', 'family', 'coworkers', 'blocked', 'chatBuddies', 'all']

interface Kept extends PersonEntry {
  input: Person
  number: bigint
  sourceNumber: bigint
  updatedAt: Temporal.Instant
}

/** What an address book is made of. */
export interface AddressBookOptions {
  seed: string
  clock: Clock
  region: string
  /** What is in it: contacts that were saved, or others one has been in touch with. */
  collection?: 'people' | 'otherContacts'
}

/** An empty address book with Google's system groups. */
export function createAddressBook({ seed, clock, region, collection = 'people' }: AddressBookOptions): AddressBook {
  const entries = new Map<string, Kept>()
  const renamed = new Map<string, string>()
  const groups = new Map<string, GroupEntry>()
  let change = 0
  let numbers = 0
  let expiredBefore = 0
  const epoch = Temporal.Instant.from('2019-01-01T00:00:00Z')
  const groupNamed = (resourceName: string, name: string, system: boolean, updatedAt: Temporal.Instant): GroupEntry => ({
    change: ++change,
    resourceName,
    name,
    system,
    updatedAt,
    deleted: false,
  })
  for (const name of systemGroups) groups.set(`contactGroups/${name}`, groupNamed(`contactGroups/${name}`, name, true, epoch))

  const lookUp = (resourceName: string) => entries.get(renamed.get(resourceName) ?? resourceName)
  const present = (resourceName: string) => {
    const entry = lookUp(resourceName)
    if (!entry || entry.deleted) throw new RangeError(`the address book has no ${resourceName}`)
    return entry
  }
  const group = (resourceName: string) => {
    const entry = groups.get(resourceName)
    if (!entry || entry.deleted || entry.system) throw new RangeError(`the address book has no label ${resourceName}`)
    return entry
  }
  const store = (kept: Omit<Kept, 'change' | 'person'>) => {
    const revision = ++change
    const person = completePerson(kept.input, { ...kept, revision, region, collection })
    const name = person.resourceName as string
    entries.delete(name) // a Map keeps the place of a key that is set again; the order of changes must not
    entries.set(name, { ...kept, person, change: revision })
    return person
  }
  const deletePerson = (resourceName: string) => {
    const entry = present(resourceName)
    store({ ...entry, input: {}, updatedAt: clock.now(), deleted: true })
  }
  const isIn = (person: Person, groupName: string) =>
    person.memberships?.some((membership) => membership.contactGroupMembership?.contactGroupResourceName === groupName) ?? false

  return {
    people: () => [...entries.values()],
    person: lookUp,
    groups: () => [...groups.values()].sort((one, other) => one.change - other.change),
    memberCount: (name) => [...entries.values()].filter((entry) => !entry.deleted && isIn(entry.person, name)).length,
    lastChange: () => change,
    expiredBefore: () => expiredBefore,
    expireTokens: (counted = 0) => {
      change = Math.max(change, counted) + 1
      expiredBefore = change
    },
    addPerson: (input, updatedAt = clock.now()) => {
      const number = hashedNumber(60, seed, 'person', numbers++)
      const memberships = input.memberships ?? [membershipOf('contactGroups/myContacts')]
      return store({ input: { ...input, memberships }, number, sourceNumber: number, updatedAt, deleted: false, previousNames: [] })
    },
    editPerson: (resourceName, changes) => {
      const entry = present(resourceName)
      const input = Object.fromEntries(Object.entries({ ...entry.input, ...changes }).filter(([, value]) => value !== null)) as Person
      return store({ ...entry, input, updatedAt: clock.now() })
    },
    deletePerson,
    mergePeople: (kept, merged) => {
      const [entry, other] = [present(kept), present(merged)]
      if (entry === other) throw new RangeError(`${kept} and ${merged} are the same person`)
      const input = joined(entry.input, other.input)
      deletePerson(merged)
      return store({ ...entry, input, updatedAt: clock.now() })
    },
    rekeyPerson: (resourceName) => {
      const entry = present(resourceName)
      const former = entry.person.resourceName as string
      entries.delete(former)
      const number = hashedNumber(60, seed, 'person', numbers++)
      const next = store({ ...entry, number, updatedAt: clock.now(), previousNames: [...entry.previousNames, former] }).resourceName as string
      for (const name of [...entry.previousNames, former]) renamed.set(name, next)
      return next
    },
    addGroup: (name) => {
      const resourceName = `contactGroups/${hashedNumber(60, seed, 'group', numbers++).toString(16)}`
      groups.set(resourceName, groupNamed(resourceName, name, false, clock.now()))
      return resourceName
    },
    renameGroup: (resourceName, name) => void groups.set(group(resourceName).resourceName, groupNamed(resourceName, name, false, clock.now())),
    deleteGroup: (resourceName) => {
      const { name } = group(resourceName)
      groups.set(resourceName, { ...groupNamed(resourceName, name, false, clock.now()), deleted: true })
      for (const entry of [...entries.values()].filter((kept) => !kept.deleted && isIn(kept.person, resourceName))) {
        const memberships = entry.input.memberships?.filter((membership) => membership.contactGroupMembership?.contactGroupResourceName !== resourceName) ?? []
        store({ ...entry, input: { ...entry.input, memberships }, updatedAt: clock.now() })
      }
    },
  }
}

/** Fields of which a person has one; the kept person's stand. */
const single = ['names', 'birthdays', 'genders', 'biographies', 'metadata']

function joined(kept: Person, merged: Person): Person {
  const both = (field: string, mine: unknown, theirs: unknown) => {
    if (!Array.isArray(mine) || !Array.isArray(theirs) || single.includes(field)) return mine ?? theirs
    const texts = new Set(mine.map((item) => JSON.stringify(item)))
    return [...mine, ...theirs.filter((item) => !texts.has(JSON.stringify(item)))]
  }
  const [one, other] = [kept, merged] as Record<string, unknown>[]
  return Object.fromEntries(Object.keys({ ...one, ...other }).map((field) => [field, both(field, one?.[field], other?.[field])])) as Person
}

/** A person's membership of a contact group, as the API writes it. */
export function membershipOf(groupResourceName: string): people_v1.Schema$Membership {
  return { contactGroupMembership: { contactGroupId: groupResourceName.slice('contactGroups/'.length), contactGroupResourceName: groupResourceName } }
}
