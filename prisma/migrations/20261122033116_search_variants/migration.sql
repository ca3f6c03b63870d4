-- DropForeignKey
ALTER TABLE "search_terms" DROP CONSTRAINT "search_terms_ownerId_contactId_fkey";

-- CreateTable
CREATE TABLE "search_variants" (
    "ownerId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "variant" TEXT NOT NULL,
    "word" TEXT NOT NULL,

    CONSTRAINT "search_variants_pkey" PRIMARY KEY ("ownerId","kind","variant","word")
);

-- CreateIndex
CREATE INDEX "search_variants_ownerId_word_idx" ON "search_variants"("ownerId", "word");

-- by hand

ALTER TABLE search_variants ALTER COLUMN variant TYPE text COLLATE "C", ALTER COLUMN word TYPE text COLLATE "C";
ALTER TABLE search_variants ADD CONSTRAINT search_variants_kind CHECK (kind IN ('phonetic', 'typo'));
ALTER TABLE search_terms DROP CONSTRAINT search_terms_kind;
ALTER TABLE search_terms ADD CONSTRAINT search_terms_kind CHECK (kind IN ('name', 'email', 'domain', 'organization', 'tag', 'phone', 'phoneEnd', 'sealed'));
