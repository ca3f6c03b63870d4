/** A statement or transaction that is not of one owner alone, and why. docs/scaling.md has the same list. */
export interface Crossing {
  why: string
}

/** The statements that touch rows of several owners, which with Citus means several shards. None of them is part of answering a request. */
export const crossingStatements: (Crossing & { statement: RegExp; readsAll?: true })[] = [
  {
    why: 'the relay looks whose effects wait',
    statement: /^SELECT "ownerId" FROM outbox WHERE "notBefore" <= \$1::timestamptz ORDER BY "notBefore" LIMIT \$2$/,
  },
  { why: 'the sweep of stored answers whose day is over', statement: /^DELETE FROM idempotent_answers WHERE "expiresAt" <= / },
  {
    why: 'the sweeps of sessions and tokens that are over find whose they are',
    statement: /^SELECT "ownerId", array_agg\(id::text\) AS ids FROM \(SELECT "ownerId", id FROM (sessions|api_tokens) WHERE "expiresAt" <= /,
  },
  {
    why: 'the daily check of consents that end goes through all of them',
    statement: /^SELECT c."ownerId", c.id, c.purpose FROM consent_records AS c WHERE \(c."ownerId", c.id\) > /,
  },
  {
    why: 'signing the ends of chains, every hour, goes through all of them',
    statement: /^SELECT "ownerId" AS id, seq, hash FROM event_heads WHERE "ownerId" > /,
  },
  {
    why: 'announcing a version of the policy goes through all accounts, and looks whether mail is left to send',
    statement:
      /^SELECT (a."ownerId", a.id FROM accounts AS a WHERE \(a."ownerId", a.id\) > |count\(\*\)::int AS count FROM deliveries AS d JOIN accounts AS a ).* d.kind = 'POLICY_NOTICE'/,
  },
  {
    why: 'erasing a person finds in whose interactions they took part, after a restore by the hash of their address',
    statement: /^SELECT DISTINCT ("ownerId" FROM interaction_participants WHERE canonical = ANY|canonical FROM interaction_participants WHERE canonical > )/,
  },
  {
    why: 'erasing a person reads their addresses, and counts what is left of them, in every book that they stand in',
    statement:
      /^SELECT ('email' AS kind, e.canonical AS value FROM contact_emails AS e|count\(\*\)::int AS count FROM \w+ AS t) JOIN unnest\(\$1::uuid\[\], \$2::uuid\[\]\) AS p\("ownerId", "contactId"\)/,
  },
  {
    why: '`kith directories rebuild` reads the subjects, sessions, tokens and channels that the directories are made of',
    statement: /^INSERT INTO directory_\w+ \([^)]*\) SELECT .* FROM (google_identities|sessions|calendar_channels)\b/,
    readsAll: true,
  },
  {
    why: '`kith directories rebuild`, and the sweep of claims that no account followed, look whether an entry’s row is there',
    statement: /^SELECT ("\w+"::text AS key, "ownerId"|"ownerId", id) FROM \w+ WHERE "ownerId" = ANY\(\$1::uuid\[\]\) AND "?\w+"? = ANY\(\$2::/,
  },
  {
    why: '`kith directories rebuild` goes through all contacts, accounts and what falls due, a page at a time',
    statement: /^SELECT "ownerId", id(, \(.*\)::text AS value)? FROM \w+ WHERE \("ownerId", id\) > /,
  },
  {
    why: '`kith audit verify` finds whose chains and consents there are',
    statement: /^SELECT ("ownerId" FROM (accounts UNION SELECT|event_heads ORDER BY)|DISTINCT c."ownerId" FROM consent_records AS c LEFT JOIN event_heads)/,
    readsAll: true,
  },
]

/** The transactions that write rows of two owners, the second of whom is the controller, whose chain of a privacy request must say what the account's own log says. */
export const crossingTransactions: (Crossing & { ofController: RegExp; ofOwner: RegExp })[] = [
  {
    why: 'a privacy request is made, proven, decided or called back: it stands in the controller’s journal and in the log of who did it',
    ofController: /privacy_requests/,
    ofOwner: /^event_heads,events$/,
  },
  {
    why: 'an archive that was asked for is ready or gone: the account’s archive and the controller’s request say so together',
    ofController: /privacy_requests/,
    ofOwner: /^archives,/,
  },
  {
    why: 'a restriction begins or ends: what is restrained lies with its owner, the decision with the controller',
    ofController: /privacy_requests/,
    ofOwner: /contacts|accounts/,
  },
]

/** The transactions that write owned rows and rows of a table without an owner, by that table. */
export const directoryTransactions: (Crossing & { table: string })[] = [
  { why: 'signing in and out, and an API token: a credential is found by its hash from the moment it is there', table: 'directory_credentials' },
  { why: 'a calendar’s channel ends with its connection: no notice is taken for it any more', table: 'directory_channels' },
  { why: 'an erasure is certified, and is not carried out again by this database', table: 'applied_erasures' },
]
