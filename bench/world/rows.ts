/** The day on which the data stands still: a Monday. What is due this week is due in the seven days from here. */
export const today = '2026-06-01T00:00:00Z'

/** Functions by which everything follows from numbers alone: ids that are ordered by time, as Kith's are, and chance that is always the same. */
export const functions = `
  CREATE FUNCTION bench.id(at timestamptz, kind int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(kind), 3, '0') || '8' || lpad(to_hex(n), 15, '0'))::uuid $$;
  CREATE FUNCTION bench.chance(n bigint, salt int, below int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT ((hashint8extended(n, salt) & 2147483647) % below)::int $$;`

/** The accounts; number 0 has the large book. Parameters: contacts of the book, of readers, of others; readers, accounts. */
export const accounts = `
  CREATE TABLE bench.accounts AS SELECT *, sum(contacts) OVER (ORDER BY a) - contacts AS first FROM (
    SELECT a::bigint, bench.id('2026-01-01', 1, a) AS "ownerId", CASE WHEN a = 0 THEN $1 WHEN a <= $4 THEN $2 ELSE $3 END::int AS contacts FROM generate_series(0, $5) AS a) AS sized;`

/** Which contact is which person, and when it was made. */
export const book = `
  CREATE TABLE bench.book AS SELECT b.*, bench.id(b.at, 2, b.n) AS id FROM (
    SELECT "ownerId", a, k, (first + k)::bigint AS n, (a * 7919::bigint + k) % $1::int AS person, timestamptz '${today}' - interval '700 days' + k * interval '31 minutes' + a * interval '7 seconds' AS at
    FROM bench.accounts CROSS JOIN LATERAL generate_series(0, contacts - 1) AS k) AS b;
  ANALYZE bench.book;`

const child = `source, edited`
const manual = `'MANUAL', false`

/** What goes into each table of the twin, by name, in an order in which each finds what it needs. */
export const inserts: Readonly<Record<string, string>> = {
  interactions: `
    INSERT INTO twin.interactions ("ownerId", id, kind, direction, source, "occurredAt", subject, "externalId", counted, "createdAt", "updatedAt")
    SELECT "ownerId", bench.id(at, 6, n), (ARRAY['EMAIL','EMAIL','MEETING','CALL','MESSAGE'])[1 + bench.chance(n, 31, 5)], (ARRAY['INBOUND','OUTBOUND','MUTUAL'])[1 + bench.chance(n, 32, 3)],
      (ARRAY['GMAIL','CALENDAR','MANUAL'])[1 + bench.chance(n, 33, 3)], at, t.body, 'bench-' || n, true, at, at
    FROM bench.happenings JOIN bench.texts AS t ON t.place = bench.chance(n, 34, 4096) AND t.kind = 'title' ORDER BY "ownerId", at`,
  interaction_contacts: `
    INSERT INTO twin.interaction_contacts ("ownerId", "interactionId", "contactId", "occurredAt", direction, counted)
    SELECT "ownerId", bench.id(at, 6, n), "contactId", at, (ARRAY['INBOUND','OUTBOUND','MUTUAL'])[1 + bench.chance(n, 32, 3)], true FROM bench.happenings`,
  interaction_participants: `
    INSERT INTO twin.interaction_participants ("ownerId", id, "interactionId", position, role, address, canonical, name, "contactId")
    SELECT h."ownerId", bench.id(h.at, 7, h.n * 4 + p), bench.id(h.at, 6, h.n), p, (ARRAY['FROM','TO','CC'])[p + 1], CASE p WHEN 1 THEN e.address ELSE 'person' || p || '@mail.example' END,
      CASE p WHEN 1 THEN e.canonical ELSE 'person' || p || '@mail.example' END, CASE p WHEN 1 THEN w."displayName" END, CASE p WHEN 1 THEN h."contactId" END
    FROM bench.happenings AS h JOIN bench.persons AS w ON w.n = h.person LEFT JOIN bench.person_emails AS e ON e.n = h.person AND e.position = 0
    CROSS JOIN LATERAL generate_series(0, 1 + bench.chance(h.n, 35, 2)) AS p WHERE bench.chance(h.n, 36, 3) > 0`,
  contacts: `
    INSERT INTO twin.contacts ("ownerId", id, "displayName", "sortName", "familySortName", "nameGiven", "nameFamily", "nameNickname", about, starred, "externalReference", provenance, "createdAt", "updatedAt", "lastInteractionAt")
    SELECT b."ownerId", b.id, p."displayName", p."sortName", p."familySortName", p.given, p.family, p.nickname, p.about, bench.chance(b.n, 1, 10) = 0, CASE WHEN bench.chance(b.n, 2, 5) = 0 THEN 'crm-' || b.n END, '{}',
      b.at, b.at + bench.chance(b.n, 3, 10000) * interval '1 minute', last.at
    FROM bench.book AS b JOIN bench.persons AS p ON p.n = b.person LEFT JOIN (SELECT "contactId", max(at) AS at FROM bench.happenings GROUP BY 1) AS last ON last."contactId" = b.id
    ORDER BY b.n`,
  contact_emails: `
    INSERT INTO twin.contact_emails ("ownerId", id, "contactId", position, address, normalized, canonical, "addressFolded", label, "primary", ${child})
    SELECT b."ownerId", bench.id(b.at, 10, b.n * 4 + e.position), b.id, e.position, e.address, e.normalized, e.canonical, e."addressFolded", e.label, e."primary", ${manual}
    FROM bench.book AS b JOIN bench.person_emails AS e ON e.n = b.person ORDER BY b.n, e.position`,
  contact_phones: `
    INSERT INTO twin.contact_phones ("ownerId", id, "contactId", position, number, e164, digits, label, "primary", ${child})
    SELECT b."ownerId", bench.id(b.at, 11, b.n * 4 + e.position), b.id, e.position, e.number, e.e164, e.digits, e.label, e."primary", ${manual}
    FROM bench.book AS b JOIN bench.person_phones AS e ON e.n = b.person ORDER BY b.n, e.position`,
  contact_organizations: `
    INSERT INTO twin.contact_organizations ("ownerId", id, "contactId", position, name, "nameFolded", department, title, ${child})
    SELECT b."ownerId", bench.id(b.at, 12, b.n * 4 + e.position), b.id, e.position, e.name, e."nameFolded", e.department, e.title, ${manual}
    FROM bench.book AS b JOIN bench.person_organizations AS e ON e.n = b.person ORDER BY b.n, e.position`,
  contact_addresses: `
    INSERT INTO twin.contact_addresses ("ownerId", id, "contactId", position, label, street, city, "postalCode", country, "countryCode", ${child})
    SELECT "ownerId", bench.id(at, 13, n), id, 0, 'home', 'Harbour Road ' || bench.chance(n, 5, 200), (ARRAY['Hamburg','Bremen','Kiel','Dresden'])[1 + bench.chance(n, 6, 4)], lpad(bench.chance(n, 7, 99999)::text, 5, '0'), 'Germany', 'DE', ${manual}
    FROM bench.book WHERE n % 3 = 0 ORDER BY n`,
  contact_urls: `
    INSERT INTO twin.contact_urls ("ownerId", id, "contactId", position, url, label, ${child})
    SELECT "ownerId", bench.id(at, 14, n), id, 0, 'https://www.example.org/people/' || n, 'home', ${manual} FROM bench.book WHERE n % 4 = 0 ORDER BY n`,
  contact_dates: `
    INSERT INTO twin.contact_dates ("ownerId", id, "contactId", position, kind, year, month, day, ${child})
    SELECT "ownerId", bench.id(at, 15, n), id, 0, 'BIRTHDAY', 1940 + bench.chance(n, 8, 70), 1 + bench.chance(n, 9, 12), 1 + bench.chance(n, 10, 28), ${manual} FROM bench.book WHERE n % 2 = 0 ORDER BY n`,
  contact_relations: `
    INSERT INTO twin.contact_relations ("ownerId", id, "contactId", position, name, kind, ${child})
    SELECT b."ownerId", bench.id(b.at, 16, b.n), b.id, 0, p.given || ' the elder', 'parent', ${manual} FROM bench.book AS b JOIN bench.persons AS p ON p.n = b.person WHERE b.n % 7 = 0 ORDER BY b.n`,
  contact_custom_fields: `
    INSERT INTO twin.contact_custom_fields ("ownerId", id, "contactId", position, name, value, ${child})
    SELECT b."ownerId", bench.id(b.at, 17, b.n), b.id, 0, 'Shoe size', (36 + bench.chance(b.n, 11, 12))::text, ${manual} FROM bench.book AS b WHERE b.n % 5 = 0 ORDER BY b.n`,
  contact_sources: `
    INSERT INTO twin.contact_sources ("ownerId", id, "contactId", kind, "externalId", "firstSeenAt", "lastSeenAt")
    SELECT "ownerId", bench.id(at, 18, n), id, 'IMPORT', 'bench-' || n, at, at FROM bench.book WHERE n % 2 = 1 ORDER BY n`,
  tags: `
    INSERT INTO twin.tags ("ownerId", id, name, "nameFolded", "createdAt")
    SELECT "ownerId", bench.id('2026-01-01', 5, a * 100::bigint + t.place), t.name, lower(t.name), '2026-01-01' FROM bench.accounts CROSS JOIN bench.tags AS t`,
  contact_tags: `
    INSERT INTO twin.contact_tags ("ownerId", "contactId", "tagId", position, ${child})
    SELECT "ownerId", id, bench.id('2026-01-01', 5, a * 100::bigint + place), row_number() OVER (PARTITION BY id ORDER BY said) - 1, ${manual} FROM (
      SELECT b."ownerId", b.id, b.a, t.place, 0 AS said FROM bench.book AS b JOIN bench.persons AS p ON p.n = b.person JOIN bench.tags AS t ON t.name = p.tag
      UNION SELECT b."ownerId", b.id, b.a, bench.chance(b.n, 12, bench.chance(b.n, 13, 12) + 1), 1 FROM bench.book AS b JOIN bench.persons AS p ON p.n = b.person
        WHERE bench.chance(b.n, 14, 10) < 6 AND p.tag IS DISTINCT FROM (SELECT name FROM bench.tags WHERE place = bench.chance(b.n, 12, bench.chance(b.n, 13, 12) + 1))) AS given`,
  notes: `
    INSERT INTO twin.notes ("ownerId", id, "contactId", body, pinned, "createdAt", "updatedAt")
    SELECT "ownerId", bench.id(at, 3, b.n * 8 + i), id, t.body, bench.chance(b.n * 8 + i, 20, 10) = 0, at + (i * 40 + bench.chance(b.n * 8 + i, 21, 40)) * interval '1 day', at + (i * 40 + 40) * interval '1 day'
    FROM (SELECT *, generate_series(0, 2 + CASE WHEN bench.chance(n, 22, 4) = 0 THEN 2 ELSE 0 END) AS i FROM bench.book) AS b JOIN bench.texts AS t ON t.kind = 'body' AND t.place = bench.chance(b.n * 8 + i, 23, 4096) ORDER BY b.n, i`,
  reminders: `
    INSERT INTO twin.reminders ("ownerId", id, "contactId", title, details, "startLocal", "dueLocal", "timeZone", "dueAt", state, "completedAt", "fireAt", "createdAt", "updatedAt")
    SELECT "ownerId", bench.id(at, 4, m), id, t.body, CASE WHEN bench.chance(m, 24, 4) = 0 THEN t.body || '.' END, local, local, 'Europe/Berlin', due, CASE WHEN late THEN 'DONE' ELSE 'OPEN' END, CASE WHEN late THEN due END, CASE WHEN late THEN NULL ELSE due END, at, at
    FROM (SELECT *, to_char(due AT TIME ZONE 'Europe/Berlin', 'YYYY-MM-DD"T"HH24:MI:SS') AS local, due < timestamptz '${today}' AND bench.chance(m, 25, 5) > 0 AS late FROM (
      SELECT *, n * 8 + i AS m, timestamptz '${today}' + (bench.chance(n * 8 + i, 26, 34944) - 17472) * interval '15 minutes' AS due FROM (SELECT *, generate_series(0, 2 + CASE WHEN bench.chance(n, 27, 5) = 0 THEN 1 ELSE 0 END) AS i FROM bench.book) AS b) AS d) AS r
    JOIN bench.texts AS t ON t.kind = 'title' AND t.place = bench.chance(m, 28, 4096) ORDER BY r.n, i`,
}

/** When who was in touch with whom: three times or a few more, of every twentieth contact thirty times, over the last 700 days. */
export const happenings = `
  CREATE TABLE bench.happenings AS SELECT "ownerId", id AS "contactId", person, n * 32 + i AS n, timestamptz '${today}' - bench.chance(n * 32 + i, 30, 60480000) * interval '1 second' AS at
  FROM (SELECT *, generate_series(0, CASE WHEN k % 20 = 0 THEN 29 ELSE 2 + bench.chance(n, 29, 3) END) AS i FROM bench.book) AS b;
  ANALYZE bench.happenings;`
