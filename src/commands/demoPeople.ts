import type { ContactInput } from '../contacts/input.ts'

/** Someone whom a demo account knows, and what there is to remember. Days count from the day the demo is made; times are the account's wall times. */
export interface DemoPerson {
  contact: ContactInput & { externalReference: string }
  notes?: readonly { body: string; pinned?: boolean }[]
  interactions?: readonly {
    kind: 'CALL' | 'MEETING' | 'MESSAGE' | 'IN_PERSON' | 'SOCIAL'
    daysAgo: number
    direction?: 'INBOUND' | 'OUTBOUND' | 'MUTUAL'
    subject: string
  }[]
  reminders?: readonly { title: string; details?: string; inDays: number; time?: string; recurrence?: string }[]
  /** How often to be in touch, an ISO 8601 period. */
  followUp?: string
}

/** Made-up people, by the address of the demo account that knows them. */
export const demoPeople: Readonly<Record<string, readonly DemoPerson[]>> = {
  'ada@example.test': [
    {
      contact: {
        externalReference: 'demo-1',
        name: { given: 'Mira', family: 'Fictional', nickname: 'Mimi' },
        emails: [{ address: 'mira@example.com', label: 'home', primary: true }],
        phones: [{ number: '+1 202 555 0101', label: 'mobile' }],
        dates: [{ kind: 'BIRTHDAY', date: { month: 2, day: 29 } }],
        tags: ['Friends', 'Climbing'],
        starred: true,
        about: 'Shared a flat with me in the second year. Vegetarian, no coriander.',
      },
      notes: [
        { body: 'Her daughter **Ivy** starts school this autumn. Ask how the first weeks went.', pinned: true },
        { body: 'Recommended a book about tides; still owe her my copy of the atlas.' },
      ],
      interactions: [
        { kind: 'IN_PERSON', daysAgo: 9, subject: 'Climbing, then soup' },
        { kind: 'CALL', daysAgo: 41, direction: 'INBOUND', subject: 'Her new flat' },
      ],
      reminders: [{ title: 'Return the atlas to Mira', inDays: 3, time: '18:30' }],
      followUp: 'P2W',
    },
    {
      contact: {
        externalReference: 'demo-2',
        name: { given: 'Tomás', family: 'Imaginado' },
        emails: [{ address: 'tomas@example.org', label: 'work' }],
        phones: [{ number: '+34 600 000 002', label: 'mobile' }],
        organizations: [{ name: 'Example Bridges', title: 'Structural engineer' }],
        tags: ['Friends'],
      },
      notes: [{ body: 'Moves to the coast in spring. Wants an introduction to somebody who restores boats.' }],
      interactions: [{ kind: 'MESSAGE', daysAgo: 120, direction: 'INBOUND', subject: 'Photos from the ferry' }],
      followUp: 'P3M',
    },
    {
      contact: {
        externalReference: 'demo-3',
        name: { prefix: 'Dr', given: 'Yuki', family: 'Sample', phoneticGiven: 'ゆき' },
        emails: [{ address: 'yuki.sample@example.net', label: 'work' }],
        organizations: [{ name: 'Sample Institute', department: 'Soil', title: 'Researcher' }],
        tags: ['Clients'],
      },
      notes: [{ body: 'Prefers calls before ten. Decision about the second phase is due at the end of the quarter.', pinned: true }],
      interactions: [
        { kind: 'MEETING', daysAgo: 20, subject: 'Results of the first phase' },
        { kind: 'CALL', daysAgo: 6, direction: 'OUTBOUND', subject: 'Open questions about samples' },
      ],
      reminders: [{ title: 'Send Yuki the revised offer', details: 'With the smaller second phase as an option.', inDays: 1, time: '09:00' }],
      followUp: 'P1M',
    },
    {
      contact: {
        externalReference: 'demo-4',
        name: { given: 'Rose', family: 'Example' },
        phones: [{ number: '+1 202 555 0104', label: 'home' }],
        dates: [
          { kind: 'BIRTHDAY', date: { year: 1951, month: 6, day: 4 } },
          { kind: 'ANNIVERSARY', date: { year: 1976, month: 9, day: 18 } },
        ],
        addresses: [{ label: 'home', street: '4 Imaginary Lane', city: 'Sampleton', postalCode: '00000', countryCode: 'US' }],
        tags: ['Family'],
        starred: true,
      },
      notes: [{ body: 'The good telescope is for the summer visit. Hearing aid on the left: sit on her right.' }],
      interactions: [{ kind: 'CALL', daysAgo: 2, direction: 'OUTBOUND', subject: 'Sunday call' }],
      reminders: [{ title: 'Call Rose', inDays: 5, time: '17:00', recurrence: 'FREQ=WEEKLY' }],
      followUp: 'P1W',
    },
    {
      contact: {
        externalReference: 'demo-5',
        name: { given: 'Olena', family: 'Zrazok' },
        emails: [{ address: 'olena@example.com', label: 'home' }],
        tags: ['Choir'],
      },
      notes: [{ body: 'Sings alto, plays the viola, knows every rehearsal room in town.' }],
      interactions: [{ kind: 'SOCIAL', daysAgo: 15, subject: 'Concert in the old library' }],
      reminders: [{ title: 'Ask Olena about the spring programme', inDays: 12 }],
    },
  ],
  'grace@example.test': [
    {
      contact: {
        externalReference: 'demo-1',
        name: { given: 'Bram', family: 'Voorbeeld' },
        emails: [{ address: 'bram@example.org', label: 'home' }],
        tags: ['Sailing'],
      },
      notes: [{ body: 'Has the charts for the northern route.' }],
      interactions: [{ kind: 'IN_PERSON', daysAgo: 30, subject: 'Harbour day' }],
      followUp: 'P6M',
    },
  ],
  'alan@example.test': [
    {
      contact: {
        externalReference: 'demo-1',
        name: { given: 'Lena', family: 'Beispiel' },
        phones: [{ number: '030 23125 001', label: 'mobile' }],
        dates: [{ kind: 'BIRTHDAY', date: { year: 1988, month: 11, day: 30 } }],
      },
      reminders: [{ title: 'Lena wegen des Umzugs fragen', inDays: 7, time: '12:00' }],
    },
  ],
}
