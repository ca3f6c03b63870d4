import { familyKey, matchKey } from '../../src/contacts/matchKey.ts'
import { emailValue, organizationValue, phoneValue } from '../../src/contacts/values.ts'
import { sealedWords, slipsOf, soundsOf, spelledWords, termsOf } from '../../src/search/terms.ts'

/** What a contact says, as Kith's input takes it. */
export interface Said {
  name: { given: string; family: string }
  about?: string
  starred?: boolean
  emails: { address: string; label: string; primary?: boolean }[]
  phones: { number: string; label: string; primary?: boolean }[]
  organizations: { name: string; title: string }[]
  tags: string[]
}

/** The rows that Kith makes of it, for a peer whose SQL function only writes them. */
export function rowsOf(said: Said): object {
  const displayName = `${said.name.given} ${said.name.family}`
  const emails = said.emails.map((email, position) => ({ position, ...emailValue({ ...email, primary: position === 0 }).value }))
  const phones = said.phones.map((phone, position) => ({ position, ...phoneValue({ ...phone, primary: position === 0 }, 'DE').value }))
  const names = [displayName, said.name.given, said.name.family]
  const organizations = said.organizations.map(({ name }) => name)
  const terms = termsOf({
    names,
    emails: emails.map((email) => String((email as { normalized?: unknown }).normalized)),
    phones: phones.map((phone) => phone as unknown as { number: string; digits: string; e164: string | null }),
    organizations,
    tags: said.tags,
  })
  return {
    displayName,
    sortName: matchKey(displayName),
    familySortName: familyKey(said.name.family, said.name.given),
    nameGiven: said.name.given,
    nameFamily: said.name.family,
    about: said.about ?? null,
    starred: said.starred ?? false,
    emails,
    phones,
    organizations: said.organizations.map((organization, position) => ({ position, ...organizationValue(organization).value })),
    tags: said.tags.map((name, position) => ({ position, name, nameFolded: matchKey(name) })),
    terms: [...terms, ...sealedWords(said.about ?? '').map((term) => ({ kind: 'sealed', term }))],
    variants: [...new Set(spelledWords({ names, organizations }))].flatMap((word) => [
      ...slipsOf(word).map((variant) => ({ kind: 'typo', variant, word })),
      ...soundsOf(word).map((variant) => ({ kind: 'phonetic', variant, word })),
    ]),
  }
}
