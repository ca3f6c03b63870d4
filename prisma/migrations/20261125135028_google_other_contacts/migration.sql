-- CreateTable
CREATE TABLE "google_other_contacts" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "resourceName" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "sortName" TEXT NOT NULL,
    "emails" TEXT[],
    "phones" TEXT[],
    "canonical" TEXT[],
    "seenRun" INTEGER NOT NULL,

    CONSTRAINT "google_other_contacts_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateIndex
CREATE INDEX "google_other_contacts_ownerId_sortName_id_idx" ON "google_other_contacts"("ownerId", "sortName", "id");

-- CreateIndex
CREATE UNIQUE INDEX "google_other_contacts_ownerId_resourceName_key" ON "google_other_contacts"("ownerId", "resourceName");
