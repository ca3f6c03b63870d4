-- by hand
-- A search counts what it finds from its terms alone, less the few contacts that are not shown.
CREATE INDEX contacts_hidden ON contacts ("ownerId", id) WHERE "deletedAt" IS NOT NULL OR "restrictedAt" IS NOT NULL OR "archivedAt" IS NOT NULL;
