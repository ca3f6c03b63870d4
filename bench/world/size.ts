/** How much there is. The same numbers always make the same data. */
export interface Size {
  /** Accounts besides the one with the large book. */
  accounts: number
  /** Contacts in each of them. */
  contacts: number
  /** Contacts of the account with the large book. */
  book: number
  /** How many accounts, with the large book's, have tokens, really sealed texts and search terms; the texts of others are bytes of the same length that nobody opens. */
  readers: number
}

/** What the targets are set on. */
export const fullSize: Size = { accounts: 200, contacts: 500, book: 10_000, readers: 200 }
/** For a look that takes two minutes. */
export const quickSize: Size = { accounts: 20, contacts: 200, book: 4000, readers: 20 }

/** How many accounts besides the one with the large book are found by search; making terms takes longer than all else. */
export const searchedAccounts = 10
