import type { KnownMessage } from './oracle.ts'
import { mailToKnow } from './oracle.ts'
import type { Ids, Mailbox } from './mailbox.ts'
import type { Mail, Message } from './message.ts'

/** What can happen to the mail of a world's accounts, which are named by e-mail address. Mailbox says more of each. */
export interface MailOperations {
  deliverMail(email: string, mail: Mail): Message
  /** Fast enough for tens of thousands. */
  deliverMails(email: string, mails: readonly Mail[]): Message[]
  sendMail(email: string, mail: Mail): Message
  saveDraft(email: string, mail: Mail, draftId?: string): { draftId: string; message: Message }
  sendDraft(email: string, draftId: string): Message
  chat(email: string, mail: Mail): Message
  labelMail(email: string, ids: Ids, labelIds: readonly string[]): void
  unlabelMail(email: string, ids: Ids, labelIds: readonly string[]): void
  trashMail(email: string, ids: Ids): void
  untrashMail(email: string, ids: Ids): void
  spamMail(email: string, ids: Ids): void
  unspamMail(email: string, ids: Ids): void
  /** For good. */
  deleteMail(email: string, ids: Ids): void
  /** Adds a label of the user's own and returns its id. */
  addMailLabel(email: string, name: string): string
  /** Gmail forgets all changes until now: whoever asks for them gets 404. */
  forgetMailHistory(email: string): void
  /** The oracle: what a correct synchronization with gmail.metadata knows. */
  mailToKnow(email: string): KnownMessage[]
}

/** The operations on the mailboxes of accounts found this way. */
export function mailOperations(mailboxOf: (email: string) => Mailbox): MailOperations {
  return {
    deliverMail: (email, mail) => mailboxOf(email).deliver(mail),
    deliverMails: (email, mails) => mailboxOf(email).deliverMany(mails),
    sendMail: (email, mail) => mailboxOf(email).send(mail),
    saveDraft: (email, mail, draftId) => mailboxOf(email).saveDraft(mail, draftId),
    sendDraft: (email, draftId) => mailboxOf(email).sendDraft(draftId),
    chat: (email, mail) => mailboxOf(email).chat(mail),
    labelMail: (email, ids, labelIds) => mailboxOf(email).label(ids, labelIds),
    unlabelMail: (email, ids, labelIds) => mailboxOf(email).unlabel(ids, labelIds),
    trashMail: (email, ids) => mailboxOf(email).trash(ids),
    untrashMail: (email, ids) => mailboxOf(email).untrash(ids),
    spamMail: (email, ids) => mailboxOf(email).spam(ids),
    unspamMail: (email, ids) => mailboxOf(email).unspam(ids),
    deleteMail: (email, ids) => mailboxOf(email).deleteMessages(ids),
    addMailLabel: (email, name) => mailboxOf(email).labels.add(name),
    forgetMailHistory: (email) => mailboxOf(email).history.forget(),
    mailToKnow: (email) => mailToKnow(mailboxOf(email)),
  }
}
