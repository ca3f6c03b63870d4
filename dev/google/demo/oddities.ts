import type { Person } from '../people/person.ts'

/** People who try an import: missing names, odd numbers, half-known dates, every field at once. */
export const oddities: Person[] = [
  // No name at all.
  { emailAddresses: [{ value: 'nobody.in.particular@example.com' }] },
  { phoneNumbers: [{ value: '+1 202-555-0100', type: 'mobile' }] },
  { organizations: [{ name: 'Example Plumbing', title: 'Front desk' }], phoneNumbers: [{ value: '(202) 555-0101', type: 'main' }] },
  { nicknames: [{ value: 'The tall one from the choir' }] },
  { biographies: [{ value: 'Somebody left this note without a name.', contentType: 'TEXT_PLAIN' }] },
  // Names that are not two words.
  { names: [{ givenName: 'Mononymia' }], emailAddresses: [{ value: 'MONONYMIA@Example.COM', type: 'home' }] },
  { names: [{ givenName: '🎷 Sax', familyName: 'Teacher 🎶' }], phoneNumbers: [{ value: '+1 202-555-0102', type: 'mobile' }] },
  { names: [{ givenName: '👩‍👩‍👧‍👦' }], nicknames: [{ value: 'next-door family' }] },
  { names: [{ givenName: 'Zoë', familyName: 'Van Der Example', middleName: 'Q.' }], emailAddresses: [{ value: 'zoë@exämple.example', type: 'work' }] },
  { names: [{ givenName: 'אורי', familyName: 'Cohenexample' }], emailAddresses: [{ value: 'uri.mixed@example.org' }] },
  {
    names: [
      {
        givenName: 'Maximiliana Wilhelmina Theodora Augustina Clementina',
        familyName: 'Placeholder-Featherstonehaugh-Exampleton of Upper Sampleshire',
        honorificPrefix: 'The Right Hon. Prof. Dr.',
        honorificSuffix: 'MA, PhD, FEx',
      },
    ],
  },
  { names: [{ unstructuredName: 'plumber (ask for Sam)', displayName: 'plumber (ask for Sam)' }], phoneNumbers: [{ value: '202 555 0103', type: 'work' }] },
  // Numbers as people really type them.
  {
    names: [{ givenName: 'Extension', familyName: 'Exampleton' }],
    phoneNumbers: [
      { value: '+1 (202) 555-0123 ext. 45', type: 'work' },
      { value: '+44 20 7946 0321;ext=12', type: 'work' },
      { value: '(202) 555-0124 x6', type: 'other' },
    ],
  },
  { names: [{ givenName: 'Letters', familyName: 'Exampleton' }], phoneNumbers: [{ value: '202-KL5-0142', type: 'home' }] },
  {
    names: [{ givenName: 'Short', familyName: 'Exampleton' }],
    phoneNumbers: [
      { value: '0142', type: 'work' },
      { value: '42', type: 'Desk' },
    ],
  },
  {
    names: [{ givenName: 'Abroad', familyName: 'Exampleton' }],
    phoneNumbers: [
      { value: '011 44 20 7946 0123', type: 'home' },
      { value: '0044 7700 900123', type: 'mobile' },
      { value: '+44 (0)20 7946 0124', type: 'work' },
    ],
  },
  {
    names: [{ givenName: 'Pause', familyName: 'Exampleton' }],
    phoneNumbers: [
      { value: '+12025550109,,1234#', type: 'Conference' },
      { value: '*86', type: 'Voicemail' },
    ],
  },
  { names: [{ givenName: 'Two', familyName: 'In-One' }], phoneNumbers: [{ value: '+1 202-555-0107 / 0108', type: 'home' }] },
  {
    names: [{ givenName: 'Digits', familyName: 'Exampleton' }],
    phoneNumbers: [
      { value: '+١ ٢٠٢ ٥٥٥ ٠١٠٥', type: 'mobile' },
      { value: '＋１ ２０２ ５５５ ０１０６', type: 'home' },
    ],
  },
  {
    names: [{ givenName: 'Words', familyName: 'Exampleton' }],
    phoneNumbers: [
      { value: 'ask at reception', type: 'work' },
      { value: '+1 202 555 0110 (after 6pm)', type: 'home' },
    ],
  },
  // Dates one knows in part.
  { names: [{ givenName: 'Leapling', familyName: 'Exampleton' }], birthdays: [{ date: { year: 1992, month: 2, day: 29 } }] },
  { names: [{ givenName: 'Leapday', familyName: 'Exampleton' }], birthdays: [{ date: { month: 2, day: 29 } }] },
  { names: [{ givenName: 'Yearonly', familyName: 'Exampleton' }], birthdays: [{ date: { year: 1971 } }] },
  { names: [{ givenName: 'Textual', familyName: 'Exampleton' }], birthdays: [{ text: 'around midsummer' }] },
  {
    names: [{ givenName: 'Elder', familyName: 'Exampleton' }],
    birthdays: [{ date: { year: 1899, month: 12, day: 31 } }],
    events: [
      { type: 'anniversary', date: { month: 6, day: 21 } },
      { type: 'First met', date: { year: 1969, month: 7 } },
    ],
  },
  // Addresses that break naive parsers.
  {
    names: [{ givenName: 'Mail', familyName: 'Exampleton' }],
    emailAddresses: [
      { value: 'not an address' },
      { value: ' spaces@example.com ' },
      { value: '"quoted part"@example.com', displayName: 'Mail, Exampleton' },
      { value: 'üñïçødé@example.org' },
    ],
  },
  // More addresses than a list carries.
  {
    names: [{ givenName: 'Choir', familyName: 'Mailing List' }],
    emailAddresses: Array.from({ length: 104 }, (_, index) => ({ value: `voice${String(index + 1).padStart(3, '0')}@choir.example`, type: 'other' })),
  },
  everyField(),
]

function everyField(): Person {
  return {
    names: [
      {
        honorificPrefix: 'Dr.',
        givenName: 'Everard',
        middleName: 'Filbert',
        familyName: 'Fieldington',
        honorificSuffix: 'PhD',
        phoneticGivenName: 'EV-er-ard',
        phoneticMiddleName: 'FIL-bert',
        phoneticFamilyName: 'FEEL-ding-ton',
        phoneticHonorificPrefix: 'doctor',
        phoneticHonorificSuffix: 'pee-aitch-dee',
        phoneticFullName: 'EV-er-ard FEEL-ding-ton',
      },
    ],
    nicknames: [{ value: 'Evvie' }, { value: 'Fields', type: 'DEFAULT' }],
    emailAddresses: [
      { value: 'everard@example.com', type: 'home', displayName: 'Everard Fieldington' },
      { value: 'e.fieldington@amberworks.example', type: 'work' },
      { value: 'fields@example.net', type: 'Chess club' },
    ],
    phoneNumbers: [
      { value: '+1 202-555-0190', type: 'mobile' },
      { value: '+1 202-555-0191', type: 'home' },
      { value: '+1 202-555-0192', type: 'workFax' },
      { value: '+44 7700 900190', type: 'Boat' },
    ],
    addresses: [
      {
        type: 'home',
        streetAddress: '1 Example Avenue',
        extendedAddress: 'Apt. 4',
        city: 'Springfield',
        region: 'Example State',
        postalCode: '00001',
        country: 'United States',
        countryCode: 'US',
      },
      {
        type: 'work',
        formattedValue: 'Amber Works\nUnit 7, Sample Yard\nLondon',
        streetAddress: 'Unit 7, Sample Yard',
        city: 'London',
        country: 'United Kingdom',
        countryCode: 'GB',
        poBox: 'PO Box 10',
      },
    ],
    organizations: [
      {
        type: 'work',
        name: 'Amber Works',
        phoneticName: 'AM-ber',
        title: 'Head of Everything',
        department: 'All',
        jobDescription: 'Whatever needs doing',
        symbol: 'AMBX',
        domain: 'amberworks.example',
        location: 'Unit 7',
        costCenter: 'CC-1',
        current: true,
        fullTimeEquivalentMillipercent: 80000,
        startDate: { year: 2015, month: 4, day: 1 },
      },
      { type: 'school', name: 'Sample College', current: false, startDate: { year: 1998 }, endDate: { year: 2002, month: 6 } },
    ],
    birthdays: [{ date: { year: 1980, month: 5, day: 17 }, text: '5/17/1980' }],
    events: [
      { type: 'anniversary', date: { year: 2008, month: 9, day: 6 } },
      { type: 'Graduation', date: { year: 2002, month: 6, day: 30 } },
    ],
    relations: [
      { person: 'Robin Fieldington', type: 'spouse' },
      { person: 'Jude', type: 'child' },
      { person: 'Noor', type: 'Sponsor' },
    ],
    urls: [
      { value: 'https://everard.example/', type: 'homePage' },
      { value: 'https://blog.everard.example/?a=1&b=2', type: 'blog' },
      { value: 'ftp://files.everard.example', type: 'ftp' },
    ],
    userDefined: [
      { key: 'Locker', value: '17' },
      { key: 'Locker', value: '18 (spare)' },
      { key: 'Motto', value: 'One of each' },
    ],
    biographies: [{ value: 'Has one of every field.\n\nSecond paragraph, with a tab\tand a line that goes on.', contentType: 'TEXT_PLAIN' }],
    imClients: [
      { username: 'everard.f', protocol: 'skype', type: 'home' },
      { username: '@everard:matrix.example', protocol: 'Matrix', type: 'other' },
    ],
    sipAddresses: [{ value: 'sip:everard@example.com', type: 'work' }],
    calendarUrls: [{ url: 'https://calendar.example/everard.ics', type: 'freeBusy' }],
    externalIds: [{ value: 'EX-000017', type: 'customer' }],
    genders: [{ value: 'male', addressMeAs: 'he/him' }],
    interests: [{ value: 'completeness' }],
    occupations: [{ value: 'archivist' }],
    skills: [{ value: 'filling in forms' }],
    locales: [{ value: 'en-GB' }],
    locations: [{ value: 'Desk 17, by the window', type: 'desk', current: true, buildingId: 'U7', floor: '2', floorSection: 'east', deskCode: '17' }],
    miscKeywords: [{ value: 'everything', type: 'OUTLOOK_KEYWORD' }],
    clientData: [{ key: 'simulator', value: 'every-field' }],
    photos: [{ url: '/photos/p1700000000000017=s100' }],
  }
}
