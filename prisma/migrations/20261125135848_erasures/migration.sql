-- CreateTable
CREATE TABLE "erasure_certificates" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "requestId" UUID NOT NULL,
    "ledgerSeq" BIGINT NOT NULL,
    "jws" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "erasure_certificates_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "applied_erasures" (
    "seq" BIGINT NOT NULL,
    "appliedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "applied_erasures_pkey" PRIMARY KEY ("seq")
);

-- CreateIndex
CREATE INDEX "erasure_certificates_ownerId_requestId_idx" ON "erasure_certificates"("ownerId", "requestId");

-- CreateIndex
CREATE UNIQUE INDEX "erasure_certificates_ownerId_ledgerSeq_key" ON "erasure_certificates"("ownerId", "ledgerSeq");

-- by hand
-- The planner keeps samples of what stands in a column, longer than the column may keep it: whose account a request is about is not sampled.
ALTER TABLE privacy_requests ALTER COLUMN "subjectOwnerId" SET STATISTICS 0;
