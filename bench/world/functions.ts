/** What the peers have besides tables: functions in the twin's schema by which PostGraphile has what its generated schema lacks; computed columns by its naming. */
export const peerFunctions = `
  CREATE OR REPLACE FUNCTION twin.contacts_last_interaction(contact twin.contacts) RETURNS twin.interactions LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT i.* FROM twin.interaction_contacts AS ic JOIN twin.interactions AS i ON i."ownerId" = ic."ownerId" AND i.id = ic."interactionId"
    WHERE ic."ownerId" = contact."ownerId" AND ic."contactId" = contact.id AND ic.counted AND i."hiddenAt" IS NULL ORDER BY ic."occurredAt" DESC, ic."interactionId" DESC LIMIT 1 $$;
  DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'participants_contact') THEN
      ALTER TABLE twin.interaction_participants ADD CONSTRAINT participants_contact FOREIGN KEY ("ownerId", "contactId") REFERENCES twin.contacts ("ownerId", id);
    END IF;
  END $$;`
