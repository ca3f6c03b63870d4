ALTER TABLE interactions ADD CONSTRAINT interactions_kind CHECK (kind IN ('EMAIL', 'MEETING', 'CALL', 'MESSAGE', 'IN_PERSON', 'SOCIAL', 'OTHER'));
ALTER TABLE interactions ADD CONSTRAINT interactions_direction CHECK (direction IN ('INBOUND', 'OUTBOUND', 'MUTUAL'));
ALTER TABLE interactions ADD CONSTRAINT interactions_source CHECK (source IN ('GMAIL', 'CALENDAR', 'MANUAL'));
ALTER TABLE interaction_participants ADD CONSTRAINT interaction_participants_role CHECK (role IN ('FROM', 'TO', 'CC', 'BCC', 'ORGANIZER', 'ATTENDEE'));
