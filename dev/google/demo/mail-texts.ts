/** What people write about; `{}` is a day or a thing. */
export const subjects: readonly string[] = [
  'Lunch on {}?',
  'Photos from {}',
  'The recipe you asked for',
  'Moving boxes, again',
  'Choir: new room on {}',
  'Can you lend me the ladder?',
  'Train times for {}',
  'Happy birthday 🎂',
  'Quick question about the invoice',
  'Draft of the programme',
  'Book club: who has the book?',
  'Re-scheduling {}',
  'Thank you for {}',
  'Keys for the allotment',
  'News from us',
  'Minutes of {}',
  'The kitten has a name',
  'Offer for the garden fence',
  'Long time no see',
  'Feedback on chapter three',
  'Grüße aus dem Süden',
  'À propos de {}',
  'Tickets für {}',
  'お元気ですか',
  'Как дела?',
  'Καλημέρα από το νησί',
  'Concert on {} – are you in?',
  'Your umbrella is still here',
  'Climbing on {}',
  'Reference for my application',
]

/** What a subject speaks of. */
export const occasions: readonly string[] = [
  'Tuesday',
  'Thursday',
  'Saturday',
  'the weekend',
  'the spring fair',
  'the harbour walk',
  'last night',
  'the rehearsal',
  'the trip',
]

/** Texts, which no client with gmail.metadata may ever see. */
export const bodies: readonly string[] = [
  'Hello,\n\nshort answer: yes. Long answer when we meet.\n\nAll the best',
  'Hi!\nSee the list below, and tell me what is missing.\n\n- rope\n- bread\n- a map\n',
  'Dear all,\nthe door code is on the usual note. Please do not write it down.\n',
  'That would be lovely. I have until four.\n',
  'Sorry for the silence; the move took longer than we thought.\n\nTalk soon',
]

/** Senders that write to lists: name, address, List-Id, subjects, and the category Gmail gives them. */
export const newsletters: readonly { name: string; address: string; list: string; subjects: readonly string[]; category: string }[] = [
  {
    name: 'The Pebble Post',
    address: 'hello@pebblepress.example',
    list: 'post.pebblepress.example',
    subjects: ['Seven slow walks', 'The apple issue', 'Letters to the editor'],
    category: 'CATEGORY_UPDATES',
  },
  {
    name: 'Indigo Gardens',
    address: 'news@indigogardens.example',
    list: 'offers.indigogardens.example',
    subjects: ['Bulbs, 3 for 2', 'What to sow now', 'Last chance: seed potatoes'],
    category: 'CATEGORY_PROMOTIONS',
  },
  {
    name: 'Lantern Logistics',
    address: 'noreply@lanternlogistics.example',
    list: 'tracking.lanternlogistics.example',
    subjects: ['Your parcel is on its way', 'Delivered: 1 parcel'],
    category: 'CATEGORY_UPDATES',
  },
  {
    name: 'Fête des voisins – Mairie',
    address: 'lettre@mairie.example',
    list: 'voisins.mairie.example',
    subjects: ['La fête approche', 'Appel aux bénévoles 🧺'],
    category: 'CATEGORY_FORUMS',
  },
  {
    name: 'Gather',
    address: 'notifications@gather.example',
    list: 'digest.gather.example',
    subjects: ['3 people near you sing alto', 'Someone liked your photo'],
    category: 'CATEGORY_SOCIAL',
  },
  {
    name: 'Open Stitch users',
    address: 'users@lists.openstitch.example',
    list: 'users.lists.openstitch.example',
    subjects: ['[users] Bobbin tension', '[users] Release 4.2', '[users] Pattern exchange'],
    category: 'CATEGORY_FORUMS',
  },
]

/** Robots without List-Id: only the address, Auto-Submitted or Precedence gives them away. */
export const robots: readonly { name: string; address: string; subject: string; headers: readonly (readonly [string, string])[] }[] = [
  { name: 'Amber Works Billing', address: 'no-reply@amberworks.example', subject: 'Your receipt', headers: [] },
  {
    name: 'Harbour Clinic',
    address: 'appointments@harbourclinic.example',
    subject: 'Reminder of your appointment',
    headers: [['Auto-Submitted', 'auto-generated']],
  },
  { name: 'Kiln School', address: 'office@kilnschool.example', subject: 'Closed on Friday', headers: [['Precedence', 'bulk']] },
  {
    name: 'Mail Delivery Subsystem',
    address: 'mailer-daemon@mail.example',
    subject: 'Delivery Status Notification (Failure)',
    headers: [['Auto-Submitted', 'auto-replied']],
  },
]

/** What lands in the spam folder. */
export const spam: readonly string[] = [
  'You have WON a lantern',
  'Re: Re: your invoice 000017',
  'Cheap ladders no prescription',
  'Final notice: your umbrella expires',
]
