import type { Person } from '../people/person.ts'
import type { Random } from '../random.ts'

/** The same person saved a second time, by another program or in a hurry: never quite the same. */
export function savedAgain(random: Random, person: Person): Person {
  const [name = {}] = person.names ?? []
  const [email] = person.emailAddresses ?? []
  const [phone] = person.phoneNumbers ?? []
  const plain = (text: string | null | undefined) => text?.normalize('NFD').replace(/\p{Mark}/gu, '') ?? ''
  const names = random.pick([
    [{ givenName: plain(name.givenName), familyName: plain(name.familyName) }],
    [{ givenName: name.givenName?.charAt(0) ?? '', familyName: name.familyName ?? '' }],
    [{ givenName: name.familyName ?? '', familyName: name.givenName ?? '' }],
    [{ givenName: `${name.givenName ?? ''} ${name.familyName ?? ''}` }],
    [{ givenName: name.givenName?.toUpperCase() ?? '', familyName: name.familyName?.toUpperCase() ?? '' }],
  ])
  return {
    names,
    ...(email?.value && { emailAddresses: [{ value: random.chance(0.5) ? email.value.toUpperCase() : email.value, type: 'other' }] }),
    ...(phone?.value && { phoneNumbers: [{ value: phone.value.replace(/[^\d+]/g, ''), type: 'mobile' }] }),
    photos: [{ url: '/photos/p1=s100', default: true }],
  }
}
