-- Terms are compared and ranged over by code point.
ALTER TABLE search_terms ALTER COLUMN term TYPE text COLLATE "C";
ALTER TABLE search_terms ADD CONSTRAINT search_terms_kind CHECK (kind IN ('name', 'email', 'organization', 'tag', 'phone', 'phoneEnd', 'phonetic', 'typo', 'sealed'));
