-- CreateTable
CREATE TABLE "archives" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "scope" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "blobKey" TEXT,
    "processed" INTEGER NOT NULL DEFAULT 0,
    "total" INTEGER,
    "bytes" BIGINT,
    "linkHash" BYTEA,
    "linkUntil" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "readyAt" TIMESTAMPTZ(3),
    "expiresAt" TIMESTAMPTZ(3),
    "fetchedAt" TIMESTAMPTZ(3),

    CONSTRAINT "archives_pkey" PRIMARY KEY ("ownerId","id")
);

-- by hand

ALTER TABLE archives ADD CONSTRAINT archives_scope CHECK (scope IN ('ACCESS', 'PORTABILITY', 'PERSON'));
ALTER TABLE archives ADD CONSTRAINT archives_state CHECK (state IN ('BUILDING', 'READY', 'FETCHED', 'EXPIRED'));
