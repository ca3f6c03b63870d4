-- AlterTable
ALTER TABLE "idempotent_answers" ALTER COLUMN "answer" SET NOT NULL;

-- AlterTable
ALTER TABLE "rate_limits" DROP CONSTRAINT "rate_limits_pkey",
DROP COLUMN "expire",
DROP COLUMN "points",
ADD COLUMN     "at" TIMESTAMPTZ(3) NOT NULL,
ADD COLUMN     "granted" DOUBLE PRECISION NOT NULL,
ADD COLUMN     "spent" DOUBLE PRECISION NOT NULL,
ALTER COLUMN "key" SET DATA TYPE TEXT,
ADD CONSTRAINT "rate_limits_pkey" PRIMARY KEY ("key");

-- CreateIndex
CREATE INDEX "rate_limits_at_idx" ON "rate_limits"("at");

-- by hand

-- A crash refills the buckets, and writing them costs no log.
ALTER TABLE "rate_limits" SET UNLOGGED;
