-- One data key per owner and class, wrapped by the master key. It lives apart from the data that it seals.
CREATE TABLE data_keys (
  "ownerId" uuid NOT NULL,
  class text NOT NULL,
  wrapped bytea NOT NULL,
  "masterKeyId" text NOT NULL,
  "createdAt" timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY ("ownerId", class)
);
