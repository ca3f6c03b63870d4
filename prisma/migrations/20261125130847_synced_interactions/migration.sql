-- CreateTable
CREATE TABLE "contact_address_changes" (
    "ownerId" UUID NOT NULL,
    "canonical" TEXT NOT NULL,

    CONSTRAINT "contact_address_changes_pkey" PRIMARY KEY ("ownerId","canonical")
);

-- CreateTable
CREATE TABLE "interaction_dismissals" (
    "ownerId" UUID NOT NULL,
    "hash" BYTEA NOT NULL,
    "dismissedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "interaction_dismissals_pkey" PRIMARY KEY ("ownerId","hash")
);
