-- Who had leased what was not noted: the buckets begin anew, full, as after a crash.
TRUNCATE "rate_limits";

-- AlterTable
ALTER TABLE "rate_limits" DROP COLUMN "granted",
ADD COLUMN     "leases" JSONB NOT NULL,
ADD COLUMN     "version" INTEGER NOT NULL;
