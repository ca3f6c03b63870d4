import type { people_v1 } from 'googleapis/build/src/apis/people/v1.js'
import type { Person } from '../people/person.ts'
import type { Random } from '../random.ts'

/** What one notes about a person beside how to reach them: days, relations, links, remarks. */
export function lifeOf(random: Random, givenName: string, company: { name: string; domain: string }): Person {
  const some = (probability: number, fields: () => Person): Person => (random.chance(probability) ? fields() : {})
  const relative = () => random.pick(['Robin', 'Sascha', 'Noor', 'Kim', 'Alexis', 'Jude', 'Maria'])
  return {
    ...some(0.08, () => ({ nicknames: [{ value: `${givenName.slice(0, 3)}${random.pick(['y', 'o', 'ie', '-san'])}` }] })),
    ...some(0.45, () => ({ birthdays: [birthdayOf(random)] })),
    ...some(0.12, () => ({ events: [{ type: 'anniversary', date: dayOf(random, 1980, 2023) }] })),
    ...some(0.04, () => ({
      events: [{ type: random.pick(['other', 'First met', 'Moved house']), date: { ...dayOf(random, 2010, 2025), ...(random.chance(0.4) && { year: 0 }) } }],
    })),
    ...some(0.1, () => ({
      relations: random
        .sample(['spouse', 'child', 'mother', 'brother', 'manager', 'assistant', 'partner', 'Godmother', 'Neighbour'], random.pick([1, 1, 2]))
        .map((type) => ({ person: relative(), type })),
    })),
    ...some(0.15, () => ({
      urls: [
        {
          value: `https://${random.pick(['www.', 'blog.', ''])}${company.domain}/${random.pick(['', 'about', 'team'])}`,
          type: random.pick(['homePage', 'blog', 'work', 'profile', 'Portfolio']),
        },
      ],
    })),
    ...some(0.08, () => ({
      userDefined: [
        random.pick([
          { key: 'Allergies', value: 'Hazelnuts, cats' },
          { key: 'Shirt size', value: 'M' },
          { key: 'Coffee', value: 'oat flat white, no sugar' },
          { key: 'Loyalty number', value: `EX-${random.digits(6)}` },
        ]),
      ],
    })),
    ...some(0.15, () => ({ biographies: [{ value: remarkOf(random), contentType: 'TEXT_PLAIN' }] })),
    ...some(0.04, () => ({
      imClients: [
        { username: `${company.domain.split('.')[0]}.${random.digits(2)}`, protocol: random.pick(['skype', 'jabber', 'icq', 'Matrix']), type: 'home' },
      ],
    })),
    ...some(0.01, () => ({ sipAddresses: [{ value: `sip:desk${random.digits(3)}@${company.domain}`, type: 'work' }] })),
    ...some(0.03, () => ({ occupations: [{ value: random.pick(['carpenter', 'translator', 'midwife', 'beekeeper']) }] })),
    ...some(0.03, () => ({ interests: [{ value: random.pick(['stargazing', 'choral singing', 'bouldering', 'sourdough']) }] })),
    ...some(0.1, () => ({ genders: [random.pick([{ value: 'female' }, { value: 'male' }, { value: 'unspecified', addressMeAs: 'they/them' }])] })),
  }
}

function dayOf(random: Random, from: number, to: number): people_v1.Schema$Date {
  return { year: random.between(from, to), month: random.between(1, 12), day: random.between(1, 28) }
}

function birthdayOf(random: Random): people_v1.Schema$Birthday {
  const { year = 0, month, day } = dayOf(random, 1932, 2012)
  // Many know the day and not the year; Google then leaves the year out.
  return random.chance(0.7)
    ? { date: { year, month, day } as people_v1.Schema$Date, text: `${month}/${day}/${year}` }
    : { date: { month, day } as people_v1.Schema$Date }
}

function remarkOf(random: Random): string {
  return random.pick([
    'Met at the spring fair. Collects enamel mugs.',
    'Prefers calls in the afternoon; never on Mondays.',
    'Moved in next door.\nKeeps a spare key for us.\nTwo dogs: Biscuit and Waffle.',
    'Likes: *long* walks, **short** e-mails, <b>no</b> small talk & "quotes".',
    'Lent us the ladder (return it!).',
    'Sings alto. Birthday dinner every year.',
    '“Ça va bien”, says the postcard — see the album 📷',
  ])
}
