/**
 * Kith's search as a function that a peer calls: of a text of plain words, each must be found, and what fits best comes first. How a word sounds is for the
 * caller to say, as PostgreSQL's own codes are cut short.
 */
export const searchFunction = `
  CREATE TABLE IF NOT EXISTS twin.sounds (word text, sound text, PRIMARY KEY (word, sound));
  COMMENT ON TABLE twin.sounds IS '@behavior -*';
  CREATE OR REPLACE FUNCTION twin.search_contacts(owner uuid, text text) RETURNS SETOF twin.contacts LANGUAGE sql STABLE ROWS 100 AS $$
    WITH words AS (SELECT DISTINCT word FROM string_to_table(lower(search_contacts.text), ' ') AS word LIMIT 8),
    found AS (
      SELECT w.word, t."contactId", CASE WHEN t.term = w.word THEN 10 ELSE 6 END AS weight FROM words AS w CROSS JOIN LATERAL (
        SELECT * FROM twin.search_terms WHERE "ownerId" = owner AND kind = 'name' AND term >= w.word AND term <= w.word || chr(1114111)) AS t
      UNION ALL
      SELECT w.word, t."contactId", CASE WHEN t.term = w.word THEN 5 ELSE 3 END FROM words AS w CROSS JOIN LATERAL (
        SELECT * FROM twin.search_terms WHERE "ownerId" = owner AND kind = ANY ('{email,organization,tag}') AND term >= w.word AND term <= w.word || chr(1114111)) AS t
      UNION ALL
      SELECT w.word, t."contactId", 3 FROM words AS w JOIN twin.search_terms AS t ON t."ownerId" = owner AND t.kind = 'domain' AND t.term = w.word
      UNION ALL
      SELECT w.word, t."contactId", 1 FROM words AS w JOIN twin.search_terms AS t ON t."ownerId" = owner AND t.kind = 'sealed' AND t.term = w.word
      UNION ALL
      SELECT v.asked, t."contactId", 2 FROM (
        SELECT DISTINCT w.word AS asked, s.word FROM words AS w JOIN twin.search_variants AS s ON s."ownerId" = owner AND s.kind = ANY ('{typo,phonetic}') AND s.variant = ANY (
          ARRAY(SELECT w.word UNION SELECT overlay(w.word PLACING '' FROM i FOR 1) FROM generate_series(1, length(w.word)) AS i WHERE length(w.word) >= 4 UNION SELECT sound FROM twin.sounds AS o WHERE o.word = w.word))
        WHERE length(w.word) >= 3 AND NOT starts_with(s.word, w.word)) AS v
      JOIN twin.search_terms AS t ON t."ownerId" = owner AND t.kind = ANY ('{name,organization}') AND t.term = v.word),
    weighed AS (SELECT "contactId", sum(weight) AS weight FROM (SELECT word, "contactId", max(weight) AS weight FROM found GROUP BY 1, 2) AS best GROUP BY 1 HAVING count(*) = (SELECT count(*) FROM words))
    SELECT c.* FROM weighed AS m JOIN twin.contacts AS c ON c."ownerId" = owner AND c.id = m."contactId"
    WHERE c."deletedAt" IS NULL AND c."archivedAt" IS NULL AND c."restrictedAt" IS NULL
    ORDER BY CASE WHEN c."sortName" = lower(search_contacts.text) THEN 2000 WHEN starts_with(c."sortName", lower(search_contacts.text)) THEN 1000 ELSE m.weight END DESC, c."sortName", c.id $$;`
