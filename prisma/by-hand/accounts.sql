ALTER TABLE directory_credentials ADD CONSTRAINT directory_credentials_kind CHECK (kind IN ('session', 'token'));
