/**
 * What a peer calls to write what Kith writes: the rows, the terms they are found by, the chained event, the outbox. Normalised values and terms come ready
 * from the caller, so that a peer is spared the work of making them; nothing is sealed.
 */
export const writeFunctions = `
  CREATE TABLE IF NOT EXISTS twin.events (LIKE public.events INCLUDING ALL);
  CREATE TABLE IF NOT EXISTS twin.event_heads (LIKE public.event_heads INCLUDING ALL);
  CREATE TABLE IF NOT EXISTS twin.outbox (LIKE public.outbox INCLUDING ALL);
  CREATE TABLE IF NOT EXISTS twin.contact_address_changes (LIKE public.contact_address_changes INCLUDING ALL);

  CREATE OR REPLACE FUNCTION twin.record(owner uuid, type text, entity_type text, ids uuid[], changed text[]) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE head twin.event_heads; hashes bytea[] := '{}'; last bytea; i int;
  BEGIN
    INSERT INTO twin.event_heads VALUES (owner, 0, '', '') ON CONFLICT DO NOTHING;
    SELECT * INTO head FROM twin.event_heads WHERE "ownerId" = owner FOR UPDATE;
    last := head.hash;
    FOR i IN 1 .. cardinality(ids) LOOP
      last := sha256(convert_to(concat_ws('|', owner, head.seq + i, now(), 'token', type, entity_type, ids[i], changed::text, encode(last, 'hex')), 'UTF8'));
      hashes := hashes || last;
    END LOOP;
    INSERT INTO twin.events ("ownerId", seq, at, actor, "requestId", type, "entityType", "entityId", changed, "prevHash", hash)
      SELECT owner, head.seq + place, now(), 'token', uuidv7()::text, type, entity_type, id, changed, COALESCE(hashes[place - 1], head.hash), hashes[place] FROM unnest(ids) WITH ORDINALITY AS e(id, place);
    UPDATE twin.event_heads SET seq = head.seq + cardinality(ids), hash = last, mac = last WHERE "ownerId" = owner;
  END $$;

  CREATE OR REPLACE FUNCTION twin.note_create(owner uuid, contact uuid, body text, words text[]) RETURNS twin.notes LANGUAGE plpgsql AS $$
  DECLARE note twin.notes;
  BEGIN
    PERFORM FROM twin.contacts WHERE "ownerId" = owner AND id = contact AND "deletedAt" IS NULL FOR SHARE;
    IF NOT FOUND THEN RAISE 'There is no such contact.'; END IF;
    INSERT INTO twin.notes ("ownerId", id, "contactId", body, "createdAt", "updatedAt") VALUES (owner, uuidv7(), contact, note_create.body, now(), now()) RETURNING * INTO note;
    INSERT INTO twin.search_terms ("ownerId", kind, term, "contactId", "entityId") SELECT owner, 'sealed', word, contact, note.id FROM unnest(words) AS word ON CONFLICT DO NOTHING;
    PERFORM twin.record(owner, 'note.created', 'Note', ARRAY[note.id], '{body,pinned}');
    RETURN note;
  END $$;

  CREATE OR REPLACE FUNCTION twin.write_lists(owner uuid, contacts jsonb) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    WITH added AS (
    INSERT INTO twin.contact_emails ("ownerId", id, "contactId", position, address, normalized, canonical, "addressFolded", label, "primary", source, edited)
        SELECT owner, uuidv7(), (c->>'id')::uuid, v.position, v.address, v.normalized, v.canonical, v."addressFolded", v.label, v."primary", 'MANUAL', true FROM jsonb_array_elements(contacts) AS c
        CROSS JOIN LATERAL jsonb_to_recordset(c->'emails') AS v(position int, address text, normalized text, canonical text, "addressFolded" text, label text, "primary" boolean)
        WHERE NOT EXISTS (SELECT FROM twin.contact_emails AS e WHERE e."ownerId" = owner AND e."contactId" = (c->>'id')::uuid AND e.normalized = v.normalized) RETURNING canonical)
      INSERT INTO twin.contact_address_changes ("ownerId", canonical) SELECT DISTINCT owner, canonical FROM added ON CONFLICT DO NOTHING;
    INSERT INTO twin.contact_phones ("ownerId", id, "contactId", position, number, e164, digits, label, "primary", source, edited)
      SELECT owner, uuidv7(), (c->>'id')::uuid, v.position, v.number, v.e164, v.digits, v.label, v."primary", 'MANUAL', true FROM jsonb_array_elements(contacts) AS c
      CROSS JOIN LATERAL jsonb_to_recordset(c->'phones') AS v(position int, number text, e164 text, digits text, label text, "primary" boolean)
      WHERE NOT EXISTS (SELECT FROM twin.contact_phones AS e WHERE e."ownerId" = owner AND e."contactId" = (c->>'id')::uuid AND e.digits = v.digits);
    INSERT INTO twin.contact_organizations ("ownerId", id, "contactId", position, name, "nameFolded", title, source, edited)
      SELECT owner, uuidv7(), (c->>'id')::uuid, v.position, v.name, v."nameFolded", v.title, 'MANUAL', true FROM jsonb_array_elements(contacts) AS c
      CROSS JOIN LATERAL jsonb_to_recordset(c->'organizations') AS v(position int, name text, "nameFolded" text, title text)
      WHERE NOT EXISTS (SELECT FROM twin.contact_organizations AS e WHERE e."ownerId" = owner AND e."contactId" = (c->>'id')::uuid AND e."nameFolded" = v."nameFolded" AND e.title IS NOT DISTINCT FROM v.title);
    INSERT INTO twin.tags ("ownerId", id, name, "nameFolded", "createdAt")
      SELECT DISTINCT ON (v."nameFolded") owner, uuidv7(), v.name, v."nameFolded", now() FROM jsonb_array_elements(contacts) AS c CROSS JOIN LATERAL jsonb_to_recordset(c->'tags') AS v(name text, "nameFolded" text)
      WHERE NOT EXISTS (SELECT FROM twin.tags AS t WHERE t."ownerId" = owner AND t."nameFolded" = v."nameFolded") ON CONFLICT DO NOTHING;
    INSERT INTO twin.contact_tags ("ownerId", "contactId", "tagId", position, source, edited)
      SELECT owner, (c->>'id')::uuid, t.id, v.position, 'MANUAL', true FROM jsonb_array_elements(contacts) AS c CROSS JOIN LATERAL jsonb_to_recordset(c->'tags') AS v("nameFolded" text, position int)
      JOIN twin.tags AS t ON t."ownerId" = owner AND t."nameFolded" = v."nameFolded" ON CONFLICT ("ownerId", "contactId", "tagId") DO UPDATE SET position = excluded.position WHERE contact_tags.position <> excluded.position;
    INSERT INTO twin.search_terms ("ownerId", kind, term, "contactId", "entityId")
      SELECT owner, t.kind, t.term, (c->>'id')::uuid, (c->>'id')::uuid FROM jsonb_array_elements(contacts) AS c CROSS JOIN LATERAL jsonb_to_recordset(c->'terms') AS t(kind text, term text) ON CONFLICT DO NOTHING;
    INSERT INTO twin.search_variants ("ownerId", kind, variant, word)
      SELECT owner, v.kind, v.variant, v.word FROM jsonb_array_elements(contacts) AS c CROSS JOIN LATERAL jsonb_to_recordset(c->'variants') AS v(kind text, variant text, word text)
      WHERE NOT EXISTS (SELECT FROM twin.search_variants AS s WHERE s."ownerId" = owner AND s.word = v.word) ON CONFLICT DO NOTHING;
    INSERT INTO twin.outbox ("ownerId", id, kind, payload, "createdAt", "notBefore")
      SELECT owner, uuidv7(), kind, jsonb_build_object('contactIds', (SELECT string_agg(c->>'id', ',') FROM jsonb_array_elements(contacts) AS c)), now(), now() FROM unnest('{contact.persons,contacts.addressesChanged}'::text[]) AS kind;
  END $$;

  CREATE OR REPLACE FUNCTION twin.contact_update(owner uuid, contact jsonb) RETURNS twin.contacts LANGUAGE plpgsql AS $$
  DECLARE row twin.contacts; the uuid := (contact->>'id')::uuid;
  BEGIN
    PERFORM FROM twin.contacts WHERE "ownerId" = owner AND id = the AND "deletedAt" IS NULL FOR UPDATE;
    IF NOT FOUND THEN RAISE 'There is no such contact.'; END IF;
    UPDATE twin.contacts SET starred = (contact->>'starred')::boolean, "updatedAt" = now() WHERE "ownerId" = owner AND id = the RETURNING * INTO row;
    WITH gone AS (DELETE FROM twin.contact_emails WHERE "ownerId" = owner AND "contactId" = the AND normalized <> ALL (ARRAY(SELECT v->>'normalized' FROM jsonb_array_elements(contact->'emails') AS v)) RETURNING canonical)
      INSERT INTO twin.contact_address_changes ("ownerId", canonical) SELECT DISTINCT owner, canonical FROM gone ON CONFLICT DO NOTHING;
    DELETE FROM twin.contact_phones WHERE "ownerId" = owner AND "contactId" = the AND digits <> ALL (ARRAY(SELECT v->>'digits' FROM jsonb_array_elements(contact->'phones') AS v));
    DELETE FROM twin.contact_organizations WHERE "ownerId" = owner AND "contactId" = the AND NOT EXISTS (
      SELECT FROM jsonb_to_recordset(contact->'organizations') AS v("nameFolded" text, title text) WHERE v."nameFolded" = contact_organizations."nameFolded" AND v.title IS NOT DISTINCT FROM contact_organizations.title);
    DELETE FROM twin.contact_tags AS ct USING twin.tags AS t WHERE ct."ownerId" = owner AND ct."contactId" = the AND t."ownerId" = owner AND t.id = ct."tagId"
      AND t."nameFolded" <> ALL (ARRAY(SELECT v->>'nameFolded' FROM jsonb_array_elements(contact->'tags') AS v));
    DELETE FROM twin.search_terms WHERE "ownerId" = owner AND "contactId" = the AND "entityId" = the;
    PERFORM twin.write_lists(owner, jsonb_build_array(contact));
    PERFORM twin.record(owner, 'contact.updated', 'Contact', ARRAY[the], '{emails,organizations,phones,starred,tags}');
    RETURN row;
  END $$;

  CREATE OR REPLACE FUNCTION twin.contacts_create(owner uuid, contacts jsonb) RETURNS SETOF twin.contacts LANGUAGE plpgsql AS $$
  DECLARE ids uuid[]; made jsonb;
  BEGIN
    ids := ARRAY(SELECT uuidv7() FROM jsonb_array_elements(contacts));
    made := (SELECT jsonb_agg(c || jsonb_build_object('id', ids[place]) ORDER BY place) FROM jsonb_array_elements(contacts) WITH ORDINALITY AS e(c, place));
    INSERT INTO twin.contacts ("ownerId", id, "displayName", "sortName", "familySortName", "nameGiven", "nameFamily", about, starred, "createdAt", "updatedAt")
      SELECT owner, c.id, c."displayName", c."sortName", c."familySortName", c."nameGiven", c."nameFamily", c.about, false, now(), now()
      FROM jsonb_to_recordset(made) AS c(id uuid, "displayName" text, "sortName" text, "familySortName" text, "nameGiven" text, "nameFamily" text, about text);
    PERFORM twin.write_lists(owner, made);
    PERFORM twin.record(owner, 'contact.created', 'Contact', ids, '{displayName,emails,name,organizations,phones,tags}');
    RETURN QUERY SELECT c.* FROM unnest(ids) WITH ORDINALITY AS i(id, place) JOIN twin.contacts AS c ON c."ownerId" = owner AND c.id = i.id ORDER BY place;
  END $$;
  COMMENT ON FUNCTION twin.record IS '@behavior -*';
  COMMENT ON FUNCTION twin.write_lists IS '@behavior -*';`
