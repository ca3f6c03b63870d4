-- AlterTable
ALTER TABLE "accounts" ADD COLUMN     "quarantinedAt" TIMESTAMPTZ(3),
ADD COLUMN     "restrictedAt" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "contacts" ADD COLUMN     "restrictedAt" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "privacy_requests" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "regime" TEXT NOT NULL,
    "requester" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "subjectOwnerId" UUID,
    "addressHash" BYTEA,
    "scopeHash" BYTEA NOT NULL,
    "submissionHash" BYTEA,
    "payloadHash" BYTEA,
    "duplicateOfId" UUID,
    "requiredLevel" INTEGER NOT NULL,
    "provenLevel" INTEGER NOT NULL DEFAULT 0,
    "provenBy" TEXT,
    "replyTo" BYTEA,
    "details" BYTEA,
    "decision" BYTEA,
    "receivedAt" TIMESTAMPTZ(3) NOT NULL,
    "acknowledgedAt" TIMESTAMPTZ(3),
    "dueAt" TIMESTAMPTZ(3) NOT NULL,
    "extendedAt" TIMESTAMPTZ(3),
    "waitingSince" TIMESTAMPTZ(3),
    "waitedSeconds" INTEGER NOT NULL DEFAULT 0,
    "nextStepAt" TIMESTAMPTZ(3),
    "executeAt" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "closedAt" TIMESTAMPTZ(3),
    "eventSeq" INTEGER NOT NULL DEFAULT 0,
    "eventHash" BYTEA NOT NULL,
    "eventMac" BYTEA NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "privacy_requests_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "privacy_request_events" (
    "ownerId" UUID NOT NULL,
    "requestId" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "event" TEXT NOT NULL,
    "from" TEXT,
    "to" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "actorId" UUID,
    "reasonCode" TEXT,
    "reason" BYTEA,
    "dueAt" TIMESTAMPTZ(3) NOT NULL,
    "payloadHash" BYTEA NOT NULL,
    "prevHash" BYTEA NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "privacy_request_events_pkey" PRIMARY KEY ("ownerId","requestId","seq")
);

-- CreateTable
CREATE TABLE "privacy_codes" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "requestId" UUID NOT NULL,
    "codeHash" BYTEA NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "privacy_codes_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "privacy_letters" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "requestId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "messageId" TEXT NOT NULL,
    "message" BYTEA,
    "lastError" TEXT,
    "nextAttemptAt" TIMESTAMPTZ(3),
    "sentAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "privacy_letters_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "directory_persons" (
    "addressHash" BYTEA NOT NULL,
    "ownerId" UUID NOT NULL,
    "contactId" UUID NOT NULL,

    CONSTRAINT "directory_persons_pkey" PRIMARY KEY ("addressHash","ownerId","contactId")
);

-- CreateTable
CREATE TABLE "directory_suppressions" (
    "addressHash" BYTEA NOT NULL,
    "requestId" UUID NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "directory_suppressions_pkey" PRIMARY KEY ("addressHash")
);

-- CreateTable
CREATE TABLE "directory_roles" (
    "role" TEXT NOT NULL,
    "ownerId" UUID NOT NULL,
    "grantedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "directory_roles_pkey" PRIMARY KEY ("role","ownerId")
);

-- CreateIndex
CREATE INDEX "privacy_requests_ownerId_subjectOwnerId_idx" ON "privacy_requests"("ownerId", "subjectOwnerId");

-- CreateIndex
CREATE INDEX "privacy_requests_ownerId_addressHash_idx" ON "privacy_requests"("ownerId", "addressHash");

-- CreateIndex
CREATE INDEX "privacy_requests_ownerId_closedAt_dueAt_id_idx" ON "privacy_requests"("ownerId", "closedAt", "dueAt", "id");

-- CreateIndex
CREATE INDEX "privacy_requests_ownerId_receivedAt_id_idx" ON "privacy_requests"("ownerId", "receivedAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "privacy_requests_ownerId_submissionHash_key" ON "privacy_requests"("ownerId", "submissionHash");

-- CreateIndex
CREATE INDEX "privacy_codes_ownerId_requestId_idx" ON "privacy_codes"("ownerId", "requestId");

-- CreateIndex
CREATE INDEX "privacy_letters_ownerId_requestId_idx" ON "privacy_letters"("ownerId", "requestId");

-- CreateIndex
CREATE INDEX "privacy_letters_ownerId_createdAt_idx" ON "privacy_letters"("ownerId", "createdAt");

-- CreateIndex
CREATE INDEX "directory_persons_ownerId_contactId_idx" ON "directory_persons"("ownerId", "contactId");

-- CreateIndex
CREATE INDEX "directory_roles_ownerId_idx" ON "directory_roles"("ownerId");

-- AddForeignKey
ALTER TABLE "privacy_request_events" ADD CONSTRAINT "privacy_request_events_ownerId_requestId_fkey" FOREIGN KEY ("ownerId", "requestId") REFERENCES "privacy_requests"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- by hand

ALTER TABLE privacy_requests ADD CONSTRAINT privacy_requests_type CHECK (type IN ('ACCESS', 'ACCESS_CATEGORIES', 'PORTABILITY', 'RECTIFICATION', 'ERASURE', 'RESTRICTION', 'OBJECTION', 'OPT_OUT_SALE_SHARING', 'LIMIT_SENSITIVE', 'AUTOMATED_DECISION_REVIEW', 'MINOR_ERASURE', 'COMPLAINT'));
ALTER TABLE privacy_requests ADD CONSTRAINT privacy_requests_state CHECK (state IN ('RECEIVED', 'ACKNOWLEDGED', 'AWAITING_IDENTITY', 'IN_ASSESSMENT', 'APPROVED', 'PARTIALLY_APPROVED', 'DENIED', 'EXECUTING', 'EXECUTION_FAILED', 'AWAITING_DOWNLOAD', 'COMPLETED', 'WITHDRAWN', 'DUPLICATE'));
ALTER TABLE privacy_requests ADD CONSTRAINT privacy_requests_regime CHECK (regime IN ('GDPR', 'CCPA', 'BOTH', 'VOLUNTARY'));
ALTER TABLE privacy_requests ADD CONSTRAINT privacy_requests_requester CHECK (requester IN ('SELF', 'AGENT', 'GUARDIAN'));
ALTER TABLE privacy_requests ADD CONSTRAINT privacy_requests_subject CHECK (subject IN ('USER', 'CONTACT_PERSON', 'VISITOR'));
ALTER TABLE privacy_requests ADD CONSTRAINT privacy_requests_channel CHECK (channel IN ('WEB', 'EMAIL', 'PHONE', 'POST'));
-- a refusal without its reasons cannot be stored: the decision stays as long as the request does
ALTER TABLE privacy_requests ADD CONSTRAINT privacy_requests_denial CHECK (state NOT IN ('DENIED', 'PARTIALLY_APPROVED') OR decision IS NOT NULL);
ALTER TABLE privacy_request_events ADD CONSTRAINT privacy_request_events_actor CHECK (actor IN ('REQUESTER', 'OFFICER', 'SYSTEM'));
ALTER TABLE privacy_letters ADD CONSTRAINT privacy_letters_state CHECK (state IN ('PENDING', 'SENT', 'FAILED'));
ALTER TABLE directory_roles ADD CONSTRAINT directory_roles_role CHECK (role IN ('privacy-officer'));
