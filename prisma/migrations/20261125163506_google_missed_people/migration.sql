-- AlterTable
ALTER TABLE "google_people" ADD COLUMN     "missed" BOOLEAN NOT NULL DEFAULT false;
