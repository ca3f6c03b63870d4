-- Every kind of mail there is: two branches had each named its own.
ALTER TABLE deliveries DROP CONSTRAINT deliveries_kind;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind CHECK (kind IN ('REMINDER', 'FOLLOW_UP_ALERT', 'DIGEST', 'GOOGLE_REAUTHORIZATION', 'POLICY_NOTICE', 'NEWS'));
