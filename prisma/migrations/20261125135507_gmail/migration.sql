-- AlterTable
ALTER TABLE "accounts" ADD COLUMN     "storeSubjects" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "gmail_messages" (
    "ownerId" UUID NOT NULL,
    "id" TEXT NOT NULL,
    "threadId" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "labels" TEXT[],
    "at" TIMESTAMPTZ(3) NOT NULL,
    "bulk" BOOLEAN NOT NULL DEFAULT false,
    "subject" BYTEA,
    "historyId" DECIMAL(30,0) NOT NULL,
    "seenRun" INTEGER NOT NULL,
    "sortRun" INTEGER NOT NULL DEFAULT 0,
    "goneAt" TIMESTAMPTZ(3),

    CONSTRAINT "gmail_messages_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "gmail_addresses" (
    "ownerId" UUID NOT NULL,
    "messageId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "role" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "normalized" TEXT NOT NULL,
    "canonical" TEXT NOT NULL,
    "name" TEXT,

    CONSTRAINT "gmail_addresses_pkey" PRIMARY KEY ("ownerId","messageId","position")
);

-- CreateTable
CREATE TABLE "gmail_fetches" (
    "ownerId" UUID NOT NULL,
    "id" TEXT NOT NULL,
    "threadId" TEXT NOT NULL,
    "place" INTEGER NOT NULL,
    "runId" INTEGER NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "notBefore" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "gmail_fetches_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "gmail_self_addresses" (
    "ownerId" UUID NOT NULL,
    "canonical" TEXT NOT NULL,
    "origin" TEXT NOT NULL,

    CONSTRAINT "gmail_self_addresses_pkey" PRIMARY KEY ("ownerId","canonical")
);

-- CreateTable
CREATE TABLE "gmail_mailboxes" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "watchedUntil" TIMESTAMPTZ(3),
    "watchNext" TIMESTAMPTZ(3),
    "gentleUntil" TIMESTAMPTZ(3),
    "subjects" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "gmail_mailboxes_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "directory_mailboxes" (
    "addressHash" BYTEA NOT NULL,
    "ownerId" UUID NOT NULL,

    CONSTRAINT "directory_mailboxes_pkey" PRIMARY KEY ("addressHash","ownerId")
);

-- CreateTable
CREATE TABLE "gmail_notices" (
    "messageId" TEXT NOT NULL,
    "seenAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "gmail_notices_pkey" PRIMARY KEY ("messageId")
);

-- CreateIndex
CREATE INDEX "gmail_messages_ownerId_threadId_idx" ON "gmail_messages"("ownerId", "threadId");

-- CreateIndex
CREATE INDEX "gmail_addresses_ownerId_canonical_role_idx" ON "gmail_addresses"("ownerId", "canonical", "role");

-- CreateIndex
CREATE INDEX "gmail_fetches_ownerId_place_id_idx" ON "gmail_fetches"("ownerId", "place", "id");

-- CreateIndex
CREATE INDEX "gmail_fetches_ownerId_threadId_idx" ON "gmail_fetches"("ownerId", "threadId");

-- CreateIndex
CREATE UNIQUE INDEX "gmail_mailboxes_ownerId_key" ON "gmail_mailboxes"("ownerId");

-- CreateIndex
CREATE INDEX "directory_mailboxes_ownerId_idx" ON "directory_mailboxes"("ownerId");

-- CreateIndex
CREATE INDEX "gmail_notices_seenAt_idx" ON "gmail_notices"("seenAt");
-- by hand
-- Closed sets of values; Prisma would make native enum types of them.
ALTER TABLE gmail_messages ADD CONSTRAINT gmail_messages_state CHECK (state IN ('KNOWN', 'HIDDEN', 'GONE'));
ALTER TABLE gmail_addresses ADD CONSTRAINT gmail_addresses_role CHECK (role IN ('FROM', 'TO', 'CC', 'BCC'));
ALTER TABLE gmail_self_addresses ADD CONSTRAINT gmail_self_addresses_origin CHECK (origin IN ('GOOGLE', 'SENT'));
