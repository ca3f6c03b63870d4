-- CreateTable
CREATE TABLE "policy_versions" (
    "version" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "text" TEXT NOT NULL,
    "facts" JSONB NOT NULL,
    "reason" TEXT NOT NULL,
    "material" BOOLEAN NOT NULL,
    "changedPurposes" TEXT[],
    "publishedAt" TIMESTAMPTZ(3) NOT NULL,
    "effectiveAt" TIMESTAMPTZ(3) NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "policy_versions_pkey" PRIMARY KEY ("version")
);

-- CreateTable
CREATE TABLE "policy_announcements" (
    "version" INTEGER NOT NULL,
    "completedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "policy_announcements_pkey" PRIMARY KEY ("version")
);

-- CreateTable
CREATE TABLE "policy_acknowledgements" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "hash" BYTEA NOT NULL,
    "method" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "policy_acknowledgements_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateIndex
CREATE UNIQUE INDEX "policy_versions_id_key" ON "policy_versions"("id");

-- CreateIndex
CREATE UNIQUE INDEX "policy_acknowledgements_ownerId_version_key" ON "policy_acknowledgements"("ownerId", "version");
