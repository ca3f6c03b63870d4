/** How much there is. The same numbers always make the same data. */
export interface Size {
  /** Accounts besides the one with the large book. */
  accounts: number
  /** Contacts in each of them that reads. */
  contacts: number
  /** Contacts in each of the others. */
  others: number
  /** Contacts of the account with the large book. */
  book: number
  /** How many accounts, with the large book's, have tokens, and really sealed texts; the texts of others are bytes of the same length that nobody opens. */
  readers: number
  /** How many of those, with the large book's, are found by search; making terms takes longer than all else. */
  searched: number
}

/** What the targets are set on. */
export const fullSize: Size = { accounts: 200, contacts: 500, others: 500, book: 10_000, readers: 200, searched: 10 }
/** For a look that takes two minutes. */
export const quickSize: Size = { accounts: 20, contacts: 100, others: 100, book: 2000, readers: 20, searched: 3 }

/** What growth is measured at: a million contacts, of which those that read have as many as on a small scale, and five million interactions. */
export const largeSize: Size = { accounts: 10_000, contacts: 500, others: 82, book: 100_000, readers: 200, searched: 10 }

/** So many of the readers, the last ones, are written to and read nothing. */
export const writingAccounts = 8
