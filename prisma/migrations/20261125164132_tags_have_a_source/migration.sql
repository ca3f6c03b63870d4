-- AlterTable
ALTER TABLE "tags" ADD COLUMN     "source" TEXT NOT NULL DEFAULT 'MANUAL';

-- by hand
ALTER TABLE tags ADD CONSTRAINT tags_source CHECK (source IN ('MANUAL', 'GOOGLE', 'IMPORT'));
-- A tag that only labels at Google have given is theirs.
UPDATE tags AS t SET source = 'GOOGLE'
  WHERE EXISTS (SELECT 1 FROM contact_tags AS c WHERE c."ownerId" = t."ownerId" AND c."tagId" = t.id)
    AND NOT EXISTS (SELECT 1 FROM contact_tags AS c WHERE c."ownerId" = t."ownerId" AND c."tagId" = t.id AND c.source <> 'GOOGLE');
