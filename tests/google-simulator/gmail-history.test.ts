import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { createMailbox, type Mailbox } from '../../dev/google/gmail/mailbox.ts'

type Operation = (mailbox: Mailbox, pick: (index: number) => string | undefined) => void

const labels = ['STARRED', 'IMPORTANT', 'UNREAD', 'INBOX']
const mail = { from: 'person@example.com', to: 'ada@example.test' }
const onOne = (act: (mailbox: Mailbox, id: string, label: string) => void) =>
  fc.tuple(fc.nat(), fc.constantFrom(...labels)).map(([index, label]): Operation => (mailbox, pick) => {
    const id = pick(index)
    if (id) act(mailbox, id, label)
  })
const always = (act: (mailbox: Mailbox) => void) => fc.constant<Operation>((mailbox) => act(mailbox))
const operation = fc.oneof(
  always((mailbox) => mailbox.deliver(mail)),
  always((mailbox) => mailbox.send(mail)),
  always((mailbox) => mailbox.chat(mail)),
  always((mailbox) => mailbox.saveDraft(mail, 'r1')),
  always((mailbox) => {
    mailbox.saveDraft(mail, 'r1')
    mailbox.sendDraft('r1')
  }),
  onOne((mailbox, id, label) => mailbox.label(id, [label])),
  onOne((mailbox, id, label) => mailbox.unlabel(id, [label])),
  onOne((mailbox, id) => mailbox.trash(id)),
  onOne((mailbox, id) => mailbox.untrash(id)),
  onOne((mailbox, id) => mailbox.spam(id)),
  onOne((mailbox, id) => mailbox.unspam(id)),
  onOne((mailbox, id) => mailbox.deleteMessages(id)),
)

const stateOf = (mailbox: Mailbox) => new Map(mailbox.messages().map(({ id, labelIds }) => [id, labelIds.toSorted()]))

test('whoever knows a mailbox at any time and follows its history knows it now', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 30 }), fc.array(operation, { maxLength: 30 }), (before, since) => {
      const mailbox = createMailbox({ seed: 'history', owner: 'ada@example.test', clock: fixedClock('2026-03-01T12:00:00Z') })
      const run = (operations: Operation[]) => {
        for (const act of operations) act(mailbox, (index) => mailbox.messages()[index % Math.max(mailbox.messages().length, 1)]?.id)
      }
      run(before)
      const known = stateOf(mailbox)
      const start = mailbox.history.lastId()
      run(since)
      let last = start
      for (const { id, kind, messageId, labelIds, labelsAdded, labelsRemoved } of mailbox.history.after(start, 0) ?? []) {
        expect(id).toBeGreaterThan(last)
        last = id
        if (kind === 'added') known.set(messageId, labelIds.toSorted())
        else if (kind === 'deleted') known.delete(messageId)
        else {
          const next = [...(known.get(messageId) ?? []).filter((label) => !labelsRemoved.includes(label)), ...labelsAdded].toSorted()
          expect(next).toEqual(labelIds.toSorted())
          known.set(messageId, next)
        }
      }
      expect(known).toEqual(stateOf(mailbox))
      for (const message of mailbox.messages()) expect(message.historyId <= mailbox.history.lastId()).toBe(true)
    }),
    { numRuns: 200, seed: 3 },
  )
})
