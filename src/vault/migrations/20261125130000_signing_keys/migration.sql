-- Ed25519 keys that receipts and certificates are signed with, wrapped by the master key. A retired one keeps its public half only, for good.
CREATE TABLE signing_keys (
  id text NOT NULL PRIMARY KEY,
  "publicKey" bytea NOT NULL,
  wrapped bytea,
  "masterKeyId" text,
  "createdAt" timestamptz(3) NOT NULL,
  "retiredAt" timestamptz(3),
  CHECK (("retiredAt" IS NULL) = (wrapped IS NOT NULL)),
  CHECK ((wrapped IS NULL) = ("masterKeyId" IS NULL))
);
-- One of them signs at a time.
CREATE UNIQUE INDEX signing_keys_current ON signing_keys ((true)) WHERE "retiredAt" IS NULL;
