-- CreateTable
CREATE TABLE "directory_unsubscribes" (
    "tokenHash" BYTEA NOT NULL,
    "ownerId" UUID NOT NULL,
    "list" TEXT NOT NULL,

    CONSTRAINT "directory_unsubscribes_pkey" PRIMARY KEY ("tokenHash")
);

-- CreateIndex
CREATE INDEX "directory_unsubscribes_ownerId_idx" ON "directory_unsubscribes"("ownerId");

-- by hand
ALTER TABLE directory_unsubscribes ADD CONSTRAINT directory_unsubscribes_list CHECK (list IN ('DIGEST', 'NEWS'));
ALTER TABLE deliveries DROP CONSTRAINT deliveries_kind;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind CHECK (kind IN ('REMINDER', 'FOLLOW_UP_ALERT', 'DIGEST', 'POLICY_NOTICE', 'NEWS'));
