-- The ledger of erasures. It lies apart from the data, so that a restored dump of those does not bring back what was erased:
-- an entry stands before anything is destroyed, and is applied again to a database that does not know of it.
CREATE TABLE erasures (
  seq bigint PRIMARY KEY,
  "requestId" uuid NOT NULL,
  scope text NOT NULL CHECK (scope IN ('ACCOUNT', 'PERSON')),
  -- the account; null for a person in address books
  "subjectId" uuid,
  -- of a person: the contacts that were found to be them, [{ "ownerId", "contactId" }]
  places jsonb NOT NULL DEFAULT '[]',
  -- of a person: keyed hashes of their addresses and numbers
  hashes bytea[] NOT NULL DEFAULT '{}',
  "planHash" bytea NOT NULL,
  before jsonb NOT NULL,
  -- what the check looks for, wrapped by the master key; gone once it is complete
  working bytea,
  "masterKeyId" text,
  "googleTries" integer NOT NULL DEFAULT 0,
  at timestamptz(3) NOT NULL,
  "completedAt" timestamptz(3),
  certificate text,
  -- authenticates the entry, and that the one before it is there
  mac bytea NOT NULL
);
CREATE UNIQUE INDEX erasures_open ON erasures ("requestId") WHERE "completedAt" IS NULL;
CREATE INDEX erasures_subject ON erasures ("subjectId");

-- What of an entry is done, so that whoever takes it up again goes on there.
CREATE TABLE erasure_steps (
  seq bigint NOT NULL REFERENCES erasures,
  step text NOT NULL,
  at timestamptz(3) NOT NULL,
  result jsonb NOT NULL,
  PRIMARY KEY (seq, step)
);

-- Signed ends of hash chains, as they were when somebody last looked: an older state of a chain that was put back with its older end does not get past them.
CREATE TABLE chain_checkpoints (
  chain text NOT NULL,
  id uuid NOT NULL,
  seq bigint NOT NULL,
  hash bytea NOT NULL,
  at timestamptz(3) NOT NULL,
  "keyId" text NOT NULL,
  signature bytea NOT NULL,
  PRIMARY KEY (chain, id)
);
