import { uploadAvatar } from '../../src/avatars/service.ts'
import { archiveContact, createContact } from '../../src/contacts/service.ts'
import { deleteContact } from '../../src/contacts/bin.ts'
import { importContacts } from '../../src/exchange/service.ts'
import { setContactFollowUp, setTagFollowUp } from '../../src/followUps/service.ts'
import { logInteraction } from '../../src/interactions/service.ts'
import { createNote } from '../../src/notes/service.ts'
import { completeReminder, createReminder, snoozeReminder } from '../../src/reminders/service.ts'
import { png } from '../avatars/pictures.ts'
import type { Person } from '../support/app.ts'

/** Gives somebody an account with something of everything that people keep. */
export async function fillAccount(who: Person): Promise<void> {
  const { ctx } = who
  const ada = await createContact(ctx, {
    name: { prefix: 'Dr', given: 'Åda', middle: 'M.', family: 'Łovelace', suffix: 'PhD', nickname: 'Addie', phoneticGiven: 'Eida', phoneticFamily: 'Lavlis' },
    about: 'First line\nsecond, with "quotes"; and \\ backslash 🌷',
    starred: true,
    externalReference: 'crm-1',
    emails: [
      { address: 'Ada@Example.test', label: 'work', primary: true },
      { address: 'ada@home.example', label: 'Odd, label' },
    ],
    phones: [{ number: '030 1234567', label: 'home' }],
    addresses: [{ street: 'Mill Lane 1', city: 'Lund', postalCode: '12345', country: 'Sweden', countryCode: 'SE', label: 'home' }],
    urls: [{ url: 'https://ada.example.test/', label: 'blog' }],
    organizations: [{ name: 'Windmill', department: 'Front; desk', title: 'Baker' }],
    dates: [
      { kind: 'BIRTHDAY', date: { month: 2, day: 29 } },
      { kind: 'OTHER', label: 'Met', date: { year: 2019 } },
    ],
    customFields: [{ name: 'Shoe size', value: '=38+1' }],
    tags: ['Friends', 'Chöir'],
  })
  const bob = await createContact(ctx, {
    displayName: 'Bob',
    emails: [{ address: 'bob@example.test' }],
    relations: [{ contactId: ada, kind: 'friend' }],
    tags: ['friends'],
  })
  const binned = await createContact(ctx, { displayName: 'Binned', about: 'gone soon' })
  await archiveContact(ctx, await createContact(ctx, { displayName: 'Archived' }), true)
  await uploadAvatar(ctx, ada, png(10, 10))
  await createNote(ctx, { contactId: ada, body: '# Met\n\n- tulips', pinned: true })
  await createNote(ctx, { contactId: binned, body: 'hidden note' })
  await createReminder(ctx, {
    contactId: ada,
    title: 'Call Ada',
    details: 'about\nthe choir',
    dueAt: '2026-06-01T09:30',
    timeZone: 'Europe/Berlin',
    recurrence: 'FREQ=MONTHLY;BYDAY=1MO;COUNT=10',
  })
  await completeReminder(ctx, (await createReminder(ctx, { title: 'All day', dueAt: '2026-05-20', allDay: true, recurrence: 'FREQ=YEARLY' })).id)
  await completeReminder(ctx, (await createReminder(ctx, { title: 'Done', dueAt: '2026-05-05T10:00' })).id)
  const snoozed = await createReminder(ctx, { contactId: bob, title: 'Snoozed', dueAt: '2026-05-06T10:00' })
  await snoozeReminder(ctx, snoozed.id, new Date('2026-05-07T10:00:00Z'))
  await logInteraction(ctx, {
    kind: 'CALL',
    direction: 'INBOUND',
    contactIds: [ada, bob],
    occurredAt: new Date('2026-05-01T10:00:00Z'),
    subject: 'A call, about; things',
    note: 'They rang',
  })
  await logInteraction(ctx, { kind: 'MEETING', contactIds: [bob], occurredAt: new Date('2026-04-01T10:00:00Z'), endedAt: new Date('2026-04-01T11:00:00Z') })
  await setContactFollowUp(ctx, ada, 'P3M')
  await setTagFollowUp(ctx, 'Friends', 'P1M')
  await importContacts(ctx, {
    format: 'VCARD',
    content: 'BEGIN:VCARD\nVERSION:4.0\nUID:card-1\nFN:Carded\nNOTE:Imported\nX-OWN:kept\nEMAIL:carded@example.test\nEND:VCARD\n',
  })
  await deleteContact(ctx, binned)
}
