-- AlterTable
ALTER TABLE "contact_sources" ADD COLUMN     "correctedAt" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "interactions" ADD COLUMN     "correctedAt" TIMESTAMPTZ(3);
