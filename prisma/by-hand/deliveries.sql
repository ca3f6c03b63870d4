ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind CHECK (kind IN ('REMINDER', 'FOLLOW_UP_ALERT', 'DIGEST'));
ALTER TABLE deliveries ADD CONSTRAINT deliveries_state CHECK (state IN ('PENDING', 'SENT', 'FAILED'));
