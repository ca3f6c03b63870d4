-- AlterTable
ALTER TABLE "contact_sources" ADD COLUMN     "goneAt" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "google_people" (
    "ownerId" UUID NOT NULL,
    "resourceName" TEXT NOT NULL,
    "groups" TEXT[],
    "seenRun" INTEGER NOT NULL,

    CONSTRAINT "google_people_pkey" PRIMARY KEY ("ownerId","resourceName")
);

-- CreateTable
CREATE TABLE "google_groups" (
    "ownerId" UUID NOT NULL,
    "resourceName" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "seenRun" INTEGER NOT NULL,

    CONSTRAINT "google_groups_pkey" PRIMARY KEY ("ownerId","resourceName")
);

-- Closed sets are text with a check (ADR 0003).
ALTER TABLE deliveries DROP CONSTRAINT deliveries_kind;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind CHECK (kind IN ('REMINDER', 'FOLLOW_UP_ALERT', 'DIGEST', 'GOOGLE_REAUTHORIZATION'));
ALTER TABLE google_grants ADD CONSTRAINT google_grants_status CHECK (status IN ('ACTIVE', 'NEEDS_REAUTHORIZATION', 'DISCONNECTED'));
ALTER TABLE google_sync_states ADD CONSTRAINT google_sync_states_resource CHECK (resource IN ('contacts', 'groups', 'otherContacts', 'gmail', 'calendar'));
ALTER TABLE google_sync_runs ADD CONSTRAINT google_sync_runs_feature CHECK (feature IN ('CONTACTS', 'GMAIL', 'CALENDAR'));
ALTER TABLE google_sync_runs ADD CONSTRAINT google_sync_runs_resource CHECK (resource IN ('contacts', 'groups', 'otherContacts', 'gmail', 'calendar'));
ALTER TABLE google_sync_runs ADD CONSTRAINT google_sync_runs_mode CHECK (mode IN ('FULL', 'INCREMENTAL'));
ALTER TABLE google_sync_runs ADD CONSTRAINT google_sync_runs_outcome CHECK (outcome IN ('SUCCEEDED', 'PAUSED'));
