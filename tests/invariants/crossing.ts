/** A statement or transaction that is not of one owner alone, and why. docs/scaling.md has the same list. */
export interface Crossing {
  why: string
}

/** The statements that touch rows of several owners, which with Citus means several shards. None of them is part of answering a request. */
export const crossingStatements: (Crossing & { statement: RegExp })[] = [
  {
    why: 'the relay looks whose effects wait',
    statement: /^SELECT "ownerId" FROM outbox WHERE "notBefore" <= \$1::timestamptz ORDER BY "notBefore" LIMIT \$2$/,
  },
  { why: 'the sweep of stored answers whose day is over', statement: /^DELETE FROM idempotent_answers WHERE "expiresAt" <= / },
  {
    why: 'the sweep of sessions that are over finds whose they are',
    statement: /^SELECT "ownerId", array_agg\(id::text\) AS ids FROM \(SELECT "ownerId", id FROM sessions WHERE "expiresAt" <= /,
  },
  {
    why: 'the sweep of tokens that have ended finds whose they are',
    statement: /^SELECT "ownerId", array_agg\(id::text\) AS ids FROM \(SELECT "ownerId", id FROM api_tokens WHERE "expiresAt" <= /,
  },
  {
    why: 'the sweep of claims that no account followed looks for their accounts',
    statement: /^SELECT "subject"::text AS key, "ownerId" FROM google_identities WHERE "ownerId" = ANY/,
  },
  {
    why: 'the daily check of consents that end goes through all of them',
    statement: /^SELECT c."ownerId", c.id, c.purpose FROM consent_records AS c WHERE \(c."ownerId", c.id\) > /,
  },
  { why: 'signing the ends of chains goes through all of them', statement: /^SELECT "ownerId" AS id, seq, hash FROM event_heads WHERE "ownerId" > / },
  {
    why: 'announcing a version of the policy goes through all accounts',
    statement: /^SELECT a."ownerId", a.id FROM accounts AS a WHERE \(a."ownerId", a.id\) > .* d.kind = 'POLICY_NOTICE'/,
  },
  {
    why: 'an announcement is complete once no account’s mail is left to send',
    statement: /^SELECT count\(\*\)::int AS count FROM deliveries AS d JOIN accounts AS a .* d.kind = 'POLICY_NOTICE'/,
  },
  {
    why: 'erasing a person finds in whose interactions they took part',
    statement: /^SELECT DISTINCT "ownerId" FROM interaction_participants WHERE canonical = ANY/,
  },
  {
    why: 'erasing a person after a restore finds their address by its hash',
    statement: /^SELECT DISTINCT canonical FROM interaction_participants WHERE canonical > /,
  },
  {
    why: 'erasing a person reads their addresses in every book they stand in',
    statement: /^SELECT 'email' AS kind, e.canonical AS value FROM contact_emails AS e JOIN unnest/,
  },
  {
    why: 'erasing a person counts what is left of them in every book they stood in',
    statement: /^SELECT count\(\*\)::int AS count FROM \w+ AS t JOIN unnest\(\$1::uuid\[\], \$2::uuid\[\]\) AS p\("ownerId", "contactId"\)/,
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
