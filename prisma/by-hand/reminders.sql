ALTER TABLE reminders ADD CONSTRAINT reminders_state CHECK (state IN ('OPEN', 'SNOOZED', 'DONE'));
