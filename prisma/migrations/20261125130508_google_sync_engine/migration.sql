-- DropIndex
DROP INDEX "google_sync_states_ownerId_feature_key";

-- AlterTable
ALTER TABLE "google_sync_states" ADD COLUMN     "baselineCursor" TEXT,
ADD COLUMN     "dirty" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "fullWanted" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "loops" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "resource" TEXT,
ADD COLUMN     "startedAt" TIMESTAMPTZ(3),
ADD COLUMN     "tally" JSONB NOT NULL DEFAULT '{}';

-- Until now only address books were brought in, once: they and their labels are kept in step from here on.
UPDATE "google_sync_states" SET "resource" = 'contacts', "phase" = NULL, "pageToken" = NULL, "fullWanted" = true, "nextRunAt" = CASE WHEN "status" IN ('IDLE', 'PENDING', 'SYNCING', 'FAILED') THEN now() END;
ALTER TABLE "google_sync_states" ALTER COLUMN "resource" SET NOT NULL;
INSERT INTO "google_sync_states" ("ownerId", "id", "feature", "resource", "status", "errorCode", "nextRunAt", "updatedAt")
SELECT "ownerId", gen_random_uuid(), "feature", 'groups', CASE WHEN "status" IN ('IDLE', 'SYNCING', 'FAILED') THEN 'PENDING' ELSE "status" END, "errorCode", "nextRunAt", now() FROM "google_sync_states";
DELETE FROM "directory_due" WHERE "kind" = 'google.contacts';
INSERT INTO "directory_due" ("kind", "ownerId", "entityId", "dueAt") SELECT 'google.sync.CONTACTS', "ownerId", "id", "nextRunAt" FROM "google_sync_states" WHERE "nextRunAt" IS NOT NULL;

-- CreateTable
CREATE TABLE "google_sync_runs" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "feature" TEXT NOT NULL,
    "resource" TEXT NOT NULL,
    "mode" TEXT NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3) NOT NULL,
    "outcome" TEXT NOT NULL,
    "errorCode" TEXT,
    "tally" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "google_sync_runs_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateIndex
CREATE INDEX "google_sync_runs_ownerId_feature_endedAt_idx" ON "google_sync_runs"("ownerId", "feature", "endedAt");

-- CreateIndex
CREATE UNIQUE INDEX "google_sync_states_ownerId_resource_key" ON "google_sync_states"("ownerId", "resource");
