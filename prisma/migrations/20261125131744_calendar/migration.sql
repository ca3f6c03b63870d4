-- CreateTable
CREATE TABLE "calendar_entries" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "eventId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "seriesId" TEXT,
    "updated" TIMESTAMPTZ(3),
    "sequence" INTEGER NOT NULL DEFAULT 0,
    "seenRun" INTEGER NOT NULL,
    "deletedAt" TIMESTAMPTZ(3),
    "expandAt" TIMESTAMPTZ(3),

    CONSTRAINT "calendar_entries_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "calendar_meetings" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "eventId" TEXT NOT NULL,
    "seriesId" TEXT,
    "startsAt" TIMESTAMPTZ(3) NOT NULL,
    "endsAt" TIMESTAMPTZ(3),
    "startDate" DATE,
    "endDate" DATE,
    "timeZone" TEXT NOT NULL,
    "summary" BYTEA,
    "location" BYTEA,
    "fingerprint" BYTEA NOT NULL,
    "projected" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "calendar_meetings_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "calendar_attendees" (
    "ownerId" UUID NOT NULL,
    "meetingId" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "role" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "canonical" TEXT NOT NULL,
    "name" TEXT,

    CONSTRAINT "calendar_attendees_pkey" PRIMARY KEY ("ownerId","meetingId","position")
);

-- CreateTable
CREATE TABLE "calendar_schedulings" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "eventId" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "summary" BYTEA NOT NULL,
    "startsAt" TIMESTAMPTZ(3) NOT NULL,
    "endsAt" TIMESTAMPTZ(3) NOT NULL,
    "request" BYTEA,
    "url" TEXT,
    "conference" TEXT NOT NULL,
    "conferenceUrl" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "leaseUntil" TIMESTAMPTZ(3),
    "notBefore" TIMESTAMPTZ(3),
    "errorCode" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "calendar_schedulings_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "calendar_channels" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "tokenHash" BYTEA NOT NULL,
    "resourceId" TEXT,
    "expiresAt" TIMESTAMPTZ(3),
    "lastMessage" BIGINT NOT NULL DEFAULT 0,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "calendar_channels_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "directory_channels" (
    "channelId" UUID NOT NULL,
    "ownerId" UUID NOT NULL,

    CONSTRAINT "directory_channels_pkey" PRIMARY KEY ("channelId")
);

-- CreateIndex
CREATE INDEX "calendar_entries_ownerId_seriesId_idx" ON "calendar_entries"("ownerId", "seriesId");

-- CreateIndex
CREATE INDEX "calendar_entries_ownerId_expandAt_idx" ON "calendar_entries"("ownerId", "expandAt");

-- CreateIndex
CREATE UNIQUE INDEX "calendar_entries_ownerId_eventId_key" ON "calendar_entries"("ownerId", "eventId");

-- CreateIndex
CREATE INDEX "calendar_meetings_ownerId_seriesId_idx" ON "calendar_meetings"("ownerId", "seriesId");

-- CreateIndex
CREATE INDEX "calendar_meetings_ownerId_projected_startsAt_idx" ON "calendar_meetings"("ownerId", "projected", "startsAt");

-- CreateIndex
CREATE UNIQUE INDEX "calendar_meetings_ownerId_eventId_key" ON "calendar_meetings"("ownerId", "eventId");

-- CreateIndex
CREATE INDEX "calendar_attendees_ownerId_canonical_idx" ON "calendar_attendees"("ownerId", "canonical");

-- CreateIndex
CREATE UNIQUE INDEX "calendar_schedulings_ownerId_eventId_key" ON "calendar_schedulings"("ownerId", "eventId");

-- AddForeignKey
ALTER TABLE "calendar_attendees" ADD CONSTRAINT "calendar_attendees_ownerId_meetingId_fkey" FOREIGN KEY ("ownerId", "meetingId") REFERENCES "calendar_meetings"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- by hand
ALTER TABLE calendar_entries ADD CONSTRAINT calendar_entries_kind CHECK (kind IN ('SINGLE', 'SERIES', 'EXCEPTION'));
ALTER TABLE calendar_attendees ADD CONSTRAINT calendar_attendees_role CHECK (role IN ('ORGANIZER', 'ATTENDEE'));
ALTER TABLE calendar_schedulings ADD CONSTRAINT calendar_schedulings_state CHECK (state IN ('WAITING', 'SCHEDULED', 'FAILED'));
ALTER TABLE calendar_schedulings ADD CONSTRAINT calendar_schedulings_conference CHECK (conference IN ('NONE', 'PENDING', 'READY', 'FAILED'));
ALTER TABLE calendar_channels ADD CONSTRAINT calendar_channels_state CHECK (state IN ('OPENING', 'OPEN', 'RETIRED'));
