-- CreateTable
CREATE TABLE "consent_records" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "purpose" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "noticeVersion" TEXT,
    "noticeHash" BYTEA,
    "language" TEXT,
    "method" TEXT,
    "signals" TEXT[],
    "validUntil" TIMESTAMPTZ(3),
    "at" TIMESTAMPTZ(3) NOT NULL,
    "previousId" UUID,

    CONSTRAINT "consent_records_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "consent_purpose_changes" (
    "purpose" TEXT NOT NULL,
    "effectiveAt" TIMESTAMPTZ(3) NOT NULL,
    "policyVersion" TEXT NOT NULL,

    CONSTRAINT "consent_purpose_changes_pkey" PRIMARY KEY ("purpose","effectiveAt")
);

-- CreateIndex
CREATE INDEX "consent_records_ownerId_purpose_seq_idx" ON "consent_records"("ownerId", "purpose", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "consent_records_ownerId_seq_key" ON "consent_records"("ownerId", "seq");

-- by hand
ALTER TABLE consent_records ADD CONSTRAINT consent_records_state CHECK (state IN ('REQUESTED', 'REFUSED', 'GIVEN', 'RENEWED', 'EXPIRED', 'WITHDRAWN', 'INVALIDATED'));
ALTER TABLE consent_records ADD CONSTRAINT consent_records_source CHECK (source IN ('UI', 'API', 'GPC', 'DNT', 'SUPPORT', 'SYSTEM'));
ALTER TABLE consent_records ADD CONSTRAINT consent_records_signals CHECK (signals <@ ARRAY['GPC', 'DNT']);
